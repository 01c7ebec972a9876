"""Disks that damage what they store: a node's file cut short or with bits flipped, while the node is down.

Only nodes that may lose data are hit. A node that does not start on what is left of its files is wiped and
starts empty, as its operator would do; the history then says that it lost everything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from harness.errors import HarnessError
from harness.nemeses.nemesis import Injection, Scene
from harness.nemeses.victims import victims
from harness.plan.options import Options
from harness.testbeds.testbed import Files, Testbed

MOST_FLIPS = 8
_BIGGEST_CUT = 0.5
Act = Callable[[Files, str, Any], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class FileFault:
    """Kill, damage, start."""

    name: str
    summary: str
    draw: Callable[[Random, float], Any]
    """What to do to one node's file, from the intensity."""
    act: Act
    kinds: tuple[str, ...] = ()
    owns: str = "process"

    @property
    def needs(self) -> frozenset[str]:
        """The kill, and the damage itself."""
        return frozenset({"kill", self.name})

    @property
    def options(self) -> dict[str, str]:
        """What a plan may say of it."""
        return {"max_nodes": "the most nodes hit at once (default 1)"}

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        self._most(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the nodes, and for each what to do. None while none may be hit."""
        nodes = victims(scene, self.name, self._most(options), rng)
        if not nodes:
            return None
        plan = {node: self.draw(rng, scene.intensity) for node in nodes}
        return Injection(self.name, nodes, {"lost": "part"}, state=_Done(plan))

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Kill each node, and damage its files once."""
        done: _Done = injection.state
        for node in injection.nodes:
            await testbed.kill(node)
            if node not in done.what:
                done.what[node] = await self.act(cast(Files, testbed), node, done.plan[node])

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Ask each node's process how it is, and read its file again."""
        done: _Done = injection.state
        alive = {node: await testbed.alive(node) for node in injection.nodes}
        damaged = {node: await cast(Files, testbed).damaged(node) for node in injection.nodes}
        bites = set(alive.values()) == {"down"} and all(damaged.values())
        return {"alive": alive, "done": done.what} if bites else None

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Start each node on what is left, or empty if it does not start on that."""
        for node in injection.nodes:
            try:
                await testbed.start(node)
            except HarnessError as refusal:
                await testbed.kill(node)
                await testbed.wipe(node)
                await testbed.start(node)
                wiped = {**injection.details.get("wiped", {}), node: str(refusal)}
                injection.details |= {"lost": "all", "wiped": wiped}

    def _most(self, options: dict[str, Any]) -> int:
        return int(Options(f"nemesis `{self.name}`", self.options, options).number("max_nodes", 1, 1, 1000))


@dataclass(slots=True)
class _Done:
    """What is to be done to each node, and what was."""

    plan: dict[str, Any]
    what: dict[str, dict[str, Any]] = field(default_factory=dict)


def _share(rng: Random, intensity: float) -> float:
    """How much to cut off: often little, a torn record, and seldom half of the file."""
    return round(float(rng.random() ** 4 * (0.05 + (_BIGGEST_CUT - 0.05) * intensity)), 6)


def _places(rng: Random, intensity: float) -> list[float]:
    """Where to flip bits, as fractions of the file."""
    return [rng.random() for _ in range(rng.randint(1, max(1, round(MOST_FLIPS * intensity))))]


async def _truncate(files: Files, node: str, share: float) -> dict[str, Any]:
    return await files.truncate(node, share)


async def _bitflip(files: Files, node: str, places: list[float]) -> dict[str, Any]:
    return await files.bitflip(node, places)


NEMESES = (
    FileFault("truncate", "end nodes, cut their files short, start them again", _share, _truncate),
    FileFault("bitflip", "end nodes, flip bits in their files, start them again", _places, _bitflip),
)
