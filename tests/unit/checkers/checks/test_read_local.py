"""Checks of one answer and the writes behind it: leaks, final reads, excuses, single-value registers."""

from __future__ import annotations

from typing import Any

from checkers.model.history import Final, History, Op
from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.notation import history


def finding(name: str, h: History | str, **config: Any) -> Finding:
    h = history(h, **config) if isinstance(h, str) else h
    return check(h).checks[name].finding


def registers(text: str) -> History:
    """The same history over single-value registers: write for put, read for get."""
    h = history(text, "linearizable")
    for op in h.ops:
        if op.f == "get" and op.ok:
            op.result = op.result[0] if op.result else None
        op.f = {"put": "write", "get": "read"}[op.f]
    return h


def test_a_value_of_another_key_leaked() -> None:
    found = finding("phantom", "put x1; put y2; get y{1}")
    (violation,) = found.violations
    assert (violation.key, violation.ops, violation.data["leaked_from"]) == ("y", (2,), "x")
    assert violation.message == "1 was never written on key `y`; it was written on key `x`: it leaked"


def test_final_reads_are_judged_as_well() -> None:
    found = finding("phantom", "put1; F{1,9}|{1}|{1}")
    (violation,) = found.violations
    assert (violation.ops, violation.nodes) == ((), ("n1",))


def test_one_violation_stands_for_all_answers_that_show_it() -> None:
    found = finding("phantom", "put1; get{9}; get{9}; get{9,8}; F{1}")
    assert [violation.data["value"] for violation in found.violations] == ["9", "8"]
    assert (found.stats["affected"], found.judged) == (3, 6)


def test_an_unanswered_read_is_no_evidence() -> None:
    assert finding("phantom", "put1; get{9}?; F{1}").verdict is Verdict.VALID


def test_an_aborted_read_names_both_ends() -> None:
    (violation,) = finding("aborted-read", "put1!; get{1}").violations
    assert violation.ops == (0, 1)


def test_a_failed_write_of_a_value_that_another_wrote_is_not_aborted() -> None:
    assert finding("aborted-read", "put1!; put1; get{1}; F{1}").verdict is Verdict.VALID


def test_a_future_read_needs_a_later_time_not_an_equal_one() -> None:
    assert finding("future-read", "get{1}[1,5]; put1[6,7]").violations[0].ops == (0, 1)
    assert finding("future-read", "get{1}[1,5]; put1[5,7]").verdict is Verdict.VALID


def test_of_a_repeated_value_the_earliest_write_counts() -> None:
    assert finding("future-read", "put1[1,2]; get{1}[3,4]; put1[5,6]").verdict is Verdict.VALID


def test_a_duplicate_of_a_write_sent_once() -> None:
    (violation,) = finding("duplicate-sibling", "put1; get{1,1}; F{1}").violations
    assert (violation.ops, violation.data) == ((0, 1), {"value": "1", "count": 2})


def test_a_duplicate_of_a_retried_write_is_excused() -> None:
    assert finding("duplicate-sibling", "put1*2; get{1,1}; F{1}").verdict is Verdict.VALID


def test_a_false_sibling_cites_the_whole_chain() -> None:
    text = "put1; get{1}; put2{1}; get{2}; put3{2}; get{1,3}"
    (violation,) = finding("false-sibling", text).violations
    assert violation.ops == (0, 1, 2, 3, 4, 5)
    assert violation.data["path"] == [0, 2, 4]
    assert violation.proof[-1].endswith("both, as if concurrent")


def test_a_false_sibling_of_a_write_that_was_never_answered() -> None:
    assert finding("false-sibling", "put1; get{1}; put2{1}?; get{1,2}").verdict is Verdict.INVALID


def test_the_retry_of_the_superseded_one_excuses() -> None:
    assert finding("false-sibling", "put1*2; get{1}; put2{1}; get{1,2}").verdict is Verdict.VALID
    assert finding("false-sibling", "put1; get{1}; put2{1}*2; get{1,2}").verdict is Verdict.INVALID


def test_replicas_that_differ_are_no_siblings() -> None:
    # Each final read is an answer of its own.
    assert finding("false-sibling", "put1; get{1}; put2{1}; F{1}|{2}|{2}").verdict is Verdict.VALID


def test_truncated_clocks_explain_false_siblings() -> None:
    (violation,) = finding("false-sibling", "put1; get{1}; put2{1}; get{1,2}", clock_limit=3).violations
    assert "explained by truncation: clocks are cut to 3 entries" in violation.message


def test_of_a_repeated_value_nobody_can_tell_which_write_came_back() -> None:
    for name in ("false-sibling", "duplicate-sibling"):
        found = finding(name, "put1; put1; get{1,1}")
        assert found.verdict is Verdict.UNKNOWN
        assert found.reason == "not all could be told: key `x` has value '1' written more than once"
    assert finding("duplicate-sibling", "put1; put1; get{1}").verdict is Verdict.VALID
    assert finding("false-sibling", "put1; put1; get{1}").verdict is Verdict.VALID


def test_what_is_certain_beside_a_repeated_value_is_judged() -> None:
    (thrice,) = finding("duplicate-sibling", "put1; put1; get{1,1,1}").violations
    assert thrice.ops == (0, 1, 2)
    (false,) = finding("false-sibling", "put1; put1; put2; get{2}; put3{2}; get{2,3}").violations
    assert false.ops == (2, 3, 4, 5)
    again = "put1; get{1}; put2{1}; put1; get{1,2}"
    assert finding("false-sibling", again).verdict is Verdict.UNKNOWN, "the second 1 is a true sibling"


def test_a_write_that_failed_repeats_nothing() -> None:
    assert finding("false-sibling", "put1; get{1}; put2{1}!; put2; get{1,2}").verdict is Verdict.VALID
    (early,) = finding("future-read", "put1!; get{1}; put1").violations
    assert early.ops == (1, 2), "the one that failed explains nothing"


LOCAL = ("phantom", "aborted-read", "future-read")


def test_what_was_there_from_the_start_needs_no_other_source() -> None:
    for text in ("get{7}", "get{7}; put7", "put7!; get{7}"):
        h = registers(text)
        assert not all(finding(name, h).verdict is Verdict.VALID for name in LOCAL), text
        h.meta["initial"] = "7"
        assert all(finding(name, h).verdict is Verdict.VALID for name in LOCAL), text


def test_single_value_registers_are_judged_by_what_a_read_returned() -> None:
    assert finding("phantom", registers("put1; get{9}")).violations[0].ops == (1,)
    assert finding("phantom", registers("put1; get{}")).verdict is Verdict.VALID
    assert finding("aborted-read", registers("put1!; get{1}")).verdict is Verdict.INVALID
    assert finding("future-read", registers("get{1}; put1")).verdict is Verdict.INVALID


def test_a_register_may_hold_what_it_held_before_any_write() -> None:
    h = registers("get{0}; put1")
    assert finding("phantom", h).verdict is Verdict.INVALID
    h.meta["initial"] = "0"
    assert finding("phantom", h).verdict is Verdict.VALID


def test_the_new_value_of_a_cas_is_written() -> None:
    h = registers("put1; put2; get{2}")
    h.ops[1].f, h.ops[1].value = "cas", ["1", "2"]
    assert finding("phantom", h).verdict is Verdict.VALID
    h.ops[1].type = "fail"
    assert finding("aborted-read", h).violations[0].ops == (1, 2)


def test_what_a_register_held_before_any_write_is_no_phantom() -> None:
    h = history("get{0}; put1; F{1}")
    assert finding("phantom", h).verdict is Verdict.INVALID
    h.meta["initial"] = "0"
    assert finding("phantom", h).verdict is Verdict.VALID


def test_elements_and_sums_are_not_values_that_somebody_put() -> None:
    assert finding("phantom", "add tea; F{tea}").verdict is Verdict.VALID
    h = History({"version": 1, "promise": "linearizable", "config": {"n": 1}})
    h.ops.append(Op(0, 0, "incr", "x", 4, 1, 2, "ok"))
    h.finals.append(Final(5, "n1", "x", [4]))
    assert check(h).verdict is Verdict.VALID
