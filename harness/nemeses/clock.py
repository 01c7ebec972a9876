"""Clocks that lie: wall clocks that jump, flicker or run at the wrong rate. Monotonic clocks stay true."""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from harness.nemeses.beat import Beat
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.options import Options
from harness.testbeds.testbed import Testbed

_LEAST_MS = 5.0
_PROBE_S = 0.05
"""Between two readings of a drifting clock."""


class Clock:
    """Skews the wall clock of some nodes.

    `bump` sets it off by a fixed offset, `strobe` to and fro between true and off, `drift` lets it run fast
    or slow. `max_offset_ms` is announced as a bound when requested, and is what was reached when healed.
    """

    name = "clock"
    summary = "skew wall clocks: bump, strobe, drift"
    needs = frozenset({"skew"})
    kinds = ("bump", "strobe", "drift")
    owns = "clock"
    options: ClassVar[dict[str, str]] = {
        "kinds": f"which ways: {', '.join(kinds)} (default: all)",
        "max_offset_ms": "the largest offset, ms (default 5000)",
        "max_drift_ppm": "the largest drift, parts per million (default 100000)",
    }

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""
        self._read(options)

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the nodes (of which no other skew holds one), the way and the size."""
        kinds, max_offset_ms, max_drift_ppm = self._read(options)
        free = [node for node in scene.nodes if node not in scene.busy]
        if not free:
            return None
        nodes = sorted(rng.sample(free, min(len(free), rng.choice((1, 1, 2, len(free))))))
        details: dict[str, Any] = {"how": rng.choice(kinds)}
        if details["how"] == "drift":
            rates = {node: _signed(1000, max_drift_ppm, scene.intensity, rng) for node in nodes}
            details["rate_ppm"] = rates
            # A generous bound, until the true one is known: the hold may end late.
            largest = max(abs(rate) for rate in rates.values())
            details["max_offset_ms"] = round(largest * (2 * scene.hold_s + 5) / 1000, 3)
        else:
            offsets = {node: _signed(_LEAST_MS, max_offset_ms, scene.intensity, rng) for node in nodes}
            details["offset_ms"] = offsets
            details["max_offset_ms"] = max(abs(offset) for offset in offsets.values())
        if details["how"] == "strobe":
            details["period_ms"] = rng.randint(20, 400)
        return Injection("skew", tuple(nodes), details)

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Set the clocks, or begin to strobe."""
        if injection.details["how"] == "strobe":
            if injection.state is None:
                injection.state = Beat(
                    testbed,
                    injection.details["period_ms"] / 1000,
                    lambda: _set(testbed, injection),
                    lambda: _reset(testbed, injection),
                )
            await injection.state.start()
        elif injection.state is None:
            injection.state = testbed.now()
            await _set(testbed, injection)

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Read the clocks from the nodes: off by what was meant, or moving at the rate that was meant."""
        if injection.details["how"] == "drift":
            return await self._verify_drift(testbed, injection)
        wanted: dict[str, float] = injection.details["offset_ms"]
        seen: dict[str, float] = {}
        for _ in range(1 if injection.details["how"] == "bump" else 12):
            for node in injection.nodes:
                offset = await testbed.clock_offset_ms(node)
                if offset is None:
                    continue
                if node not in seen or abs(offset) > abs(seen[node]):
                    seen[node] = offset
            if all(node in seen and _near(seen[node], wanted[node]) for node in injection.nodes):
                return {"offset_ms": _rounded(seen)}
            await testbed.sleep(injection.details.get("period_ms", 0) / 3000)
        return None

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Put the clocks back to the true time, and say how far they were off at most."""
        if isinstance(injection.state, Beat):
            await injection.state.stop()
        elif injection.details["how"] == "drift" and injection.state is not None:
            said = [await testbed.clock_offset_ms(node) for node in injection.nodes]
            reached = [abs(offset) for offset in said if offset is not None]
            seconds = (testbed.now() - injection.state) / 1e9
            ran = [abs(rate) * seconds / 1000 for rate in injection.details["rate_ppm"].values()]
            injection.details["max_offset_ms"] = round(max(reached + ran), 3)
        await _reset(testbed, injection)

    async def _verify_drift(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        first = {node: await testbed.clock_offset_ms(node) for node in injection.nodes}
        began = testbed.now()
        await testbed.sleep(_PROBE_S)
        seen = {}
        for node, rate_ppm in injection.details["rate_ppm"].items():
            before, offset = first[node], await testbed.clock_offset_ms(node)
            if before is None or offset is None:
                return None
            seconds = (testbed.now() - began) / 1e9
            seen[node] = (offset - before) * 1000 / seconds
            if seen[node] * rate_ppm <= 0 or not 0.5 < abs(seen[node] / rate_ppm) < 2:
                return None
        return {"rate_ppm": _rounded(seen)}

    def _read(self, options: dict[str, Any]) -> tuple[tuple[str, ...], float, float]:
        given = Options("nemesis `clock`", self.options, options)
        return (
            given.some_of("kinds", self.kinds),
            given.number("max_offset_ms", 5000, _LEAST_MS, 86_400_000),
            given.number("max_drift_ppm", 100_000, 1000, 500_000),
        )


async def _set(testbed: Testbed, injection: Injection) -> None:
    for node in injection.nodes:
        await testbed.set_clock(
            node,
            injection.details.get("offset_ms", {}).get(node, 0.0),
            injection.details.get("rate_ppm", {}).get(node, 0.0),
        )


async def _reset(testbed: Testbed, injection: Injection) -> None:
    for node in injection.nodes:
        await testbed.set_clock(node, 0.0)


def _signed(least: float, most: float, intensity: float, rng: Random) -> float:
    """A size from `least` to `most`, as likely small as large on a logarithmic scale, of either sign."""
    top = least * (most / least) ** (0.5 + intensity / 2)
    return round(float(least * (top / least) ** rng.random()) * rng.choice((-1, 1)), 3)


def _near(seen_ms: float, wanted_ms: float) -> bool:
    return abs(seen_ms - wanted_ms) <= 2 + abs(wanted_ms) / 10


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {node: round(value, 3) for node, value in values.items()}


NEMESES = (Clock(),)
