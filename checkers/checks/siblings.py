"""siblings: how many versions readers saw, and why (Dynamo 6.3). Measured, never a violation.

Two siblings are concurrent unless one of them is in the other's context: that one is false.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.phases import Phases
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, not_applicable, valid

PAPER = {"1": 99.94, "2": 0.00057, "3": 0.00047, "4": 0.00009}
"""Per cent of requests that saw so many versions over 24 h of shopping carts (section 6.3)."""

PAPER_REMAINDER = round(100 - sum(PAPER.values()), 5)
"""What the paper's numbers leave unexplained: as printed they do not add up to 100."""


@check(
    "siblings",
    question="How many versions did a read return, and were they really concurrent?",
    guarantee="Versions diverge only where writes are concurrent, and clients see few at a time.",
    source="Dynamo, section 6.3",
)
def siblings(case: Case) -> Finding:
    """`judged` counts ok gets that returned anything; `stats` has the histograms."""
    phases = Phases(case.history)
    sizes: Counter[int] = Counter()
    by_phase: dict[str, Counter[int]] = {}
    causes = {"concurrent": 0, "false": 0}
    largest: Op | None = None
    for view in case:
        for get in view.gets:
            distinct = list(dict.fromkeys(get.result))
            if not distinct:
                continue
            size = len(distinct)
            sizes[size] += 1
            by_phase.setdefault(phases.of(get.inv), Counter())[size] += 1
            if size > 1:
                causes["false" if _has_false(view, distinct) else "concurrent"] += 1
            if largest is None or size > len(set(largest.result)):
                largest = get
    if largest is None:
        return not_applicable("no read returned a value")
    most = len(set(largest.result))
    total = sum(sizes.values())
    limit = case.config.get("max_siblings")
    stats: dict[str, Any] = {
        "histogram": _table(sizes),
        "percent": {str(size): 100 * count / total for size, count in sorted(sizes.items())},
        "paper_percent": PAPER,
        "paper_remainder_percent": PAPER_REMAINDER,
        "phases": {name: _table(by_phase[name]) for name in phases.names if name in by_phase},
        "causes": causes,
        "max": most,
        "max_op": largest.id,
        "max_siblings": limit,
    }
    if limit and most > limit:
        stats["warning"] = f"op {largest.id} returned {most} siblings; max_siblings is {limit}"
    return valid(total, **stats)


def _has_false(view: KeyView, values: list[Any]) -> bool:
    order = view.order
    together = order.mask(values)
    covered = 0
    for op in order.ops(together):
        covered |= order.below(op) & ~order.bit(op)
    # One that was sent twice may have two dots: nobody made it a sibling falsely.
    return any(op.attempts == 1 for op in order.ops(covered & together))


def _table(sizes: Counter[int]) -> dict[str, int]:
    return {str(size): count for size, count in sorted(sizes.items())}
