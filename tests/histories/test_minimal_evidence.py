"""Evidence is small: leave out any one cited operation, and the rest no longer shows the claim."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from checkers.case import Case
from checkers.checks.atomicity import delta_atomicity, k_atomicity
from checkers.checks.causal import causal
from checkers.checks.linearizable import linearizable
from checkers.checks.lost_write import lost_write
from checkers.checks.lww_regular import lww_regular
from checkers.checks.pram import pram
from checkers.checks.read_local import false_sibling
from checkers.checks.regular import mvr_regular
from checkers.checks.safe import safe
from checkers.checks.sessions import (
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)
from checkers.model.history import History
from checkers.registry import Check
from checkers.verdict import Violation
from tests.histories import random_registers, random_sessions
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


ONE_READ = ("pattern", "value", "get")
"""What makes two claims the same, as far as a check says it."""
SESSIONS = (read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads, pram, causal)


def same(one: Violation, other: Violation) -> bool:
    return all(one.data.get(name) == other.data.get(name) for name in ONE_READ)


def still_claimed(check: Check, history: History, ops: set[int], claim: Violation) -> bool:
    return any(same(claim, found) for found in check.judge(Case(only(history, ops))).violations)


def needs_each(check: Check, history: History) -> int:
    """How many claims there were, each of which follows from its operations, and from no fewer."""
    claimed = check.judge(Case(history)).violations
    for claim in claimed:
        cited = set(claim.ops)
        assert still_claimed(check, history, cited, claim), f"{claim.ops} do not show it: {claim.message}"
        for op in claim.ops:
            assert not still_claimed(check, history, cited - {op}, claim), f"op {op} is not needed: {claim}"
    return len(claimed)


@pytest.mark.parametrize("check", SESSIONS, ids=lambda check: check.name)
@pytest.mark.parametrize("deletes", [False, True], ids=["puts", "deletes"])
def test_of_sessions_and_causality(check: Check, deletes: bool) -> None:
    histories = (random_sessions.history(Random(seed), deletes, operations=12) for seed in range(300))
    assert sum(needs_each(check, history) for history in histories) > 1


@pytest.mark.parametrize("check", [read_your_writes, monotonic_reads, causal], ids=lambda check: check.name)
def test_of_sessions_and_causality_of_single_values(check: Check) -> None:
    histories = (random_sessions.single_values(Random(seed), operations=12) for seed in range(300))
    assert sum(needs_each(check, history) for history in histories) > 10


@pytest.mark.parametrize(
    "check", [linearizable, k_atomicity, delta_atomicity, lww_regular, safe], ids=lambda check: check.name
)
def test_of_single_values(check: Check) -> None:
    histories = [random_registers.history(Random(seed), 8, 0.4) for seed in range(300)]
    histories += [random_registers.history(Random(seed), 14, 0.1) for seed in range(100)]
    assert sum(needs_each(check, history) for history in histories) > 10


def thin_air(history: History) -> bool:
    """Whether somebody asks for a value that nobody makes."""
    acted = [op for op in history.ops if op.type != "fail"]
    made = [op.value for op in acted if op.f == "write"]
    made += [op.value[1] for op in acted if op.f == "cas" and op.value[0] != op.value[1]]
    asked = [op.result if op.f == "read" else op.value[0] for op in acted if op.f != "write"]
    return any(value not in (0, *made) for value in asked)


def test_of_a_search_each_operation_is_needed_or_explains_a_value() -> None:
    """Without a write, what it wrote would be read out of thin air: such a write is needed, too."""
    count = 0
    for seed in range(300):
        draw = (random_registers.cas_history, random_registers.chain_history)[seed % 2]
        history = draw(Random(seed), 9, 0.3)
        for claim in linearizable.judge(Case(history)).violations:
            count += 1
            cited = set(claim.ops)
            assert linearizable.judge(Case(only(history, cited))).violations
            for op in cited:
                rest = only(history, cited - {op})
                assert thin_air(rest) or not linearizable.judge(Case(rest)).violations, op
    assert count > 30


def test_of_mvr_regular() -> None:
    histories = (random_sessions.history(Random(seed), True, operations=12) for seed in range(200))
    assert sum(needs_each(mvr_regular, history) for history in histories) > 10
