"""Evidence is small: leave out any one cited operation, and the rest no longer shows the claim."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from checkers.case import Case
from checkers.checks.lost_write import lost_write
from checkers.checks.read_local import false_sibling
from checkers.history import History
from checkers.registry import Check
from checkers.verdict import Violation
from tests.histories.notation import history as notated
from tests.histories.strategies import histories

quickly = settings(max_examples=200, deadline=None, derandomize=True)


def only(history: History, ops: set[int]) -> History:
    """The history with these operations alone, and its final reads. A context of what is left out is none."""
    kept = [op for op in history.ops if op.id in ops]
    alone = [replace(op, context=op.context if op.context in ops else None) for op in kept]
    return replace(history, ops=alone)


def claims(check: Check, history: History, claim: Violation, of: tuple[str, ...]) -> bool:
    """Whether the check makes the same claim of this history."""
    wanted = [claim.data[name] for name in of]
    found = check.judge(Case(history)).violations
    return any([one.data[name] for name in of] == wanted for one in found)


def is_minimal(check: Check, history: History, claim: Violation, of: tuple[str, ...]) -> None:
    cited = set(claim.ops)
    assert claims(check, only(history, cited), claim, of), f"{claim.ops} do not show it: {claim.message}"
    for op in claim.ops:
        assert not claims(check, only(history, cited - {op}), claim, of), f"op {op} is not needed"


@quickly
@given(histories())
def test_a_lost_write_is_shown_by_its_put_and_the_finals(history: History) -> None:
    for claim in lost_write.judge(Case(history)).violations:
        is_minimal(lost_write, history, claim, ("value",))


@quickly
@given(histories())
def test_a_false_sibling_is_shown_by_the_path_of_contexts_and_the_read(history: History) -> None:
    history = replace(history, finals=[])  # so that only clients' reads show siblings
    for claim in false_sibling.judge(Case(history)).violations:
        is_minimal(false_sibling, history, claim, ("superseded", "by"))


def test_the_path_of_a_false_sibling_leaves_out_who_only_watched() -> None:
    text = "put1; b:get{1}; get{1}; put2{1}; c:get{2}; get{2}; put3{2}; b:get{3}; get{1,3}"
    history = notated(text)
    [claim] = false_sibling.judge(Case(history)).violations
    assert claim.ops == (0, 2, 3, 5, 6, 8)
    is_minimal(false_sibling, history, claim, ("superseded", "by"))
