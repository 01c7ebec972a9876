"""Numbers of one run that the page draws: latency, answers a second, values a get returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from checkers.model.history import OPEN, History, Op
from harness.report.model.faults import in_effect
from harness.report.model.run_model import LatencyRow

TICKS = 44
"""How many quantiles stand for a row of latencies, however many there are."""


def latency_ms(op: Op) -> float:
    """Milliseconds from the intended start (open loop), or from the call, to the answer."""
    return (op.ret - (op.inv if op.due is None else op.due)) / 1e6


def main_operations(history: History) -> list[Op]:
    """Operations without a parent, invoked before healing began."""
    heal = history.phase_start("heal")
    return [op for op in history.top_ops if heal is None or op.inv < heal]


def quantile(ordered: Sequence[float], q: float) -> float | None:
    """The exact sample quantile (nearest rank) of an ordered list, or None if it is empty."""
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, max(0, -int(-q * len(ordered) // 1) - 1))]


def latency_rows(history: History) -> tuple[LatencyRow, ...]:
    """One row for each kind of operation, quiet and while any fault was in effect."""
    split: dict[tuple[str, bool], list[Op]] = {}
    for op in main_operations(history):
        faulty = in_effect(history.faults, op.inv, op.ret)
        split.setdefault((op.f, faulty), []).append(op)
    return tuple(_row(f, faulty, ops) for (f, faulty), ops in sorted(split.items()))


def _row(f: str, faulty: bool, ops: list[Op]) -> LatencyRow:
    times = sorted(latency_ms(op) for op in ops if op.ok)
    ticks = times
    if len(times) > TICKS:
        ticks = [times[(2 * i + 1) * len(times) // (2 * TICKS)] for i in range(TICKS)]
    return LatencyRow(
        f=f,
        while_="a fault was in effect" if faulty else "quiet",
        count=len(ops),
        unanswered=sum(op.ret == OPEN or op.type == "info" for op in ops),
        p50=quantile(times, 0.5),
        p99=quantile(times, 0.99) if len(times) >= 100 else None,
        worst=times[-1] if times else None,
        ticks=tuple(ticks),
    )


def siblings(history: History) -> tuple[tuple[str, int], ...]:
    """How many non-empty ok gets returned 1, 2, 3, 4 and more values."""
    counts = Counter(
        min(len(op.result), 5)
        for op in history.ops
        if op.ok and op.f == "get" and isinstance(op.result, list) and op.result
    )
    return tuple((f"{n}+" if n == 5 else str(n), counts[n]) for n in range(1, 6)) if counts else ()


def rate_per_s(history: History, bucket_s: float) -> list[int]:
    """Ok answers in each bucket of time from zero to the end of the run."""
    bucket = int(bucket_s * 1e9)
    done = Counter(op.ret // bucket for op in history.top_ops if op.ok)
    return [done[i] for i in range(max(done, default=-1) + 1)]
