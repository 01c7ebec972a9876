"""How flapping is proved: in each half beat a packet is sent on every link, and counted before the next.

It goes by the beat and not by a clock of its own: links that hold bytes back deliver them after the cut, and
a probe that waits across the beat would see everything arrive, or, on a busy machine, nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.nemeses.beat import Beat
from harness.testbeds.testbed import Link, OpenProbe, Testbed

HALVES = 12
"""So many half beats are watched at most."""


class Flaps:
    """What arrived while the links were cut, and while they were not (implements `beat.Watcher`)."""

    def __init__(self, testbed: Testbed, links: Sequence[Link]) -> None:
        self._testbed = testbed
        self._links = links
        self._probe: OpenProbe | None = None
        self._cut = False
        self.while_cut: list[int] = []
        self.between: list[int] = []

    async def begins(self, on: bool) -> None:
        """A half beat has begun."""
        self._cut = on
        self._probe = await self._testbed.open_probe(self._links)

    def ends(self) -> None:
        """It is about to end."""
        if self._probe is not None:
            (self.while_cut if self._cut else self.between).append(self._probe.arrived())
            self._probe.close()
            self._probe = None


async def watch(testbed: Testbed, beat: Beat, links: Sequence[Link]) -> dict[str, Any] | None:
    """What was observed: nothing arrived while the links were cut, and something in between.

    If nothing arrives in between either (another fault holds the links), it bites, though the flapping is not
    seen. None if something arrived while they were cut.
    """
    flaps = beat.watcher = Flaps(testbed, links)
    try:
        for _ in range(2 * HALVES):
            await testbed.sleep(beat.half_s / 2)
            if any(flaps.while_cut):
                return None
            if flaps.while_cut and any(flaps.between):
                break
    finally:
        beat.watcher = None
        flaps.ends()
    if not flaps.while_cut or not flaps.between:
        return None
    return {"sent": len(links), "arrived_least": 0, "arrived_most": max(flaps.between)}
