"""Which run folders stay. Every run keeps its row, and any comes back by `schism replay`."""

from __future__ import annotations

from collections.abc import Callable

from harness.plan.cells import Cell
from harness.store import Row

ALL_UP_TO = 200
"""`auto` keeps every folder of a campaign of at most so many runs."""

Rule = Callable[[Row], bool]


def keep_rule(keep: str, total: int) -> Rule:
    """The rule for a campaign of `total` runs: `all`, `findings`, or `auto` (then also a sample).

    Asked once for each run after it was judged; the sample is the first run of each cell to end.
    """
    if keep == "all" or (keep == "auto" and total <= ALL_UP_TO):
        return lambda _row: True
    sampled: set[Cell] = set()

    def rule(row: Row) -> bool:
        cell = Cell(row.system, row.workload, row.nemesis)
        first = keep == "auto" and cell not in sampled
        sampled.add(cell)
        return first or _is_finding(row)

    return rule


def _is_finding(row: Row) -> bool:
    """Invalid, failed, or unknown for a reason of its own (too few chances is the cell's to say)."""
    if row.verdict == "invalid" or row.failure or row.interrupted:
        return True
    return any(check["asserted"] and check.get("verdict") == "unknown" for check in row.checks.values())
