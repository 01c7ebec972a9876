import pytest

from checkers.case import Case
from checkers.checks.counter import counter
from checkers.model.history import OPEN, Fault, Final, History, Op
from checkers.model.values import TRUE
from checkers.suite import check
from checkers.verdict import Verdict


def counted(*asked: tuple, final: object = None, promise: str = "mvr-sloppy", attempts: int = 1) -> History:
    """(f, amount or sum, type, inv, ret); `final`: what the one replica holds."""
    found = History({"version": 1, "promise": promise, "config": {"n": 1, "r": 1, "w": 1}})
    for f, number, type, inv, ret in asked:
        op = Op(len(found.ops), len(found.ops), f, "x", None, inv, ret if type != "info" else OPEN, type)
        if f == "incr":
            op.value, op.attempts = number, attempts
        else:
            op.result = number
        found.ops.append(op)
    if final is not None:
        found.finals.append(Final(100, "n1", "x", final if isinstance(final, list) else [final]))
    return found


def accused(history: History, promise: str = "mvr-sloppy") -> list[tuple[int, ...]]:
    return [one.ops for one in counter.judge(Case(history, promise)).violations]


@pytest.mark.parametrize(("total", "possible"), [(5, False), (6, True), (8, True), (9, False)])
def test_a_final_sum_between_what_is_sure_and_what_may_be(total: int, possible: bool) -> None:
    incrs = (
        ("incr", 4, "ok", 1, 2),
        ("incr", 3, "ok", 3, 4),
        ("incr", 1, "info", 5, 0),
        ("incr", -1, "info", 6, 0),
    )
    assert (accused(counted(*incrs, final=total)) == []) == possible


def test_the_evidence_of_too_little_is_what_was_acknowledged_and_of_too_much_all_there_was() -> None:
    incrs = (("incr", 4, "ok", 1, 2), ("incr", 3, "fail", 3, 4), ("incr", 1, "info", 5, 0))
    assert accused(counted(*incrs, final=3)) == [(0,)]
    assert accused(counted(*incrs, final=9)) == [(0, 2)]


def test_an_increment_that_certainly_failed_is_named_where_it_seems_to_count() -> None:
    incrs = (("incr", 4, "ok", 1, 2), ("incr", 3, "fail", 3, 4), ("incr", 1, "info", 5, 0))
    (violation,) = counter.judge(Case(counted(*incrs, final=8), "mvr-sloppy")).violations
    assert violation.ops == (0, 2, 1)
    assert "op 1, which certainly failed" in violation.message


@pytest.mark.parametrize("promise", ["linearizable", "mvr-sloppy", "mvr-paper", "lww"])
def test_a_total_that_nobody_can_have_made_is_invalid_under_every_promise_and_without_finals(
    promise: str,
) -> None:
    odd = counted(("incr", 4, "ok", 1, 2), ("total", 9, "ok", 3, 4))
    assert check(odd, promise).verdict is Verdict.INVALID
    right = counted(("incr", 4, "ok", 1, 2), ("total", 4, "ok", 3, 4))
    assert check(right, promise).checks["counter"].finding.verdict in (Verdict.VALID, Verdict.UNKNOWN)
    assert check(right, "linearizable").verdict is Verdict.VALID


def test_an_answer_of_nothing_is_no_answer() -> None:
    silent = counted(("incr", 4, "ok", 1, 2), ("total", 4, "ok", 3, 4), ("total", None, "ok", 5, 6))
    assert counter.judge(Case(silent, "linearizable")).verdict is Verdict.UNKNOWN


def test_nothing_held_is_zero() -> None:
    assert accused(counted(("incr", 4, "ok", 1, 2), final=[])) == [(0,)]


def test_a_read_sees_at_most_what_had_begun() -> None:
    assert accused(counted(("total", 4, "ok", 1, 5), ("incr", 4, "ok", 5, 6), final=4)) == []
    assert accused(counted(("total", 4, "ok", 1, 4), ("incr", 4, "ok", 5, 6), final=4)) == [(0,)]


def test_a_read_need_not_see_what_was_acknowledged_unless_that_is_promised() -> None:
    history = counted(("incr", 4, "ok", 1, 2), ("total", 0, "ok", 3, 4), final=4)
    assert accused(history) == []
    assert accused(history, "mvr-strict") == [(0, 1)]
    assert accused(history, "linearizable") == [(0, 1)]
    assert accused(counted(("incr", 4, "ok", 1, 3), ("total", 0, "ok", 3, 4), final=4), "linearizable") == []


def test_what_was_sent_twice_may_count_twice() -> None:
    assert accused(counted(("incr", 4, "ok", 1, 2), final=8, attempts=2)) == []
    assert accused(counted(("incr", 4, "ok", 1, 2), final=12, attempts=2)) == [(0,)]


def test_a_counter_that_was_not_read_at_the_end_is_unknown() -> None:
    assert counter.judge(Case(counted(("incr", 4, "ok", 1, 2)))).verdict is Verdict.UNKNOWN
    assert counter.judge(Case(History({"version": 1}))).verdict is Verdict.NOT_APPLICABLE


def test_sums_start_from_what_a_counter_held_before() -> None:
    found = counted(("incr", 4, "ok", 1, 2), ("total", 14, "ok", 3, 4), final=14)
    assert accused(found) != []
    found.meta["initial"] = 10
    assert accused(found) == []


def test_quorums_promise_a_read_nothing_once_data_are_lost() -> None:
    found = counted(("incr", 4, "ok", 1, 2), ("total", 0, "ok", 8, 9), final=4)
    assert accused(found, "mvr-strict") == [(0, 1)]
    found.faults.append(Fault("f", "wipe", ["n1"], 3, 4, 5, 6))
    assert accused(found, "mvr-strict") == []
    assert accused(found, "linearizable") == [(0, 1)]


def test_the_order_in_which_fractions_were_added_accuses_nobody() -> None:
    incrs = (("incr", 0.1, "ok", 1, 2), ("incr", 0.2, "ok", 3, 4))
    assert accused(counted(*incrs, final=0.3)) == []
    assert accused(counted(*incrs, final=0.2)) == [(0, 1)]


@pytest.mark.parametrize("held", [["7"], [TRUE], [4, 4], [1, 2]])
def test_a_replica_that_holds_no_single_number_leaves_its_counter_open(held: list[object]) -> None:
    """What was not judged is never green; and nothing of it is counted as judged."""
    found = counter.judge(Case(counted(("incr", 4, "ok", 1, 2), final=held)))
    assert (found.verdict, found.judged) == (Verdict.UNKNOWN, 0)
    assert "no single number" in found.reason
