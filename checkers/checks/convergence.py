"""convergence: after healing and settling, all replicas of a key hold the same values.

A key is diverged if its last two complete rounds of final reads, at least one background period apart,
differ in the same way; with one round, that one judges. Closer rounds, or values that still change, are
`unknown`. Compared as multisets. O(sum of |F|). Finite histories can only falsify the quiescent form of
eventual consistency (Bouajjani, Enea, Hamza, POPL 2014). Source: Dynamo sections 2.3, 4.7; docs/checks.md.
"""

from __future__ import annotations

from checkers.case import Case
from checkers.model.rounds import Round
from checkers.model.words import at, values
from checkers.order.converging import Converging
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation

_SECOND = 1_000_000_000


@check(
    "convergence",
    question="Do all replicas of a key hold the same values after healing?",
    guarantee="When faults end and writes stop, all replicas reach the same state.",
    source="Dynamo sections 2.3, 4.7; Vogels 2009; docs/checks.md",
)
def convergence(case: Case) -> Finding:
    """Keys whose replicas disagree for good; how long the others took, as far as early rounds date it."""
    judgeable = case.judgeable("convergence")
    asked = case.terms("convergence")
    settled = asked.asserted and "settled" in asked.conditions
    violations = []
    times = Converging(case.history)
    for view, last in judgeable.keys:
        times.add(view)
        if last.agrees:
            continue
        rounds = case.settled_rounds(view) if settled else view.judging_rounds
        if reason := _undecided(case, view, rounds):
            judgeable.reasons.append(reason)
        else:
            violations.append(_violation(view, last))
    stats = {"keys": len(judgeable.keys), "diverged": len(violations), **times.stats()}
    return judgeable.finding(len(judgeable.keys), violations, **stats)


def _undecided(case: Case, view: KeyView, rounds: list[Round]) -> str:
    """Why a disagreement in the last round is not yet for good; empty if it is."""
    if len(rounds) < 2:
        return ""
    before, last = rounds[-2:]
    period_s = case.config.get("background_period_s")
    if period_s is None and case.history.interruptions:
        return f"key `{view.key}` disagrees, and `config.background_period_s` is not given"
    apart_s = (last.start - before.end) / _SECOND
    if last.start - before.end < int((period_s or 0) * _SECOND):
        return (
            f"key `{view.key}` disagrees, but its last two rounds are {apart_s:.3f} s apart; "
            f"a background period is {period_s:g} s"
        )
    return "" if last.same_as(before) else f"key `{view.key}` still changes from round to round"


def _violation(view: KeyView, last: Round) -> Violation:
    pair = last.differing
    assert pair is not None, "only keys that disagree come here"
    one, other = pair
    lines = [
        f"{final.node} holds {values(final.values or ())} at {at(final.time)}" for final in last.readable
    ]
    lines.append("all faults were healed, and nothing was written since: they differ for good")
    held = f"{one.node} holds {values(one.values or ())} and {other.node} {values(other.values or ())}"
    message = f"{held} after healing"
    finals = {final.node: final.values for final in last.readable}
    data = {"finals": finals, "round": last.number}
    return Violation("convergence", view.key, (), message, tuple(lines), (one.node, other.node), data)
