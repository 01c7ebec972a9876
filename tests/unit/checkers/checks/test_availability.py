"""What was owed and what was given; times in ms, three nodes, W = 2, detect_ms = 10."""

import pytest

from checkers.case import Case
from checkers.checks.availability import availability
from checkers.verdict import Verdict
from tests.histories.notation import history


def judge(text: str, clients: int | None = None, **config):
    found = history(text, **{"detect_ms": 10, "put_success_min": 0.9, **config})
    if clients:
        found.meta["clients"] = clients
    return availability.judge(Case(found, "mvr-sloppy"))


def test_a_put_that_was_owed_and_refused():
    finding = judge("put1; put2!; put3")
    assert [violation.ops for violation in finding.violations] == [(1,)]
    assert finding.stats["puts"]["main"]["success"] == pytest.approx(2 / 3)
    assert finding.judged == 3


def test_exactly_the_target_is_no_breach_of_it():
    # 1 - 4/5 is a little less than 0.2 in binary fractions, 1 - 1/3 a little more than 2/3.
    assert judge("put1; put2?; put3?; put4?; put5?", put_success_min=0.2).verdict is Verdict.VALID
    assert judge("put1; put2; put3!", put_success_min=0.6667).verdict is Verdict.INVALID


def test_no_answer_is_unavailable_too():
    assert [violation.ops for violation in judge("put1; put2?").violations] == [(1,)]


def test_a_put_that_the_history_cuts_off_accuses_nobody():
    assert judge("put1; put2[9,]").verdict is Verdict.VALID


def test_a_store_that_answers_keeps_its_target():
    finding = judge("put1; put2; get{1,2}")
    assert finding.verdict is Verdict.VALID
    assert finding.judged == 2


def test_in_a_minority_nothing_is_owed_and_what_failed_there_is_counted_apart():
    finding = judge("put1; ~kill(n1,n2)[5,90]; put2![50,51]; put3![95,96]; put4[120,121]")
    assert finding.verdict is Verdict.VALID
    assert finding.stats["puts"]["main"] == {
        "owed": 2,
        "ok": 2,
        "success": 1.0,
        "longest_gap_s": 0.0,
        "not_owed": 2,
    }


def test_with_enough_nodes_left_a_fault_excuses_nothing_once_it_could_be_noticed():
    finding = judge("~kill(n1)[5,90]; put1![10,11]; put2![50,51]")
    assert [violation.ops for violation in finding.violations] == [(1,)]


def test_phases_are_judged_apart():
    finding = judge("#main; put1; put2; #heal[50]; put3!")
    assert [violation.data["phase"] for violation in finding.violations] == ["heal"]


def test_the_longest_gap_runs_from_the_first_failure_to_the_next_success():
    text = "put1[1,2]; put2![10,20]; put3![30,40]; put4[50,60]"
    finding = judge(text, put_success_min=0, max_gap_s=0.03)
    assert [violation.ops for violation in finding.violations] == [(1, 2)]
    assert finding.stats["puts"]["main"]["longest_gap_s"] == 0.05
    assert judge(text, put_success_min=0, max_gap_s=0.05).verdict is Verdict.VALID


def test_a_client_is_followed_over_its_retired_processes():
    """After each unanswered put the client goes on as a process 26 higher."""
    text = "put1?[1,20]; put2?[30,40]; put3[50,60]"
    assert judge(text, clients=26).stats["puts"]["main"]["longest_gap_s"] == 0.059
    assert judge(text).stats["puts"]["main"]["longest_gap_s"] == 0.019


def test_latency_runs_from_the_intended_start():
    found = history("put1[50,60]", put_success_min=0.9)
    found.ops[0].due = 10_000_000
    latency = availability.judge(Case(found, "mvr-sloppy")).stats["latency"]
    assert latency["put"]["all"]["p50_ms"] == 50.0


def test_the_last_thousandth_is_held_to_its_target_given_ten_thousand_samples():
    slow = [f"put{i}[{i},{i + (9 if i % 500 == 0 else 1)}]" for i in range(1, 10_001)]
    assert judge("; ".join(slow), latency_p999_ms=5).violations[0].data["p999_ms"] == 9.0
    assert judge("; ".join(slow), latency_p999_ms=9).verdict is Verdict.VALID
    assert judge("; ".join(slow[:-1]), latency_p999_ms=5).verdict is Verdict.VALID, "too few to say"


def test_without_a_target_it_is_measured_only():
    finding = judge("put1; put2!", put_success_min=0)
    assert finding.verdict is Verdict.NOT_APPLICABLE
    assert finding.stats["puts"]["main"]["success"] == 0.5


def test_without_a_grace_period_faults_leave_it_unknown():
    assert judge("~kill(n1)[5,90]; put1![50,51]", detect_ms=None).verdict is Verdict.UNKNOWN
