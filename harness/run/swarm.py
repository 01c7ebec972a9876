"""What this seed switches off: whole lanes, and kinds of fault within a lane. Always-on faults hide bugs.

A probability is drawn up front, then a coin decides for each; never everything is off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from harness.nemeses.nemesis import Nemesis
from harness.plan.schema import LanePlan, NemesisPlan
from harness.plan.seeds import stream

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane as this run drew it: its place in the plan, its nemesis, and its options, kinds narrowed."""

    number: int
    plan: LanePlan
    nemesis: Nemesis
    options: dict[str, Any]


def draw(plan: NemesisPlan, nemeses: Sequence[Nemesis], seed: int) -> list[Lane]:
    """The lanes that this seed leaves on. `nemeses` are those of `plan.lanes`, in order."""
    rng = stream(seed, "swarm")
    off = rng.uniform(0.0, 0.7) if plan.swarm else 0.0
    lanes = []
    for number, (lane, nemesis) in enumerate(zip(plan.lanes, nemeses, strict=True)):
        options = dict(lane.options)
        allowed = [kind for kind in nemesis.kinds if kind in options.get("kinds", nemesis.kinds)]
        if allowed:
            options["kinds"] = left_on(allowed, off, rng)
        lanes.append(Lane(number, lane, nemesis, options))
    return left_on(lanes, off, rng)


def left_on(things: Sequence[T], off: float, rng: Random) -> list[T]:
    """Those that a coin with probability `off` does not switch off, in order; at least one."""
    if not things:
        return []
    spared = rng.randrange(len(things))
    coins = [rng.random() for _ in things]
    return [thing for place, thing in enumerate(things) if place == spared or coins[place] >= off]
