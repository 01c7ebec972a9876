"""Numbers of a campaign that its page draws, from what each run's checks measured. A tick is one run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.report.model.campaign_model import StripRow
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.measures import quantile
from harness.store import Row


def siblings(record: CampaignRecord) -> tuple[tuple[tuple[str, int], ...], ...]:
    """For each system, how many non-empty gets returned 1, 2, 3, 4 and more values."""
    return tuple(_histogram(record.of(system)) for system in record.systems)


def _histogram(rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    counts = dict.fromkeys(range(1, 6), 0)
    for row in rows:
        for size, count in (_stats(row, "siblings").get("histogram") or {}).items():
            counts[min(int(size), 5)] += count
    return tuple((f"{size}+" if size == 5 else str(size), count) for size, count in counts.items())


def false_siblings(record: CampaignRecord) -> tuple[str, ...]:
    """For each system, the share of gets with siblings of which one had replaced another."""
    said = []
    for system in record.systems:
        causes = [_stats(row, "siblings").get("causes") or {} for row in record.of(system)]
        false = sum(cause.get("false", 0) for cause in causes)
        several = false + sum(cause.get("concurrent", 0) for cause in causes)
        said.append(
            f"{100 * false / several:.0f} % of {several:,} with siblings were false" if several else ""
        )
    return tuple(said)


def convergence(record: CampaignRecord) -> tuple[StripRow, ...]:
    """Seconds from healing until all replicas of every key agreed, by system and label of faults."""
    return _rows(record, lambda row: _seconds_to_agree(_stats(row, "convergence")), _nothing)


def _nothing(_rows: Sequence[Row]) -> tuple[str, ...]:
    return ()


def _seconds_to_agree(stats: dict[str, Any]) -> float | None:
    """The slowest key of a run: the upper end of its interval, as far as the final reads can tell."""
    slowest = (stats.get("time_to_converge_s") or {}).get("max") or [None, None]
    return float(slowest[1]) if isinstance(slowest[1], int | float) else None


def availability(record: CampaignRecord) -> tuple[StripRow, ...]:
    """p99 of acknowledged puts of the main phase (ms), success where it was owed, and the longest gap."""
    return _rows(record, lambda row: _put_p99(_stats(row, "availability")), _owed)


def _put_p99(stats: dict[str, Any]) -> float | None:
    value = ((stats.get("latency") or {}).get("put") or {}).get("main") or {}
    found = value.get("p99_ms")
    return float(found) if isinstance(found, int | float) else None


def _owed(rows: Sequence[Row]) -> tuple[str, ...]:
    """Puts acknowledged of those that were owed, and the longest gap of one client."""
    main = [(_stats(row, "availability").get("puts") or {}).get("main") or {} for row in rows]
    owed, ok = sum(part.get("owed", 0) for part in main), sum(part.get("ok", 0) for part in main)
    gap = max((part.get("longest_gap_s") or 0.0 for part in main), default=0.0)
    return (f"{100 * ok / owed:.2f}" if owed else "—", f"{owed:,}", f"{gap:.1f}")


def _rows(
    record: CampaignRecord,
    value: Callable[[Row], float | None],
    beside: Callable[[Sequence[Row]], tuple[str, ...]],
) -> tuple[StripRow, ...]:
    found: list[StripRow] = []
    for system in record.systems:
        labels = dict.fromkeys(row.nemesis for row in record.of(system))
        for label in labels:
            rows = [row for row in record.of(system) if row.nemesis == label]
            values = sorted(v for v in map(value, rows) if v is not None)
            if values:
                first = not found or found[-1].system != system
                middle = quantile(values, 0.5)
                found.append(StripRow(system, first, label, tuple(values), middle, values[-1], beside(rows)))
    return tuple(found)


def _stats(row: Row, check: str) -> dict[str, Any]:
    stats = row.checks.get(check, {}).get("stats")
    return stats if isinstance(stats, dict) else {}
