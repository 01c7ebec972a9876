"""Confidence bands for shares."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided band of 95 %."""


def wilson(hits: int, total: int, z: float = Z95) -> tuple[float, float]:
    """The Wilson score interval for a share of `hits` among `total` > 0 (Wilson 1927)."""
    share = hits / total
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    middle = share + z * z / (2 * total)
    scale = 1 + z * z / total
    low = 0.0 if hits == 0 else max(0.0, (middle - spread) / scale)
    high = 1.0 if hits == total else min(1.0, (middle + spread) / scale)
    return low, high
