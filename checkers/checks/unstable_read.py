"""unstable-read: a value that was read, though never acknowledged, and is gone after healing.

Observation makes an unanswered put a fact, and with it everything below it. A determined but unacknowledged
put that is neither below the finals nor deleted was shown and then taken back. The contract of
acknowledgements is not broken: it is asserted only where no data were lost (docs/promises.md, no-loss).
O(n W/64). Source: docs/checks.md.
"""

from __future__ import annotations

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.words import at, outcome, values, what
from checkers.order.key_view import KeyView, Observation
from checkers.registry import check
from checkers.verdict import Finding, Violation


@check(
    "unstable-read",
    question="Is every value that somebody read still there after healing, unless superseded or deleted?",
    guarantee="What a read has shown stays, until a write that knew it supersedes it or a delete covers it.",
    source="docs/checks.md, after healing",
)
def unstable_read(case: Case) -> Finding:
    """Unacknowledged puts that were observed and are gone. Judges final reads."""
    judgeable = case.judgeable("unstable-read")
    violations = []
    observed = 0
    for view, round in judgeable.keys:
        repeated = set(view.repeated)  # of these, nobody knows which one a read has shown
        infos = [op for op in view.puts if op.type == "info" and op.value not in repeated]
        if not infos:
            continue
        seen = view.order.mask_of(infos) & view.observed
        observed += seen.bit_count()
        gone = seen & ~(view.order.visible(round.values) | view.deleted)
        for op in view.order.ops(gone):
            # Seen only later, it may have come after the replicas were read.
            if (first := _first_sight(view, op, round.start)) is not None:
                violations.append(_violation(view, round, op, first))
    return case.as_far(judgeable.finding(observed, violations, observed=observed))


def _violation(view: KeyView, round: Round, put: Op, seen: Observation) -> Violation:
    proof = (
        f"{what(put)} was invoked at {at(put.inv)}; {outcome(put)}",
        f"{seen.where} showed it at {at(seen.until)}: {values(seen.values)}, so it took effect",
        f"after healing, {round.in_words}: neither {put.value} nor anything that superseded it",
    )
    message = f"{put.value} was read and then taken back"
    ops = (put.id, *seen.op_ids)
    nodes = tuple(dict.fromkeys((*seen.nodes, *round.nodes)))
    data = {"value": put.value, "finals": {final.node: final.values for final in round.readable}}
    return Violation("unstable-read", view.key, ops, message, proof, nodes, data)


def _first_sight(view: KeyView, put: Op, before: int) -> Observation | None:
    """The first answer before then that showed the put: itself, or else by something above it."""
    bit, order = view.order.bit(put), view.order
    answers = [seen for seen in view.observations if seen.until < before]
    direct = (seen for seen in answers if order.mask(seen.values) & bit)
    above = (seen for seen in answers if order.visible(seen.values) & bit)
    return next(direct, None) or next(above, None)
