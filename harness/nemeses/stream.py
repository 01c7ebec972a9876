"""Byte streams that misbehave without being cut: what a link of TCP connections can suffer.

A stream loses, doubles and reorders nothing; it is late, slow, in pieces, stuck for a while, or reset.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any, ClassVar, cast

from harness.nemeses import witness
from harness.nemeses.beat import Beat
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.options import Options
from harness.testbeds.testbed import Link, LinkShape, Streams, Testbed

_LINKS_PROBED = 6
_LEAST_DELAY_MS = 20.0
_LEAST_SPLIT_BYTES = 16
"""Smaller pieces, a millisecond apart, would throttle rather than split."""
_PACKET_BITS = 128
_BURST = 16
"""Packets of a probe that are written at once, 256 bytes, so that pieces can be told from packets."""


class Stream:
    """One trouble at a time, on all streams of some nodes, both ways."""

    name = "stream"
    summary = "make byte streams between nodes late, slow, split, stuck or reset"
    needs = frozenset({"stream"})
    kinds = ("delay", "throttle", "split", "stall", "reset")
    owns = ""
    options: ClassVar[dict[str, str]] = {
        "kinds": f"which troubles: {', '.join(kinds)} (default: all)",
        "max_delay_ms": "the largest added delay, ms, at least 20 (default 200)",
        "min_rate_kbps": "the least kilobits a second of a throttled stream, 8 to 10000 (default 64)",
        "max_split_bytes": "pieces of at most so many bytes, a ms apart, 16 to 128 (default 64)",
        "max_period_ms": "the longest time between two stalls or resets, ms, 200 to 60000 (default 1500)",
    }

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        _read(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the trouble, its size, and the nodes whose streams have it. None with fewer than two nodes."""
        given = _read(options)
        if len(scene.nodes) < 2:
            return None
        how = rng.choice(given["kinds"])
        details: dict[str, Any] = {"how": how}
        hard = 0.3 + 0.7 * scene.intensity
        if how == "delay":
            top_ms = _LEAST_DELAY_MS + (given["max_delay_ms"] - _LEAST_DELAY_MS) * hard
            delay_ms = round(rng.uniform(_LEAST_DELAY_MS, top_ms), 3)
            details["shape"] = {"delay_ms": delay_ms, "jitter_ms": round(rng.uniform(0, delay_ms / 2), 3)}
        elif how == "throttle":
            least = given["min_rate_kbps"]
            details["shape"] = {"rate_kbps": round(least * 8 ** (rng.random() * (1.3 - hard)), 3)}
        elif how == "split":
            details["shape"] = {"split_bytes": rng.randint(_LEAST_SPLIT_BYTES, int(given["max_split_bytes"]))}
        else:
            details["period_ms"] = rng.randint(200, max(200, int(given["max_period_ms"])))
        centre = rng.sample(scene.nodes, rng.randint(1, len(scene.nodes)))
        details["links"] = [
            [source, target]
            for source in scene.nodes
            for target in scene.nodes
            if source != target and (source in centre or target in centre)
        ]
        return Injection("link", scene.nodes, details)

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Shape the streams, or begin to stall or reset them again and again."""
        injection.witness = injection.witness or witness.begin(testbed, _links(injection), cut=False)
        links, shape = _links(injection), injection.details.get("shape")
        if shape is not None:
            await testbed.shape(injection.id, links, LinkShape(**shape))
            return
        if injection.state is None:
            injection.state = _beat(testbed, injection, links)
        await injection.state.start()

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Send bytes over some of the links, until one shows what was meant."""
        for link in _links(injection)[:_LINKS_PROBED]:
            seen = await _PROBES[injection.details["how"]](testbed, injection, link)
            if seen is not None:
                return {"link": list(link), **seen}
        return None

    async def doubt(self, testbed: Testbed, injection: Injection) -> str:
        """Whether the store uses these links, and no others."""
        return await witness.doubt(testbed, injection.witness)

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Take back what this fault did."""
        if injection.state is not None:
            await injection.state.stop()
        await testbed.unblock(injection.id)


def _beat(testbed: Testbed, injection: Injection, links: list[Link]) -> Beat:
    """A stall is a link that moves nothing for half a period; a reset comes once in one."""
    period_s = injection.details["period_ms"] / 1000
    if injection.details["how"] == "stall":
        return Beat(
            testbed,
            period_s,
            lambda: testbed.block(injection.id, links),
            lambda: testbed.unblock(injection.id),
        )

    async def reset() -> None:
        await cast(Streams, testbed).reset_links(links)

    async def nothing() -> None: ...

    return Beat(testbed, period_s, reset, nothing)


async def _late(testbed: Testbed, injection: Injection, link: Link) -> dict[str, Any] | None:
    """No packet came sooner than the delay."""
    delay_ms = injection.details["shape"]["delay_ms"]
    seen = await cast(Streams, testbed).probe_stream(link, 0.1)
    bites = seen.arrived and seen.least_ms >= delay_ms * 0.95
    return {"arrived": seen.arrived, "least_ms": round(seen.least_ms, 3)} if bites else None


async def _slow(testbed: Testbed, injection: Injection, link: Link) -> dict[str, Any] | None:
    """Of what takes a second at this rate some came, and not all, in a probe's time of a quarter of one."""
    packets = math.ceil(injection.details["shape"]["rate_kbps"] * 1000 / _PACKET_BITS)
    arrived = (await testbed.probe_links([link], packets))[link]
    return {"sent": packets, "arrived": arrived} if 0 < arrived < packets * 0.8 else None


async def _split(testbed: Testbed, _: Injection, link: Link) -> dict[str, Any] | None:
    """What was written at once came in several pieces."""
    seen = await cast(Streams, testbed).probe_stream(link, 0.1, _BURST)
    bites = seen.arrived and seen.pieces >= 2 * seen.arrived / _BURST
    return {"writes": seen.sent // _BURST, "pieces": seen.pieces} if bites else None


async def _stuck(testbed: Testbed, injection: Injection, link: Link) -> dict[str, Any] | None:
    """Some packets came at once, and some waited for a good part of a stall."""
    period_ms = injection.details["period_ms"]
    seen = await cast(Streams, testbed).probe_stream(link, 1.5 * period_ms / 1000)
    bites = seen.arrived and seen.least_ms < period_ms / 4 and seen.most_ms > period_ms / 4
    return {"least_ms": round(seen.least_ms, 3), "most_ms": round(seen.most_ms, 3)} if bites else None


async def _broken(testbed: Testbed, injection: Injection, link: Link) -> dict[str, Any] | None:
    """A connection did not last longer than a period."""
    seen = await cast(Streams, testbed).probe_stream(link, 1.5 * injection.details["period_ms"] / 1000)
    return {"reset": True, "arrived": seen.arrived} if seen.reset else None


_PROBES = {"delay": _late, "throttle": _slow, "split": _split, "stall": _stuck, "reset": _broken}


def _read(options: dict[str, Any]) -> dict[str, Any]:
    given = Options("nemesis `stream`", Stream.options, options)
    return {
        "kinds": given.some_of("kinds", Stream.kinds),
        "max_delay_ms": given.number("max_delay_ms", 200, _LEAST_DELAY_MS, 60_000),
        "min_rate_kbps": given.number("min_rate_kbps", 64, 8, 10_000),
        "max_split_bytes": given.number("max_split_bytes", 64, _LEAST_SPLIT_BYTES, 128),
        "max_period_ms": given.number("max_period_ms", 1500, 200, 60_000),
    }


def _links(injection: Injection) -> list[Link]:
    return [(source, target) for source, target in injection.details["links"]]


NEMESES = (Stream(),)
