"""The latest write wins, as far as the clocks can tell."""

from __future__ import annotations

from typing import Any

from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.notation import history

SETTLED = "#settle[1000]; #final[1100]; F{%s}[1100]"


def finding(text: str, promise: str = "lww", **config: Any) -> Finding:
    return check(history(text, promise, **config)).checks["lww-inversion"].finding


def skewed(text: str, final: str, offset_ms: int, until: int = 5, **config: Any) -> Finding:
    fault = f"~skew(n1, max_offset_ms={offset_ms})[1,{until}]; "
    return finding(fault + text + "; " + SETTLED % final, settle_bound_s=0.1, **config)


def test_the_later_write_won() -> None:
    assert finding("put1; put2; F{2}").verdict is Verdict.VALID


def test_the_earlier_one_won() -> None:
    (violation,) = finding("put1[1,2]; put2[5,6]; F{1}").violations
    assert violation.ops == (0, 1)
    assert violation.message == "1 won over op 1 (put 2), which began 3.000 ms after it was acknowledged"


def test_overlapping_writes_and_equal_times_may_go_either_way() -> None:
    assert finding("a:put1 ∥ b:put2; F{1}").verdict is Verdict.VALID
    assert finding("put1[1,2]; put2[2,3]; F{1}").verdict is Verdict.VALID


def test_clocks_that_differ_explain_as_much_as_they_differ() -> None:
    text = "put1[10,12]; put2[%d,60]"
    assert skewed(text % 33, "1", offset_ms=10, clock_sync_ms=1).verdict is Verdict.VALID
    assert skewed(text % 34, "1", offset_ms=10, clock_sync_ms=1).verdict is Verdict.INVALID


def test_what_the_clocks_differ_by_may_be_unknown() -> None:
    found = skewed("put1[10,12]; put2[500,560]", "1", offset_ms=10)
    assert found.verdict is Verdict.UNKNOWN
    assert "`config.clock_sync_ms` is not given" in found.reason


def test_a_winner_that_was_never_answered_or_sent_twice_may_be_late() -> None:
    assert finding("put1?; put2; F{1}").verdict is Verdict.VALID
    assert finding("put1*2; put2; F{1}").verdict is Verdict.VALID


def test_a_delete_is_a_write() -> None:
    (violation,) = finding("put1[1,2]; get{1}[3,4]; del{1}[5,6]; F{1}").violations
    assert violation.ops == (0, 2)


def test_an_empty_end_without_any_delete_is_a_loss() -> None:
    (violation,) = finding("put1; put2; F{}").violations
    assert violation.ops == (1,)


def test_an_empty_end_that_a_delete_explains() -> None:
    assert finding("put1; get{1}; del{1}; F{}").verdict is Verdict.VALID
    assert finding("put1; get{1}; del{1}?; put2; F{}").verdict is Verdict.VALID
    assert finding("put1; get{1}; del{1}*2; put2; F{}").verdict is Verdict.VALID


def test_an_empty_end_that_only_an_older_delete_could_explain() -> None:
    (violation,) = finding("put1; get{1}; del{1}; put2; F{}").violations
    assert violation.ops == (3,)
    text = "put1[1,2]; get{1}[3,4]; del{1}[5,6]; put2[30,60]"
    assert skewed(text, "", offset_ms=12, clock_sync_ms=0).verdict is Verdict.VALID
    assert skewed(text, "", offset_ms=11, clock_sync_ms=0).verdict is Verdict.INVALID


def test_replicas_that_disagree_are_for_convergence() -> None:
    assert finding("put1; put2; F{1}|{2}|{2}").verdict is Verdict.VALID


def test_last_writer_wins_keeps_one_value() -> None:
    assert finding("put1; put2; F{1,2}").verdict is Verdict.INVALID
    assert finding("put1; put2; F{1,2}", "mvr-sloppy").verdict is Verdict.VALID


def test_of_a_value_written_twice_the_later_write_may_have_won() -> None:
    assert finding("put1; put2; put1; F{1}").verdict is Verdict.VALID
    (violation,) = finding("put1; put1; put2; F{1}").violations
    assert violation.ops == (1, 2)
    assert finding("put1; put1?; put2; F{1}").verdict is Verdict.VALID, "its stamp may be late"


def test_what_the_mode_costs_is_counted() -> None:
    assert finding("a:put1 ∥ b:put2; F{1}").stats["overwritten_unseen"] == 1
