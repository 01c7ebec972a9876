"""Links that misbehave without being cut: loss, duplication, reordering, delay between replicas."""

from __future__ import annotations

import math
from random import Random
from typing import Any, ClassVar

from harness.nemeses import witness
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.options import Options
from harness.testbeds.testbed import Link as DirectedLink
from harness.testbeds.testbed import LinkShape, Testbed

_PROBED_TOGETHER = 3
_PACKETS = 60
"""Probe packets a link: at the least ratio, 5 %, all 180 pass untouched once in 10,000 probes."""
_LEAST_DELAY_MS = 20.0
"""Well above a probe's patience in simulation, so that a delay shows in what arrives in time."""


class Link:
    """Shapes links between replicas; a client's may only duplicate, and only where that is harmless."""

    name = "link"
    summary = "make links between nodes lose, duplicate, reorder or delay messages"
    needs = frozenset({"link"})
    kinds = ("loss", "duplicate", "reorder", "delay")
    owns = ""
    options: ClassVar[dict[str, str]] = {
        "kinds": f"which troubles: {', '.join(kinds)} (default: all)",
        "max_ratio": "the largest share of messages lost, duplicated or reordered, 0.05 to 0.9 (default 0.4)",
        "max_delay_ms": "the largest added delay, ms, at least 20 (default 200)",
        "clients": "probability that duplication acts on the links of clients, too, 0 to 1 (default 0); a "
        "testbed does so only where clients number their writes",
    }

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        self._read(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw one trouble or several, and the links: all of some nodes, or some of all."""
        kinds, max_ratio, max_delay_ms, clients = self._read(options)
        if len(scene.nodes) < 2:
            return None
        drawn = rng.sample(kinds, rng.randint(1, len(kinds)))
        shape: dict[str, float] = {}
        for kind in kinds:
            if kind in drawn and kind != "delay":
                shape[kind] = round(rng.uniform(0.05, 0.05 + (max_ratio - 0.05) * scene.intensity), 3)
        if "delay" in drawn:
            top_ms = _LEAST_DELAY_MS + (max_delay_ms - _LEAST_DELAY_MS) * scene.intensity
            shape["delay_ms"] = round(rng.uniform(_LEAST_DELAY_MS, top_ms), 3)
            shape["jitter_ms"] = round(rng.uniform(0.5, 10), 3)
        if "reorder" in drawn:  # who overtakes must have somebody late to overtake
            shape["jitter_ms"] = round(rng.uniform(_LEAST_DELAY_MS, 3 * _LEAST_DELAY_MS), 3)
        centre = rng.sample(scene.nodes, rng.randint(1, len(scene.nodes)))
        links = [
            [source, target]
            for source in scene.nodes
            for target in scene.nodes
            if source != target and (source in centre or (target in centre and rng.random() < 0.5))
        ]
        touched = {name for link in links for name in link}
        nodes = tuple(node for node in scene.nodes if node in touched)
        kind = "+".join(kind for kind in kinds if kind in drawn)
        details: dict[str, Any] = {"how": kind, "shape": shape, "links": links}
        if "duplicate" in shape and clients > 0 and rng.random() < clients:
            names = [name for lives in scene.clients for name in lives]
            details["client_links"] = [
                link for name in names for node in nodes for link in ([name, node], [node, name])
            ]
        return Injection("link", nodes, details)

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Shape the links."""
        injection.witness = injection.witness or witness.begin(testbed, _links(injection), cut=False)
        shape = LinkShape(**injection.details["shape"])
        await testbed.shape(injection.id, _links(injection), shape)
        if "client_links" in injection.details:
            links = [(source, target) for source, target in injection.details["client_links"]]
            await testbed.shape(injection.id, links, LinkShape(duplicate=shape.duplicate))

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Count probe packets on a few of the links, and time them; on more, until some show it.

        An untouched link delivers each packet once and soon: more or fewer in the probe's time show loss,
        duplication, delay or jitter; a probe that waits longer shows a delay by what it took. None at all
        shows only a delay: with loss it would be another fault's block.
        """
        links = _links(injection)
        delay_ms = injection.details["shape"].get("delay_ms", math.inf)
        for start in range(0, len(links), _PROBED_TOGETHER):
            probed = links[start : start + _PROBED_TOGETHER]
            began = testbed.now()
            counts = await testbed.probe_links(probed, _PACKETS)
            took_ms = (testbed.now() - began) / 1e6
            arrived = [counts[link] for link in probed]
            late = took_ms >= delay_ms or (0 in arrived and delay_ms < math.inf)
            if late or any(0 < count != _PACKETS for count in arrived):
                return {"sent": _PACKETS, "arrived": arrived, "took_ms": round(took_ms, 3)}
        return None

    async def doubt(self, testbed: Testbed, injection: Injection) -> str:
        """Whether the store uses these links, and no others."""
        return await witness.doubt(testbed, injection.witness)

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Take back what this fault shaped."""
        await testbed.unblock(injection.id)

    def _read(self, options: dict[str, Any]) -> tuple[tuple[str, ...], float, float, float]:
        given = Options("nemesis `link`", self.options, options)
        return (
            given.some_of("kinds", self.kinds),
            given.number("max_ratio", 0.4, 0.05, 0.9),
            given.number("max_delay_ms", 200, _LEAST_DELAY_MS, 60_000),
            given.number("clients", 0, 0, 1),
        )


def _links(injection: Injection) -> list[DirectedLink]:
    return [(source, target) for source, target in injection.details["links"]]


NEMESES = (Link(),)
