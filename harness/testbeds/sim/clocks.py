"""Wall clocks that can be moved: an offset from the controller's clock, and a drift since it was set."""

from __future__ import annotations

EPOCH_NS = 1_000_000_000_000_000_000
"""Where every simulated wall clock begins: a round number, no date of the outside."""


class WallClock:
    """One node's wall clock, read against the controller's monotonic `now` (ns)."""

    __slots__ = ("_offset_ns", "_rate_ppm", "_since")

    def __init__(self) -> None:
        self._offset_ns = 0
        self._rate_ppm = 0.0
        self._since = 0

    def set(self, now: int, offset_ms: float, rate_ppm: float = 0.0) -> None:
        """From now on: this offset, growing by `rate_ppm` microseconds a second."""
        self._offset_ns = int(offset_ms * 1e6)
        self._rate_ppm = rate_ppm
        self._since = now

    def read(self, now: int) -> int:
        """Nanoseconds since the epoch, as this node believes."""
        return EPOCH_NS + now + self.offset_ns(now)

    def offset_ns(self, now: int) -> int:
        """How far it is ahead of the controller's clock."""
        if not self._rate_ppm:
            return self._offset_ns
        return self._offset_ns + int((now - self._since) * self._rate_ppm / 1e6)
