"""The fast algorithms against the definitions written slowly, and a correct store that is never accused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.case import Case
from checkers.checks.lost_write import lost_write
from checkers.checks.read_local import duplicate_sibling, false_sibling
from checkers.checks.regular import mvr_regular
from checkers.checks.resurrection import resurrection, zombie
from checkers.checks.sets import lost_adds, resurfaced
from checkers.checks.unstable_read import unstable_read
from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.brute import Brute
from tests.histories.correct_store import run
from tests.histories.strategies import histories, set_histories

quickly = settings(max_examples=200, deadline=None, derandomize=True)
thoroughly = settings(quickly, max_examples=10_000)
"""As much as is promised; `make test` runs it, `make test-fast` does not."""


def accused(finding: Finding) -> set[object]:
    return {violation.data["value"] for violation in finding.violations}


@quickly
@given(histories())
def test_supersession_is_the_closure_of_contexts(history: History) -> None:
    brute, order = Brute(history), Case(history).keys["x"].order
    for op in order.writes:
        if op.f == "put":
            assert {put.value for put in order.ops(order.below(op))} == brute.under(op.value)


@quickly
@given(histories())
def test_lost_writes(history: History) -> None:
    brute, finding = Brute(history), lost_write.judge(Case(history))
    assert accused(finding) == brute.root_losses()
    assert finding.stats["roots"] + finding.stats["shadowed"] == len(brute.lost())


@quickly
@given(histories())
def test_unstable_reads(history: History) -> None:
    assert accused(unstable_read.judge(Case(history))) == Brute(history).unstable()


@quickly
@given(histories())
def test_false_siblings(history: History) -> None:
    found = {
        (one.data["superseded"], one.data["by"]) for one in false_sibling.judge(Case(history)).violations
    }
    assert found == {(lower, upper) for _, lower, upper in Brute(history).false_siblings()}


@quickly
@given(histories())
def test_duplicate_siblings(history: History) -> None:
    assert accused(duplicate_sibling.judge(Case(history))) == {v for _, v in Brute(history).duplicates()}


@quickly
@given(histories(agreeing=True))
def test_zombies_and_resurrections_where_replicas_agree(history: History) -> None:
    brute = Brute(history)
    assert accused(zombie.judge(Case(history))) == brute.zombies()
    assert accused(resurrection.judge(Case(history))) == brute.resurrected()


@quickly
@given(histories())
def test_irregular_reads(history: History) -> None:
    brute, finding = Brute(history), mvr_regular.judge(Case(history))
    found = {(one.ops[-1], put) for one in finding.violations for put in one.data["missing"]}
    assert found == {(get, brute.puts[value].id) for get, value in brute.irregular()}


@quickly
@given(set_histories())
def test_elements_as_set_differences(history: History) -> None:
    adds = [op for op in history.ops if op.f == "add"]
    removes = [op for op in history.ops if op.f == "remove"]
    observed = {tag for op in removes if op.ok for tag in op.result}
    perhaps = observed | {op.value for op in removes if op.type == "info"}
    held = {tag for final in history.finals for tag in final.values or ()}
    read = {tag for op in history.ops if op.f == "members" and op.ok for tag in op.result}
    must = {op.value for op in adds if op.ok} - perhaps
    may = {op.value for op in adds if op.type != "fail"}
    twice = {op.value for op in adds if op.attempts > 1 and op.type != "fail"}
    if not adds:
        return
    found = lost_adds.judge(Case(history)).violations
    refused = {op.value for op in adds if op.type == "fail"}
    seen = {tag for op in history.ops if op.f == "members" and op.ok and op.ret < 100 for tag in op.result}
    must |= (seen & may) - perhaps
    tags = {
        cause: {one.data["tag"] for one in found if one.data["cause"] == cause}
        for cause in ("lost", "phantom", "failed")
    }
    strange = (held | read) - may
    assert tags == {"lost": must - held, "phantom": strange - refused, "failed": strange & refused}
    back = {one.data["tag"] for one in resurfaced.judge(Case(history)).violations}
    assert back == (held & observed) - twice


@pytest.mark.slow
@thoroughly
@given(histories())
def test_ten_thousand_histories_against_every_definition(history: History) -> None:
    for test in (
        test_supersession_is_the_closure_of_contexts,
        test_lost_writes,
        test_unstable_reads,
        test_false_siblings,
        test_duplicate_siblings,
        test_irregular_reads,
    ):
        test.hypothesis.inner_test(history)  # type: ignore[attr-defined]


@pytest.mark.slow
@thoroughly
@given(histories(agreeing=True))
def test_ten_thousand_histories_whose_replicas_agree(history: History) -> None:
    test_zombies_and_resurrections_where_replicas_agree.hypothesis.inner_test(history)  # type: ignore[attr-defined]


@pytest.mark.slow
@thoroughly
@given(set_histories())
def test_ten_thousand_sets(history: History) -> None:
    test_elements_as_set_differences.hypothesis.inner_test(history)  # type: ignore[attr-defined]


@quickly
@given(st.integers(0, 2**32), st.sampled_from([(2, 2), (1, 3), (3, 1), (1, 1), (1, 2), (2, 3)]))
def test_a_correct_store_is_never_accused(seed: int, quorums: tuple[int, int]) -> None:
    history = run(seed, *quorums)
    report = check(history)
    broken = [
        name for name, one in report.checks.items() if one.asserted and one.finding.verdict == "invalid"
    ]
    assert broken == []
    local = ("phantom", "future-read", "duplicate-sibling", "false-sibling", "lost-write", "unstable-read")
    assert {report.checks[name].finding.verdict for name in local} <= {Verdict.VALID, Verdict.NOT_APPLICABLE}


def test_a_strict_store_is_held_to_regularity_and_a_weak_one_shows_stale_reads() -> None:
    """The simulator is worth something only if what is not promised does happen in it."""
    strict, weak = run(1, 2, 2), [run(seed, 1, 1) for seed in range(20)]
    assert check(strict).checks["mvr-regular"].asserted
    stale = [mvr_regular.judge(Case(history)).verdict for history in weak]
    assert stale.count(Verdict.INVALID) > 3
