"""The nemesis lanes of one run: each makes one fault after the other, and they all run at once.

A fault's life, each moment recorded: requested, inject, effective, verify, verified, hold, heal, healed. A
fault that the store's own doings may yet refute is called verified only as its hold ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.nemeses.nemesis import Injection, Nemesis, Scene
from harness.plan.seeds import stream
from harness.run.loss import losses, may_lose_data
from harness.run.state import RunState
from harness.run.swarm import Lane

SLICE_S = 0.1
"""How soon a waiting lane notices that the run ends."""
LEAST_QUIET_S = 0.01
TRIES = 2
"""How often a probe may look before a fault counts as unverified."""
_HEALED_IN_ORDER = (
    frozenset({"pause", "freeze"}),
    frozenset({"kill", "restart", "power-cut", "wipe", "truncate", "bitflip"}),
    frozenset({"partition", "link"}),
)
"""Resume, start, heal links; then all else, clocks with it: a start must not meet a stopped process."""


@dataclass(slots=True)
class _Active:
    """A fault that was requested and is not healed."""

    nemesis: Nemesis
    injection: Injection
    healing: bool = False
    proof: dict[str, Any] | None = None
    """What the probe saw, kept back from a nemesis that may yet doubt it."""
    proved: bool = False


@dataclass(slots=True)
class Lanes:
    """All faults of one run."""

    state: RunState
    lanes: Sequence[Lane]
    seed: int
    _active: list[_Active] = field(default_factory=list)
    _lossy: dict[str, str] = field(default_factory=dict)
    _may_lose_data: tuple[str, ...] = ()
    _requested: int = 0

    def __post_init__(self) -> None:
        config, nodes = self.state.deployment.config, self.state.testbed.nodes
        self._lossy = losses(config)
        self._may_lose_data = may_lose_data(config, nodes, stream(self.seed, "may-lose-data"))

    async def run(self) -> None:
        """Until the run is stopping. What is still active then waits for `heal`."""
        spawn = self.state.testbed.spawn
        tasks = [spawn(self._lane(lane), f"lane {lane.number}") for lane in self.lanes]
        for task in tasks:
            await task

    async def heal(self) -> None:
        """Heal whatever is active: resume, start, heal links, reset clocks. Goes on past what breaks."""
        for active in sorted(self._active, key=lambda active: _rank(active.injection.fault)):
            await self._heal(active)

    def holds(self, node: str) -> bool:
        """Whether a fault holds the node's process: then its heal starts it."""
        return any(
            active.nemesis.owns == "process" and node in active.injection.nodes for active in self._active
        )

    async def _lane(self, lane: Lane) -> None:
        """One fault after the other. Whatever breaks here stops the run."""
        rng = stream(self.seed, "lane", lane.number)
        intensity = rng.random()
        try:
            while not self.state.stopping:
                await self._wait(max(LEAST_QUIET_S, rng.uniform(*lane.plan.quiet_s)))
                hold_s = rng.uniform(*lane.plan.hold_s)
                scene = self._scene(lane.nemesis, hold_s, intensity)
                injection = None if self.state.stopping else lane.nemesis.plan(scene, lane.options, rng)
                if injection is None:
                    continue
                active = _Active(lane.nemesis, injection)
                self._active.append(active)
                await self._bite(active)
                await self._wait(hold_s)
                while not self.state.stopping and not await self._over(active):
                    await self._wait(SLICE_S)
                if self.state.stopping:
                    return  # the heal phase undoes it, in its turn
                await self._heal(active)
        except Exception as error:
            self.state.fail("nemesis", error)

    async def _over(self, active: _Active) -> bool:
        over = getattr(active.nemesis, "over", None)
        return over is None or bool(await over(self.state.testbed, active.injection))

    async def _bite(self, active: _Active) -> None:
        """Requested to verified."""
        nemesis, injection = active.nemesis, active.injection
        testbed = self.state.testbed
        self._requested += 1
        injection.id = f"f{self._requested}"
        self._record("requested", injection, injection.details)
        await nemesis.inject(testbed, injection)
        self._record("effective", injection)
        for _ in range(TRIES):
            active.proof = await nemesis.verify(testbed, injection)
            if active.proof is not None:
                break
        if not hasattr(nemesis, "doubt"):
            self._proved(active)

    async def _prove(self, active: _Active) -> str:
        """The last look before a fault is healed; why it is not proved, empty if it is.

        A probe that found nobody to ask at first (the node was down) may find somebody now.
        """
        nemesis, testbed = active.nemesis, self.state.testbed
        if active.proved:
            return ""
        if self.state.interrupted or self.state.failures:
            return "the run was broken off"
        if active.proof is None:
            active.proof = await nemesis.verify(testbed, active.injection)
        if active.proof is None:
            return "no probe saw it bite"
        doubt = getattr(nemesis, "doubt", None)
        why = "" if doubt is None else str(await doubt(testbed, active.injection))
        if not why:
            self._proved(active)
        return why

    def _proved(self, active: _Active) -> None:
        if active.proof is not None:
            active.proved = True
            self._record("verified", active.injection, {"probe": active.proof})

    async def _heal(self, active: _Active) -> None:
        if active.healing:
            return
        active.healing = True
        injection = active.injection
        announced = dict(injection.details)
        why = "the probe broke"
        try:
            why = await self._prove(active)
        except Exception as error:
            self.state.fail("nemesis", error)
        try:
            await active.nemesis.heal(self.state.testbed, injection)
            changed = {
                name: value for name, value in injection.details.items() if announced.get(name) != value
            }
            if why:
                changed["probe"] = {"unverified": why}
            self._record("healed", injection, changed)
        except Exception as error:
            self.state.fail("nemesis", error)
            return
        self._active.remove(active)
        if injection.fault in _HEALED_IN_ORDER[1]:
            for node in injection.nodes:
                self.state.restarts[node] = self.state.testbed.now()

    def _scene(self, nemesis: Nemesis, hold_s: float, intensity: float) -> Scene:
        state = self.state
        owned = [
            node
            for active in self._active
            if nemesis.owns and active.nemesis.owns == nemesis.owns
            for node in active.injection.nodes
        ]
        if nemesis.owns:
            owned += state.down  # no fault of its process can be seen to bite, nor undone, before it serves
        chains = (state.deployment.preference_list(key) for key in state.keys)
        return Scene(
            nodes=state.testbed.nodes,
            preference_lists=tuple(dict.fromkeys(chains)),
            primaries=int(state.deployment.config.get("n", 1)),
            may_lose_data=self._may_lose_data,
            lossy=self._lossy,
            busy=frozenset(owned),
            hold_s=hold_s,
            intensity=intensity,
            members=state.testbed.operator.members() if state.testbed.operator else (),
            clients=self._client_names(hold_s),
        )

    def _client_names(self, hold_s: float) -> tuple[tuple[str, ...], ...]:
        """Each client's names while a fault may last: every timeout can retire one more process."""
        lives = 2 + math.ceil(hold_s / self.state.timeout_s)
        return tuple(
            tuple(f"c{process + life * self.state.clients}" for life in range(lives))
            for process in self.state.processes
        )

    async def _wait(self, seconds: float) -> None:
        """Sleep, but no longer than the run goes on."""
        while seconds > 0 and not self.state.stopping:
            step = min(seconds, SLICE_S)
            await self.state.testbed.sleep(step)
            seconds -= step

    def _record(self, type: str, injection: Injection, details: dict[str, Any] | None = None) -> None:
        self.state.recorder.fault(type, injection.id, injection.fault, injection.nodes, details or {})


def _rank(fault: str) -> int:
    ranks = (rank for rank, faults in enumerate(_HEALED_IN_ORDER) if fault in faults)
    return next(ranks, len(_HEALED_IN_ORDER))
