"""lost-write: an acknowledged write that is nowhere after healing, and that nothing superseded or deleted.

With U the union of the key's final reads, a put w is lost if it was acknowledged and is neither in U, nor
below anything in U, nor below the context of any ok or info delete. An unread, unacknowledged put that
covered w is no excuse: had it taken effect, it or a successor would be in U. A lost write below another
lost one is *shadowed*; the others are *roots*, one violation each. O(n W/64) with bitsets. Source:
docs/checks.md; the failures it was made for are riak_kv issue 679 and per-server version vectors
(Preguica et al. 2012).
"""

from __future__ import annotations

from checkers.case import Case
from checkers.evidence.causes import Cause, cause_of
from checkers.model.cart import tags_of, union
from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.words import at, ids, short, what
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation


@check(
    "lost-write",
    question="Is every acknowledged write still there after healing, unless it was superseded or deleted?",
    guarantee="An acknowledged write stays until a write that knew it supersedes it, or a delete covers it.",
    source="Dynamo sections 2.3, 4.5, 4.6; docs/checks.md",
)
def lost_write(case: Case) -> Finding:
    """Roots are violations, with their cause: overwritten, over-deleted or vanished. Judges final reads."""
    judgeable = case.judgeable("lost-write")
    violations: list[Violation] = []
    acknowledged = shadowed = 0
    for view, round in judgeable.keys:
        acknowledged += len(view.acked_puts)
        roots, others = lost(view, round)
        shadowed += len(others)
        violations += [_violation(case, view, round, root, others) for root in roots]
    causes: dict[str, int] = {}
    for violation in violations:
        causes[violation.data["cause"]] = causes.get(violation.data["cause"], 0) + 1
    stats = {"acknowledged": acknowledged, "roots": len(violations), "shadowed": shadowed, "causes": causes}
    # A repeated value explains as much as any of its puts would: what is missing even so is lost.
    return case.as_far(judgeable.finding(acknowledged, violations, **stats))


def lost(view: KeyView, round: Round) -> tuple[list[Op], list[Op]]:
    """The key's lost writes: (roots, shadowed), each in order of invocation."""
    if not view.acked_puts:
        return [], []
    order = view.order
    missing = order.mask_of(view.acked_puts) & ~(order.visible(round.values) | view.deleted)
    if not missing:
        return [], []
    shadows = 0
    for op in order.ops(missing):
        shadows |= order.below(op)
    roots = missing & ~shadows or missing
    return list(order.ops(roots)), list(order.ops(missing & ~roots))


def _violation(case: Case, view: KeyView, round: Round, root: Op, others: list[Op]) -> Violation:
    cause: Cause = cause_of(view, round, root)
    shadowed = [op for op in others if view.order.covers(root, op)]
    lines = [
        f"{what(root)} on key `{view.key}` was acknowledged at {at(root.ret)}",
        *cause.lines,
        f"after healing, {round.in_words}: neither {short(root.value)} nor anything that superseded it",
    ]
    if gone := set(tags_of(root.value)) - union(round.values):
        lines.append(f"of its items none of them holds {', '.join(sorted(gone))}")
    if view.deletes and cause.name != "over-deleted":
        lines.append(f"no delete of `{view.key}` covered {short(root.value)}")
    if shadowed:
        lines.append(f"with it are lost the writes that only it superseded: {ids(shadowed)}")
    message = f"acknowledged {short(root.value)} is lost: {cause.in_words}"
    data = {
        "value": root.value,
        "cause": cause.name,
        "by": cause.by.id if cause.by else None,
        "shadowed": [op.id for op in shadowed],
        "related": cause.related,
        "finals": {final.node: final.values for final in round.readable},
        "last_seen": cause.last_seen,
        "first_missed": cause.first_missed,
        "faults": [fault.id for fault in case.ledger.active(root.inv, cause.first_missed)],
    }
    return Violation("lost-write", view.key, (root.id,), message, tuple(lines), round.nodes, data)
