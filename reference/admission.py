"""Admission control of background work (section 6.5): it yields as clients' latency nears its limit.

The 99th percentile of foreground latencies over a trailing window decides how many slices of background work
(one exchange with a peer, one hint, one page of a transfer) a node may start in a second: all of them up to
half the limit, then fewer and fewer, and at the limit the least. The least is not nothing, or a loaded
cluster would never be repaired; and all of them is not endless, or a node that comes back would drown in the
hints of the others. Pure: the caller says what time it is (ns).
"""

from __future__ import annotations

NS = 1_000_000_000
LEAST = 1 / 16
"""The share of slices that is left to background work at the limit and beyond."""
BURST_NS = NS // 50
"""Slices of so much time may be saved up: a few pieces of work at once are no storm."""
_CELLS_TO_LIMIT = 16
_CELLS = 2 * _CELLS_TO_LIMIT
_DECISIONS = 4
"""How often in a window the share is decided anew."""


class Admission:
    """One node's controller."""

    __slots__ = (
        "_before",
        "_decide_at",
        "_half_ns",
        "_limit_ns",
        "_next",
        "_now",
        "_since",
        "_slice_ns",
        "share",
    )

    def __init__(self, slices_per_s: float, limit_s: float, window_s: float) -> None:
        """At most `slices_per_s`; `limit_s` is for the p99 of foreground latencies over `window_s`."""
        self.share = 1.0
        """Of all slices, how many are given out at present: LEAST to 1."""
        self._slice_ns = NS / slices_per_s
        self._limit_ns = int(limit_s * NS)
        self._half_ns = int(window_s * NS / 2)
        self._now = [0] * _CELLS
        """Latencies since `_since`, counted by sixteenths of the limit; `_before`: half a window before."""
        self._before = [0] * _CELLS
        self._since = 0
        self._decide_at = 0
        self._next = 0

    def took(self, now: int, duration_ns: int) -> None:
        """A client's request ended, after so long."""
        if now - self._since >= self._half_ns:
            self._turn(now)
        cell = duration_ns * _CELLS_TO_LIMIT // self._limit_ns
        self._now[cell if cell < _CELLS else _CELLS - 1] += 1

    def reserve(self, now: int) -> int:
        """The next slice is the caller's: how long to wait for it (ns)."""
        if now >= self._decide_at:
            self._decide_at = now + 2 * self._half_ns // _DECISIONS
            self.share = share_at(self.p99(now) / self._limit_ns)
        start = max(now - BURST_NS, self._next)
        self._next = start + int(self._slice_ns / self.share)
        return max(0, start - now)

    def p99(self, now: int) -> int:
        """The latency (ns, rounded up to a sixteenth of the limit) that 99 % of the window's did not exceed.

        0 if nothing happened; latencies over twice the limit count as twice the limit.
        """
        if now - self._since >= self._half_ns:
            self._turn(now)
        cells = [now + before for now, before in zip(self._now, self._before, strict=True)]
        beyond = sum(cells) // 100  # so many may be slower
        for cell in range(_CELLS - 1, -1, -1):
            beyond -= cells[cell]
            if beyond < 0:
                return (cell + 1) * self._limit_ns // _CELLS_TO_LIMIT
        return 0

    def _turn(self, now: int) -> None:
        """Half a window is over, or more: forget what lies further back than a window."""
        old = now - self._since >= 2 * self._half_ns
        self._before = [0] * _CELLS if old else self._now
        self._now = [0] * _CELLS
        self._since = now - now % self._half_ns


def share_at(load: float) -> float:
    """The share of slices at this load (p99 over its limit): falls from 1 at a half to LEAST at 1."""
    return min(1.0, max(LEAST, 1.0 - (1.0 - LEAST) * (2.0 * load - 1.0)))
