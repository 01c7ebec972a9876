"""counter: a sum lies between what was certainly and what was possibly added.

At the end, each replica's sum lies between all acknowledged increments plus the unanswered negative ones,
and all acknowledged ones plus the unanswered positive ones. A read of the total may reflect any increments
that had begun before it returned; where the promise has reads see what was acknowledged before they began
(`linearizable`; `mvr-strict` until data are lost or the ring changes), those count in full. An increment
sent m times may have been added up to m times. All sums start from `meta.initial`, or 0. O(n log n).
Source: docs/checks.md; after Jepsen's counter checker, with decrements.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate
from math import isclose
from typing import Any

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.words import at
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, not_applicable

NAME = "counter"
CITED = 100
"""Impossible sums that get a proof, and increments that one proof lists."""


class _Sums:
    """The bounds of one key's total, at any moment."""

    def __init__(self, increments: list[Op], initial: Any) -> None:
        self.initial = initial
        began = sorted(increments, key=lambda op: op.inv)
        ended = sorted((op for op in increments if op.type == "ok"), key=lambda op: op.ret)
        self._began = [op.inv for op in began]
        self._ended = [op.ret for op in ended]
        # By the end of each prefix: what may be taken away or added at most, and what is certain of it.
        self._least = [0, *accumulate(min(0, op.value * op.attempts) for op in began)]
        self._most = [0, *accumulate(max(0, op.value * op.attempts) for op in began)]
        self._sure_up = [0, *accumulate(max(0, op.value) for op in ended)]
        self._sure_down = [0, *accumulate(min(0, op.value) for op in ended)]

    def bounds(self, inv: int, ret: int, acknowledged: bool) -> tuple[Any, Any]:
        """Least and largest total of a read; `acknowledged`: it must see what ended before it began."""
        may = bisect_right(self._began, ret)
        sure = bisect_left(self._ended, inv) if acknowledged else 0
        low, high = self._least[may] + self._sure_up[sure], self._most[may] + self._sure_down[sure]
        return self.initial + low, self.initial + high


@check(
    NAME,
    question="Is every total a sum that the increments allow?",
    guarantee="A total holds every acknowledged increment once, and nothing that nobody added.",
    source="Jepsen's counter checker; docs/checks.md",
)
def counter(case: Case) -> Finding:
    """`judged` counts totals: reads, and final reads of replicas."""
    if not any(op.f == "incr" for op in case.history.ops):
        return not_applicable("nothing was incremented")
    judgeable = case.judgeable(NAME)
    rounds = {view.key: round for view, round in judgeable.keys}
    initial = case.history.meta.get("initial")
    if not _is_number(initial):
        initial = 0
    violations: list[Violation] = []
    totals = reads = 0
    counted: set[str] = set()
    for view in case:
        increments = [op for op in view.ops if op.f == "incr" and op.type != "fail"]
        if not any(op.f in ("incr", "total") for op in view.ops):
            continue
        counted.add(view.key)
        sums = _Sums(increments, initial)
        answered = [op for op in view.ops if op.f == "total" and op.type == "ok" and op.result is not None]
        reads += len(answered)
        violations += _reads(case, view, sums, answered)
        if view.key in rounds:
            totals += len(rounds[view.key].readable)
            violations += _finals(view, sums, rounds[view.key])
    reasons = [reason for reason in judgeable.reasons if any(f"`{key}`" in reason for key in counted)]
    verdict = Verdict.INVALID if violations else Verdict.UNKNOWN if reasons else Verdict.VALID
    reason = reasons[0] if reasons else ""
    stats = {"finals": totals, "reads": reads, "impossible": len(violations)}
    return Finding(verdict, totals + reads, tuple(violations[:CITED]), reason, stats)


def _reads(case: Case, view: KeyView, sums: _Sums, reads: list[Op]) -> Iterator[Violation]:
    for read in reads:
        low, high = sums.bounds(read.inv, read.ret, _sees_acknowledged(case, read))
        if not _between(low, read.result, high):
            where = f"op {read.id} read {read.result} from `{view.key}` at {at(read.ret)}"
            yield _violation(view, read.result, low, high, where, (read.id,), (), read.ret)


def _sees_acknowledged(case: Case, read: Op) -> bool:
    """Whether the promise has this read see all that was acknowledged before it."""
    return case.promise == "linearizable" or (case.promise == "mvr-strict" and case.ledger.before_loss(read))


def _between(low: Any, total: Any, high: Any) -> bool:
    """Whether it lies between; sums of fractions depend on their order, by a little."""
    if low <= total <= high:
        return True
    fractions = any(isinstance(number, float) for number in (low, total, high))
    return fractions and (isclose(low, total) or isclose(total, high))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _finals(view: KeyView, sums: _Sums, round: Round) -> Iterator[Violation]:
    for final in round.readable:
        low, high = sums.bounds(final.time, final.time, True)
        held = final.values or [sums.initial]
        if len(held) > 1 or not _is_number(held[0]):
            continue  # siblings, or no number: not a counter's state
        if not _between(low, held[0], high):
            where = f"{final.node} holds {held[0]} for `{view.key}` at the end"
            yield _violation(view, held[0], low, high, where, (), (final.node,), final.time)


def _violation(
    view: KeyView,
    total: Any,
    low: Any,
    high: Any,
    where: str,
    ops: tuple[int, ...],
    nodes: tuple[str, ...],
    until: int,
) -> Violation:
    short = total < low
    needed = [
        op
        for op in view.ops
        if op.f == "incr" and (op.type == "ok" if short else op.type != "fail" and op.inv <= until)
    ]
    cited = tuple(op.id for op in needed[:CITED])
    bound = f"at least {low}" if short else f"at most {high}"
    which = "acknowledged" if short else "all that had begun"
    lines = (
        f"{len(needed)} increments of `{view.key}`, {which}, make {bound}, whatever became of the others",
        where,
        f"{total} is {'less' if short else 'more'} than that",
    )
    message = f"{where}: {bound} was due" if short else f"{where}: {bound} was ever added"
    data = {"value": total, "low": low, "high": high}
    return Violation(NAME, view.key, (*cited, *ops), message, lines, nodes, data)
