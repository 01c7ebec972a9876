"""counter: a sum lies between what was certainly and what was possibly added.

Under every promise, whether or not anything is read at the end, a total reflects only increments that had
begun and did not fail. At the end, each replica's sum holds all acknowledged ones besides. Where the promise
has reads see what was acknowledged before they began (`linearizable`; `mvr-strict` until data are lost or
the ring changes), those count in full (`checkers/wholes/sums.py`). Each total is judged by
itself. All sums start from `meta.initial`, or 0. Source: docs/checks.md; after Jepsen's
counter checker, with decrements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from checkers.case import Case
from checkers.model.history import Final, Op
from checkers.model.rounds import REMEDY, Round
from checkers.model.values import is_number
from checkers.model.words import at, what
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, not_applicable
from checkers.wholes.sums import Sums, between

NAME = "counter"
CITED = 100
"""Impossible sums that get a proof, and increments that one proof lists."""


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
    rounds = {view.key: round for view, round in case.judgeable(NAME).keys}
    initial = case.history.meta.get("initial")
    violations: list[Violation] = []
    totals = reads = 0
    reason = ""
    for view in case:
        if not any(op.f in ("incr", "total") for op in view.ops):
            continue
        increments = [op for op in view.ops if op.f == "incr" and op.type != "fail"]
        sums = Sums(increments, initial if is_number(initial) else 0)
        answered = [op for op in view.ops if op.f == "total" and op.type == "ok" and op.result is not None]
        violations += _reads(case, view, sums, answered)
        reads += len(answered)
        judging = rounds.get(view.key)
        # Without a round that judges, the last one can still show what nobody added.
        for last in [judging] if judging else view.rounds[-1:]:
            totals += sum(map(_is_total, last.readable)) if judging else 0
            violations += _finals(view, sums, last, judging is not None)
        reason = reason or _open(case, view, judging, answered)
    verdict = Verdict.INVALID if violations else Verdict.UNKNOWN if reason else Verdict.VALID
    stats = {"finals": totals, "reads": reads, "impossible": len(violations)}
    return Finding(verdict, totals + reads, tuple(violations[:CITED]), reason, stats, reads + totals)


def _open(case: Case, view: KeyView, judging: Round | None, answered: list[Op]) -> str:
    """Why the key cannot be judged to the end; empty if it can."""
    if judging is not None:
        odd = [final for final in judging.readable if not _is_total(final)]
        held = f"{odd[0].node} holds {odd[0].values}" if odd else ""
        return f"{held} for `{view.key}` at the end: no single number, so no counter's state" if odd else ""
    if case.promise == "linearizable":
        last = max((op.inv for op in answered), default=-1)
        silent = [op for op in view.ops if op.f == "total" and op.ok and op.result is None and op.inv > last]
        return f"op {silent[-1].id} answered nothing: what `{view.key}` held is not known" if silent else ""
    if not view.acknowledged:
        return ""
    return f"key `{view.key}` has no complete round of final reads: {REMEDY}"


def _reads(case: Case, view: KeyView, sums: Sums, reads: list[Op]) -> Iterator[Violation]:
    for read in reads:
        where = f"op {read.id} read {read.result} from `{view.key}` at {at(read.ret)}"
        found = _wrong(view, sums, read.result, (read.inv, read.ret), where, _sees_acknowledged(case, read))
        if found:
            yield replace(found, ops=(*found.ops, read.id))


def _sees_acknowledged(case: Case, read: Op) -> bool:
    """Whether the promise has this read see all that was acknowledged before it."""
    return case.promise == "linearizable" or (case.promise == "mvr-strict" and case.ledger.before_loss(read))


def _finals(view: KeyView, sums: Sums, round: Round, judges: bool) -> Iterator[Violation]:
    for final in round.readable:
        if not _is_total(final):
            continue  # siblings, or no number: `_open` says that this key cannot be judged
        held = final.values or [sums.initial]
        where = f"{final.node} holds {held[0]} for `{view.key}` at the end"
        found = _wrong(view, sums, held[0], (final.time, final.time), where, judges)
        if found:
            yield replace(found, nodes=(final.node,))


def _is_total(final: Final) -> bool:
    """Whether a replica holds what a counter can be: nothing, or one number."""
    return not final.values or (len(final.values) == 1 and is_number(final.values[0]))


def _wrong(
    view: KeyView, sums: Sums, total: Any, span: tuple[int, int], where: str, acknowledged: bool
) -> Violation | None:
    """What is wrong with one total; one that nobody can have made up is wrong whatever is promised."""
    least, most = sums.bounds(*span, False)
    if not between(least, total, most):
        return replace(_violation(view, total, least, most, where, span), always=True)
    low, high = sums.bounds(*span, acknowledged)
    return None if between(low, total, high) else _violation(view, total, low, high, where, span)


def _violation(
    view: KeyView, total: Any, low: Any, high: Any, where: str, span: tuple[int, int]
) -> Violation:
    short = total < low
    begun = [op for op in view.ops if op.f == "incr" and op.inv <= span[1]]
    needed = [op for op in begun if (op.type == "ok" if short else op.type != "fail")]
    bound = f"at least {low}" if short else f"at most {high}"
    which = "acknowledged" if short else "all that had begun"
    lines = [
        f"{len(needed)} increments of `{view.key}`, {which}, make {bound}, whatever became of the others",
        where,
        f"{total} is {'less' if short else 'more'} than that",
    ]
    message = f"{where}: {bound} was due" if short else f"{where}: {bound} was ever added"
    if failed := _failed(begun, total, low if short else high, short):
        lines.append(f"{what(failed)} of {failed.value} failed: it certainly did nothing, and yet may be in")
        message += f", unless op {failed.id}, which certainly failed, counts"
        needed.append(failed)
    data = {"value": total, "low": low, "high": high}
    return Violation(NAME, view.key, tuple(op.id for op in needed[:CITED]), message, tuple(lines), (), data)


def _failed(begun: list[Op], total: Any, bound: Any, short: bool) -> Op | None:
    """A failed increment that alone would explain the total."""
    off = total - bound
    failed = (op for op in begun if op.type == "fail")
    return next((op for op in failed if (op.value <= off if short else op.value >= off)), None)
