"""Partitions: some nodes cannot hear some others, for a while or on and off."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from harness.nemeses import flapping, witness
from harness.nemeses.beat import Beat
from harness.nemeses.grudges import SHAPES, between
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.options import Options
from harness.testbeds.testbed import Link, Testbed

FLAPPING = "flapping"
_FLAPPABLE = ("halves", "isolate-one", "one-way", "preference-list")


class Partition:
    """Blocks directed links between nodes in one of several shapes; flapping turns one on and off."""

    name = "partition"
    summary = "cut links between nodes, in seven shapes"
    needs = frozenset({"partition"})
    kinds = (*SHAPES, FLAPPING)
    owns = ""
    options: ClassVar[dict[str, str]] = {
        "kinds": f"which shapes: {', '.join(kinds)} (default: all)",
        "clients": "probability that some clients are on one side too, 0 to 1 (default 0)",
    }

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        self._read(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw a shape and its sides. None with fewer than two nodes."""
        kinds, clients = self._read(options)
        if len(scene.nodes) < 2:
            return None
        kind = rng.choice(kinds)
        shape = rng.choice(_FLAPPABLE) if kind == FLAPPING else kind
        owners = [chain[: scene.primaries] for chain in scene.preference_lists] or [scene.nodes]
        blocked = SHAPES[shape](scene.nodes, owners, rng)
        if not blocked:  # a bridge or a ring of too few nodes cuts nothing
            blocked = SHAPES["isolate-one"](scene.nodes, owners, rng)
        if kind == shape and clients > 0 and rng.random() < clients:
            blocked += _clients_away(scene, blocked, rng)
        details: dict[str, Any] = {"how": kind, "blocked": [list(link) for link in blocked]}
        if kind == FLAPPING:
            details["period_ms"] = rng.randint(100, max(101, int(800 * (1 - scene.intensity))))
        cut = {name for link in blocked for name in link}
        return Injection("partition", tuple(node for node in scene.nodes if node in cut), details)

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Block the links, or begin to flap."""
        period_ms = injection.details.get("period_ms")
        if period_ms is None:
            await testbed.block(injection.id, _blocked(injection))
            injection.witness = injection.witness or witness.begin(testbed, _blocked(injection), cut=True)
            return
        if injection.state is None:
            injection.state = Beat(
                testbed,
                period_ms / 1000,
                lambda: testbed.block(injection.id, _blocked(injection)),
                lambda: testbed.unblock(injection.id),
            )
        injection.witness = injection.witness or witness.begin(testbed, _blocked(injection), cut=False)
        await injection.state.start()

    async def doubt(self, testbed: Testbed, injection: Injection) -> str:
        """Whether the store uses these links, and no others."""
        return await witness.doubt(testbed, injection.witness)

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Send one packet on every blocked link: none may arrive; of flapping links some, at other times."""
        links = _blocked(injection)
        if injection.details["how"] == FLAPPING:
            return await flapping.watch(testbed, injection.state, links) if injection.state else None
        arrived = sum((await testbed.probe_links(links)).values())
        return {"sent": len(links), "arrived": arrived} if arrived == 0 else None

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Take back what this fault blocked."""
        if injection.state is not None:
            await injection.state.stop()
        await testbed.unblock(injection.id)

    def _read(self, options: dict[str, Any]) -> tuple[tuple[str, ...], float]:
        given = Options("nemesis `partition`", self.options, options)
        return given.some_of("kinds", self.kinds), given.number("clients", 0, 0, 1)


def _blocked(injection: Injection) -> list[Link]:
    return [(source, target) for source, target in injection.details["blocked"]]


def _clients_away(scene: Scene, blocked: list[Link], rng: Random) -> list[Link]:
    """Links that keep about half of the clients from the nodes of one side: those that some link misses."""
    side = sorted({source for source, _ in blocked})
    away = rng.sample(side, max(1, len(side) // 2))
    names = [name for names in scene.clients if rng.random() < 0.5 for name in names]
    return between(names, away)


NEMESES = (Partition(),)
