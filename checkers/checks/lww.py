"""lww-inversion: under last-writer-wins an older write beat a newer one by more than the clocks explain.

Judges keys whose replicas agree. With final value v and epsilon the largest distance of clocks that the
fault ledger allows, an acknowledged put or delete w with inv(w) - ret(v) > epsilon must have won. An
empty final counts as older than every acknowledged put that no ok or info delete could cover; an ok
delete d sent once cannot cover w if inv(w) - ret(d) > epsilon. Contexts order nothing here. O(n) a key.
Source: docs/checks.md
"""

from __future__ import annotations

from collections.abc import Iterator

from checkers.case import Case
from checkers.model.history import OPEN, Op
from checkers.model.rounds import Round
from checkers.model.words import at, outcome, values, what
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation

NAME = "lww-inversion"


class _Unbounded(Exception):
    """The clocks' distance is not known, so this key cannot be judged."""


class _Judge:
    """Judges keys under one history's clocks. Asserted: an unknown epsilon is a reason; measured: it is 0."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.asserted = case.terms(NAME).asserted
        self.overwritten_unseen = 0

    def epsilon_ns(self, until: int) -> int:
        epsilon, why = self.case.ledger.epsilon_ns(until)
        if epsilon is None:
            if self.asserted:
                raise _Unbounded(why)
            return 0
        return epsilon

    def beaten(self, view: KeyView, round: Round) -> Iterator[Violation]:
        """The key's inversion, if there is one: the newest acknowledged write that lost."""
        held = round.values
        if len(held) > 1:
            if self.case.promise == "lww":
                yield self._several(view, round)
        elif not held:
            yield from self._emptied(view, round)
        else:
            yield from self._older(view, round, held[0])

    def _older(self, view: KeyView, round: Round, value: object) -> Iterator[Violation]:
        writers = view.able(value)
        # Never answered, its stamp may be as late as can be; sent again, so may the second one; failed, or
        # never written: that is for aborted-read and phantom.
        if not writers or any(op.type != "ok" or op.attempts > 1 for op in writers):
            return
        kept = max(writers, key=lambda op: op.ret)  # of one value's several writers, the last may have won
        newer = [op for op in _acked(view) if op.inv > kept.ret]
        for op in reversed(newer):
            epsilon = self.epsilon_ns(op.ret)
            if op.inv - kept.ret > epsilon:
                yield self._violation(view, round, op, epsilon, kept)
                return

    def _emptied(self, view: KeyView, round: Round) -> Iterator[Violation]:
        deletes = [op for op in view.deletes if op.type != "fail"]
        for op in reversed(_acked(view)):
            if op.f == "delete":
                continue
            epsilon = self.epsilon_ns(op.ret)
            if not any(_could_cover(delete, op, epsilon) for delete in deletes):
                yield self._violation(view, round, op, epsilon, None)
                return

    def _violation(self, view: KeyView, round: Round, lost: Op, epsilon: int, kept: Op | None) -> Violation:
        shown = f"hold {values(round.values)}" if kept else "hold nothing"
        lines = [f"{what(lost)} on key `{view.key}` was invoked at {at(lost.inv)}; {outcome(lost)}"]
        if kept:
            ahead = (lost.inv - kept.ret) / 1e6
            lines.insert(0, f"{what(kept)} was {outcome(kept)}")
            lines.append(
                f"it began {ahead:.3f} ms later, and clocks were at most {epsilon / 1e6:.3f} ms apart"
            )
            message = (
                f"{kept.value} won over {what(lost)}, which began {ahead:.3f} ms after it was acknowledged"
            )
        else:
            lines.append("no delete can have had a later stamp")
            message = f"acknowledged {lost.value} is gone, and no delete can have covered it"
        lines.append(f"after healing, {', '.join(round.nodes)} all {shown}: the older write won")
        ops = (kept.id, lost.id) if kept else (lost.id,)
        data = {"lost": lost.id, "kept": kept.id if kept else None, "epsilon_ms": epsilon / 1e6}
        return Violation(NAME, view.key, ops, message, tuple(lines), round.nodes, data)

    def _several(self, view: KeyView, round: Round) -> Violation:
        message = f"replicas agree on {len(round.values)} values: last-writer-wins keeps one"
        line = f"after healing, {', '.join(round.nodes)} all hold {values(round.values)}"
        data = {"values": round.values}
        return Violation(NAME, view.key, (), message, (line, message), round.nodes, data)


def _acked(view: KeyView) -> list[Op]:
    """Acknowledged puts, writes and deletes, in order of invocation."""
    return [op for op in view.ops if op.type == "ok" and op.f in ("put", "write", "delete")]


def _could_cover(delete: Op, put: Op, epsilon: int) -> bool:
    if delete.type == "info" or delete.attempts > 1 or delete.ret == OPEN:
        return True
    return put.inv - delete.ret <= epsilon


@check(
    NAME,
    question="Did the latest write win, as far as the clocks can tell?",
    guarantee="The write with the latest timestamp wins; only clocks that differ may let an older one win.",
    source="Dynamo section 6.1 (timestamp based reconciliation); docs/checks.md",
)
def lww_inversion(case: Case) -> Finding:
    """An acknowledged write that began more than epsilon after the winner was acknowledged."""
    judgeable = case.judgeable(NAME)
    judge = _Judge(case)
    violations: list[Violation] = []
    count = unseen = 0
    for view, round in judgeable.keys:
        unseen += _overwritten_unseen(view, round)
        if not round.agrees or not _acked(view):
            continue
        try:
            violations += judge.beaten(view, round)
            count += 1
        except _Unbounded as why:
            judgeable.reasons.append(f"key `{view.key}`: {why}")
    return judgeable.finding(count, violations, keys=count, overwritten_unseen=unseen)


def _overwritten_unseen(view: KeyView, round: Round) -> int:
    """Acknowledged puts that are gone and that nothing kept or deleted had seen: the price of the mode."""
    order = view.order
    missing = order.mask_of(view.acked_puts) & ~(order.visible(round.values) | view.deleted)
    return missing.bit_count()
