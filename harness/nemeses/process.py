"""Processes that end, stop or lose their disk: kill, pause, power-cut, wipe.

A killed node starts again from what its disk held, a paused one goes on as if nothing had been, a power
cut loses what was not synced, a wipe loses everything. Each holds its nodes until they serve again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from harness.nemeses.nemesis import Injection, Scene
from harness.nemeses.victims import victims
from harness.plan.options import Options
from harness.testbeds.testbed import Testbed

Action = Callable[[Testbed, str], Awaitable[None]]


async def _kill(testbed: Testbed, node: str) -> None:
    await testbed.kill(node)


async def _pause(testbed: Testbed, node: str) -> None:
    await testbed.pause(node)


async def _power_cut(testbed: Testbed, node: str) -> None:
    await testbed.power_cut(node)


async def _wipe(testbed: Testbed, node: str) -> None:
    await testbed.kill(node)
    await testbed.wipe(node)


async def _start(testbed: Testbed, node: str) -> None:
    await testbed.start(node)


async def _resume(testbed: Testbed, node: str) -> None:
    await testbed.resume(node)


@dataclass(frozen=True, slots=True)
class ProcessFault:
    """One fault of node processes: what it does, how a node then looks to a probe, and what undoes it."""

    name: str
    summary: str
    needs: frozenset[str]
    looks: str
    """What `alive` says while it is in effect."""
    do: Action
    undo: Action
    kinds: tuple[str, ...] = ()
    owns: str = "process"

    @property
    def options(self) -> dict[str, str]:
        """What a plan may say of it."""
        return {"max_nodes": "the most nodes hit at once (default 2)"}

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        self._most(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the nodes. None while none may be hit."""
        nodes = victims(scene, self.name, self._most(options), rng)
        if not nodes:
            return None
        # A power cut always says what it could take: whether that was anything is what a check finds out.
        lost = scene.lossy.get(self.name, "unsynced" if self.name == "power-cut" else None)
        return Injection(self.name, nodes, {} if lost is None else {"lost": lost})

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Hit every node."""
        for node in injection.nodes:
            await self.do(testbed, node)

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Ask each node's process how it is and, after a wipe, its disk what it holds."""
        seen: dict[str, Any] = {"alive": {node: await testbed.alive(node) for node in injection.nodes}}
        bites = all(state == self.looks for state in seen["alive"].values())
        if self.name == "wipe":
            seen["records"] = {node: await testbed.stored_records(node) for node in injection.nodes}
            bites = bites and not any(seen["records"].values())
        return seen if bites else None

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Let every node serve again."""
        for node in injection.nodes:
            await self.undo(testbed, node)

    def _most(self, options: dict[str, Any]) -> int:
        return int(Options(f"nemesis `{self.name}`", self.options, options).number("max_nodes", 2, 1, 1000))


NEMESES = (
    ProcessFault(
        name="kill",
        summary="end processes at once and start them again",
        needs=frozenset({"kill"}),
        looks="down",
        do=_kill,
        undo=_start,
    ),
    ProcessFault(
        name="pause",
        summary="stop processes while their clocks run on",
        needs=frozenset({"pause"}),
        looks="paused",
        do=_pause,
        undo=_resume,
    ),
    ProcessFault(
        name="power-cut",
        summary="end nodes and lose what their disks had not synced",
        needs=frozenset({"power-cut"}),
        looks="down",
        do=_power_cut,
        undo=_start,
    ),
    ProcessFault(
        name="wipe",
        summary="end processes, erase their disks, start them empty",
        needs=frozenset({"kill", "wipe"}),
        looks="down",
        do=_wipe,
        undo=_start,
    ),
)
