"""unreplaced: an acknowledged write that is gone, though nothing can have replaced it.

lost-write in its weakest form, for stores whose puts replace more than a context says. A write w is accused
if it was acknowledged, no replica holds its value after settling, and no other put or delete of its key may
have replaced it. What may depends on the promise (docs/promises.md, What may replace a write):

- `ended`: a write that had not certainly ended when w was invoked: never answered, sent more than once, or
  acknowledged later. Where the promise is `mvr-blind`, or none that says less.
- `covered`: any write that w's context did not cover. Where the clocks of `mvr-paper` may count anew.
- `alone`: any write at all. Where stamps decide (`lww`), and where clocks are truncated.

No context and no uniqueness of values is needed but for `covered`. O(n) a key.
"""

from __future__ import annotations

from typing import Any, Literal

from checkers.case import Case
from checkers.model.history import OPEN, Op
from checkers.model.rounds import Round
from checkers.model.words import at, outcome, what
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation, not_applicable

NAME = "unreplaced"
NO_WRITES = "no operation wrote a register"
Rule = Literal["ended", "covered", "alone"]

_MAKES = frozenset({"put", "write", "cas"})
_REPLACES = _MAKES | {"delete"}
_WHY: dict[Rule, str] = {
    "ended": "every other put and delete of the key had certainly ended before it was invoked",
    "covered": "its context covered every other put of the key, and nothing deleted it",
    "alone": "the key has no other put or delete at all",
}


@check(
    NAME,
    question="Is every acknowledged write still there after healing that nothing can have replaced?",
    guarantee="An acknowledged write stays, unless another write of its key may have replaced it.",
    source="docs/promises.md (mvr-blind); Dynamo sections 2.3, 4.5",
)
def unreplaced(case: Case) -> Finding:
    """`judged` counts the acknowledged writes that had to stay. Judges final reads."""
    if not any(op in _MAKES for op in case.history.functions):
        return not_applicable(NO_WRITES)
    rule = rule_of(case)
    judgeable = case.judgeable(NAME)
    violations: list[Violation] = []
    count = 0
    for view, round in judgeable.keys:
        for write in bound_to_stay(view, rule):
            count += 1
            if not _held(_value(write), round):
                violations.append(_violation(case, view, round, write, rule))
    return judgeable.finding(count, violations, writes=count, rule=rule)


def rule_of(case: Case) -> Rule:
    """What may replace a write: by the promise, and by what the run did to the store's own counters."""
    config = case.config
    if case.promise == "lww" or config.get("mode") == "last-writer" or config.get("clock_limit"):
        return "alone"
    return "covered" if case.promise == "mvr-paper" and _counts_anew(case) else "ended"


def _counts_anew(case: Case) -> bool:
    """Whether a node may count under its name what it has counted before: it does not know all that it wrote.

    After a loss of data or a change of the ring; and where it stands in for owners, which takes a sloppy
    quorum and trouble (a history that does not say that quorums are strict, and had trouble, may have both).
    """
    ledger = case.ledger
    if ledger.losses or ledger.ring_changes:
        return True
    sloppy = case.config.get("sloppy")
    return bool(sloppy) or (sloppy is None and bool(case.history.interruptions))


def bound_to_stay(view: KeyView, rule: Rule) -> list[Op]:
    """The acknowledged writes of one key that nothing else may have replaced: none, or one.

    Two would each have to come after the other had ended.
    """
    writes = [op for op in view.ops if op.f in _REPLACES and op.type != "fail"]
    last = max(writes, key=lambda op: (op.inv, op.ret), default=None)
    if last is None or not last.ok or last.f not in _MAKES or _value(last) is None:
        return []
    others = [op for op in writes if op is not last]
    if rule == "ended":
        free = all(_certain_end(op) < last.inv for op in others)
    elif rule == "covered":
        free = not others or (
            last.f == "put"
            and not view.repeated
            and all(op.f == "put" and op.attempts == 1 for op in others)
            and not view.order.mask_of(others) & ~view.order.below(last)
        )
    else:
        free = not others
    return [last] if free else []


def _certain_end(op: Op) -> int:
    """From when nothing of it can take effect any more (ns). Of what was sent twice, a copy may be."""
    return OPEN if op.attempts > 1 else op.ret


def _value(op: Op) -> Any:
    return op.value[1] if op.f == "cas" else op.value


def _held(value: Any, round: Round) -> bool:
    return value in round.values


def _violation(case: Case, view: KeyView, round: Round, write: Op, rule: Rule) -> Violation:
    others = [op for op in view.ops if op.f in _REPLACES and op is not write and op.type != "fail"]
    lines = [f"{what(write)} on key `{view.key}` began at {at(write.inv)}, {outcome(write)}", _WHY[rule]]
    if others:
        latest = max(others, key=lambda op: op.ret)
        lines.append(f"the last of these {len(others)} to end was {what(latest)}, {outcome(latest)}")
    lines.append(f"after healing, {round.in_words}: {_value(write)} is not there")
    message = f"acknowledged {_value(write)} is gone, and nothing can have replaced it"
    data = {
        "value": _value(write),
        "rule": rule,
        "finals": {final.node: final.values for final in round.readable},
        "faults": [fault.id for fault in case.ledger.active(write.inv, round.start)],
    }
    return Violation(NAME, view.key, (write.id,), message, tuple(lines), round.nodes, data)
