"""Exact percentiles of latencies, by the nearest rank, and which of them the samples can carry."""

from __future__ import annotations

from collections.abc import Sequence

MS = 1_000_000

RANKS: tuple[tuple[str, float, int], ...] = (
    ("p50_ms", 0.5, 1),
    ("p90_ms", 0.9, 1),
    ("p99_ms", 0.99, 1),
    ("p999_ms", 0.999, 10_000),
)
"""Name, quantile, and the fewest samples it is shown for: ten in the tail for 99.9 %."""


def percentile(ordered: Sequence[int], quantile: float) -> int:
    """The smallest sample that at least `quantile` of all samples do not exceed. `ordered` is not empty."""
    per_mille = round(quantile * 1000)
    rank = -(-len(ordered) * per_mille // 1000)
    return ordered[max(rank, 1) - 1]


def latencies(samples_ns: Sequence[int]) -> dict[str, float | int | None]:
    """Count, percentiles and maximum in ms; None where there are too few samples to say."""
    ordered = sorted(samples_ns)
    table: dict[str, float | int | None] = {"count": len(ordered)}
    for name, quantile, fewest in RANKS:
        enough = len(ordered) >= fewest
        table[name] = percentile(ordered, quantile) / MS if enough else None
    table["max_ms"] = ordered[-1] / MS if ordered else None
    return table
