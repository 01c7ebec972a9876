"""resurrection and zombie: a version that was replaced, or deleted, and is back after healing.

Both judge only keys whose replicas agree (the others are convergence's), with U their common value set. A v
whose write was sent more than once may have two dots: excused. O(n W/64). Source: docs/checks.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from checkers.case import Case
from checkers.evidence.chains import told
from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation

Pattern = Callable[[KeyView, Round], Iterator[Violation]]


@check(
    "resurrection",
    question="Is a value back after healing that an acknowledged write had superseded?",
    guarantee="What an acknowledged write superseded stays superseded.",
    source="Dynamo section 4.4; docs/checks.md",
)
def resurrection(case: Case) -> Finding:
    """v in U and v <s u for an acknowledged u. Where u was only observed it is counted, not accused."""
    return _over_agreeing(case, "resurrection", _resurrected, _second_tier)


@check(
    "zombie",
    question="Is a value back after healing that an acknowledged delete had covered?",
    guarantee="What an acknowledged delete covered stays deleted.",
    source="Dynamo section 4.4; docs/checks.md",
)
def zombie(case: Case) -> Finding:
    """v in U and v below C(d), d an acknowledged delete. An unanswered delete accuses nobody."""
    return _over_agreeing(case, "zombie", _zombies, None)


def _over_agreeing(
    case: Case, name: str, pattern: Pattern, count: Callable[[KeyView, Round], int] | None
) -> Finding:
    judgeable = case.judgeable(name)
    violations: list[Violation] = []
    agreeing = second = 0
    for view, round in judgeable.keys:
        if round.agrees:
            agreeing += 1
            violations += pattern(view, round)
            second += count(view, round) if count else 0
    stats = {"keys": agreeing, "disagreeing_keys": len(judgeable.keys) - agreeing}
    if count:
        stats["superseded_by_unacknowledged"] = second
    return case.as_far(judgeable.finding(agreeing, violations, **stats))


def _resurrected(view: KeyView, round: Round) -> Iterator[Violation]:
    return _back(view, round, "resurrection", view.acked_puts)


def _zombies(view: KeyView, round: Round) -> Iterator[Violation]:
    return _back(view, round, "zombie", [delete for delete in view.deletes if delete.type == "ok"])


def _back(view: KeyView, round: Round, kind: str, uppers: list[Op]) -> Iterator[Violation]:
    """Held values below one of `uppers`, each once, with the first that covers it."""
    order = view.certain
    left = order.mask_of(op for op in order.ops(order.mask(round.values)) if op.attempts == 1)
    for upper in uppers:
        found = order.below(upper) & left & ~order.bit(upper)
        left &= ~found
        for lower in order.ops(found):
            yield _violation(kind, view, round, lower, upper)


def _second_tier(view: KeyView, round: Round) -> int:
    order = view.certain
    below = 0
    for upper in order.ops(view.observed):
        below |= order.below(upper) if upper.type == "info" else 0
    return (order.mask(round.values) & below).bit_count()


def _violation(kind: str, view: KeyView, round: Round, lower: Op, upper: Op) -> Violation:
    cited, lines = told(view, lower, upper)
    lines.append(f"after healing, {round.in_words}: {lower.value} is back")
    by = "a delete" if upper.f == "delete" else f"{upper.value}"
    message = f"{lower.value} is back, though {by} (op {upper.id}, acknowledged) had covered it"
    ops = tuple(op.id for op in cited)
    path = [op.id for op in view.certain.path(lower, upper)]
    data = {"value": lower.value, "by": upper.id, "path": path}
    return Violation(kind, view.key, ops, message, tuple(lines), round.nodes, data)
