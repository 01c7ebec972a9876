"""Settled: which runs had their time, and which final reads came after it."""

from __future__ import annotations

from checkers.case import Case
from checkers.conditions.settling import settled
from checkers.model.history import State
from checkers.model.rounds import REMEDY
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import MS, history

BOUND = {"settle_bound_s": 0.1}
"""In the notation's milliseconds: 100."""


def test_a_history_with_nothing_to_heal_counts_as_settled() -> None:
    assert settled(history("put1; F{1}")) == ""


def test_a_fault_asks_for_a_settle_phase() -> None:
    assert "no settle phase" in settled(history("put1; ~kill(n1)[5,6]; F{1}"))


def test_long_enough_and_quiet() -> None:
    assert settled(history("put1; ~kill(n1)[5,6]; #settle[10]; #final[110]; F{1}", **BOUND)) == ""


def test_too_short() -> None:
    found = settled(history("put1; ~kill(n1)[5,6]; #settle[10]; #final[109]; F{1}", **BOUND))
    assert found == "settling lasted 0.099 s; the store needs 0.1 s"


def test_no_bound_no_telling() -> None:
    assert "settle_bound_s" in settled(history("put1; #settle[10]; #final[110]; F{1}"))


def test_a_fault_that_outlived_the_healing() -> None:
    assert "was active" in settled(history("put1; ~kill(n1)[5,11]; #settle[10]; #final[110]; F{1}", **BOUND))
    assert "was active" in settled(history("put1; ~kill(n1)[5,]; #settle[10]; #final[110]; F{1}", **BOUND))
    assert settled(history("put1; ~kill(n1)[5,10]; #settle[10]; #final[110]; F{1}", **BOUND)) == ""


def test_an_operation_that_ran_meanwhile() -> None:
    text = "#main; {}; #settle[10]; #final[110]; F{{1}}"
    assert settled(history(text.format("put1[5,10]"), **BOUND)) == ""
    assert "operation 0 (put) ran" in settled(history(text.format("put1[5,11]"), **BOUND))
    assert "operation 0 (put) ran" in settled(history(text.format("put1?[5,11]"), **BOUND))
    assert "operation 0 (get) ran" in settled(history(text.format("get{}[50,51]"), **BOUND))


def test_an_operation_that_never_ended_does_not_disturb() -> None:
    assert settled(history("put1?[5,]; #settle[10]; #final[110]; F{1}", **BOUND)) == ""


def test_a_write_between_the_final_reads() -> None:
    assert "wrote after settling" in settled(
        history("#settle[10]; #final[110]; put1[120,121]; F{1}", **BOUND)
    )


def test_a_transfer_under_way() -> None:
    busy = history("put1; #settle[10]; #final[110]; F{1}", **BOUND)
    busy.states.append(State(50 * MS, "n1", {"transfers": 1}))
    assert "transfers under way" in settled(busy)
    busy.states[0].facts["transfers"] = 0
    assert settled(busy) == ""


def test_early_rounds_date_convergence_and_do_not_judge() -> None:
    # The poll at 50 ms lacks the value; it is one of the rounds, but the one that judges is the last.
    h = history("put1; #settle[10]; #final[120]; F{}[50]; F{1}[120]", **BOUND)
    case = Case(h, "mvr-sloppy")
    ((_, judging),) = case.judgeable("lost-write").keys
    assert judging.number == 2
    assert check(h).checks["lost-write"].finding.verdict is Verdict.VALID


def test_a_key_with_early_rounds_only_is_unknown() -> None:
    h = history("put1; #settle[10]; #final[120]; F{}[50]; F{}|-|{}[120]", **BOUND)
    found = check(h).checks["lost-write"].finding
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == f"key `x` has no complete round of final reads after settling: {REMEDY}"
