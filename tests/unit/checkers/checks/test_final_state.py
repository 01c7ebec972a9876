"""What came back, what was taken back, and what replicas never agreed on."""

from __future__ import annotations

from typing import Any

import pytest

from checkers.model.rounds import REMEDY
from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.notation import history


def finding(name: str, text: str, **config: Any) -> Finding:
    return check(history(text, **config)).checks[name].finding


# Resurrection


def test_resurrected_once_however_many_had_superseded_it() -> None:
    text = "put1; get{1}; put2{1}; get{2}; put3{2}; F{1}"
    (violation,) = finding("resurrection", text).violations
    assert violation.ops == (0, 1, 2)
    assert violation.message == "1 is back, though 2 (op 2, acknowledged) had covered it"


def test_resurrection_through_a_write_without_an_answer() -> None:
    text = "put1; get{1}; put2{1}?; get{2}; b:get{2}; b:put3{2}; F{1}"
    (violation,) = finding("resurrection", text).violations
    assert violation.data["path"] == [0, 2, 5]


def test_superseded_only_by_what_was_never_acknowledged_is_counted_not_accused() -> None:
    found = finding("resurrection", "put1; get{1}; put2{1}?; b:get{2}; F{1}")
    assert found.verdict is Verdict.VALID
    assert found.stats["superseded_by_unacknowledged"] == 1


def test_resurrection_judges_only_replicas_that_agree() -> None:
    found = finding("resurrection", "put1; get{1}; put2{1}; F{1}|{2}|{2}")
    assert (found.verdict, found.stats["disagreeing_keys"]) == (Verdict.VALID, 1)


def test_a_retried_write_may_come_back() -> None:
    assert finding("resurrection", "put1*2; get{1}; put2{1}; F{1,2}").verdict is Verdict.VALID
    assert finding("zombie", "put1*2; get{1}; del{1}; F{1}").verdict is Verdict.VALID


# Zombie


def test_a_delete_covers_all_below_its_context() -> None:
    (violation,) = finding("zombie", "put1; get{1}; put2{1}; get{2}; del{2}; F{1}").violations
    assert violation.data["path"] == [0, 2, 4]


def test_a_put_beside_a_delete_survives() -> None:
    assert finding("zombie", "put1; a:get{1}; a:del{1} ∥ b:put2; F{2}").verdict is Verdict.VALID


def test_a_delete_without_an_answer_accuses_nobody() -> None:
    assert finding("zombie", "put1; get{1}; del{1}?; F{1}").verdict is Verdict.VALID


# Unstable read


def test_below_an_observed_value_is_a_fact_too() -> None:
    # 2 was read, so it took effect, so 1 had too; both are gone. 2 superseded 1: only the reads differ.
    found = finding("unstable-read", "put1?; get{1}; put2{1}?; get{2}; F{}")
    assert [violation.ops for violation in found.violations] == [(0, 1), (2, 3)]


def test_a_final_read_is_an_observation() -> None:
    found = finding("unstable-read", "put1?; F{1}|{}|{}; F{}")
    (violation,) = found.violations
    assert (violation.ops, violation.nodes) == ((0,), ("n1", "n2", "n3"))


def test_nobody_saw_it() -> None:
    assert finding("unstable-read", "put1?; get{}; F{}").verdict is Verdict.VALID


def test_a_loss_of_data_leaves_unstable_reads_measured() -> None:
    text = "put1?; get{1}; ~wipe(n1)[1,2]; #settle[10]; #final[20]; F{}"
    assert not check(history(text, settle_bound_s=0.001)).checks["unstable-read"].asserted


# Convergence


def test_replicas_that_differ_in_one_round() -> None:
    (violation,) = finding("convergence", "put1; F{1}|{1}|{}").violations
    assert violation.nodes == ("n1", "n3")
    assert violation.data["finals"] == {"n1": ["1"], "n2": ["1"], "n3": []}


def test_they_are_compared_as_multisets() -> None:
    assert finding("convergence", "put1; put2; F{1,2}|{2,1}|{1,2}").verdict is Verdict.VALID
    assert finding("convergence", "put1*2; F{1,1}|{1}|{1}").verdict is Verdict.INVALID


def test_two_rounds_that_differ_in_the_same_way() -> None:
    text = "put1; F{1}|{1}|{}[100]; F{1}|{1}|{}[%d]"
    assert finding("convergence", text % 200, background_period_s=0.1).verdict is Verdict.INVALID


def test_two_rounds_too_close_together() -> None:
    found = finding("convergence", "put1; F{1}|{1}|{}[100]; F{1}|{1}|{}[199]", background_period_s=0.1)
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason.endswith("its last two rounds are 0.099 s apart; a background period is 0.1 s")


def test_still_changing() -> None:
    found = finding("convergence", "put1; F{1}|{}|{}[100]; F{1}|{1}|{}[300]", background_period_s=0.1)
    assert (found.verdict, found.reason) == (Verdict.UNKNOWN, "key `x` still changes from round to round")


def test_agreement_in_the_last_round_is_enough() -> None:
    assert finding("convergence", "put1; F{1}|{}|{}; F{1}", background_period_s=9).verdict is Verdict.VALID


def test_an_incomplete_round_does_not_judge() -> None:
    found = finding("convergence", "put1; F{1}|-|{}")
    assert found.verdict is Verdict.UNKNOWN
    assert found.reason == f"key `x` has no complete round of final reads: {REMEDY}"


def test_time_to_converge_is_bounded_from_both_sides() -> None:
    # Healed at 100 ms; the poll at 150 ms disagreed, the one at 180 ms and all later ones agreed.
    text = "put x1; #heal[100]; #settle[101]; #final[900]; F x{1}|{}|{}[150]; F x{1}[180]; F x{1}[900]"
    found = finding("convergence", text, settle_bound_s=0.5, background_period_s=0.1)
    assert found.stats["time_to_converge_s"]["p50"] == [0.05, 0.08]
    assert found.stats["unconverged"] == 0


def test_a_key_that_never_agreed_has_no_upper_bound() -> None:
    text = "put x1; #heal[100]; #settle[101]; #final[900]; F x{1}|{}|{}[150]; F x{1}|{}|{}[900]"
    found = finding("convergence", text, settle_bound_s=0.5, background_period_s=0.1)
    assert (found.stats["time_to_converge_s"]["max"], found.stats["unconverged"]) == ([0.8, None], 1)


def test_a_write_after_healing_starts_the_clock_again() -> None:
    text = "#heal[100]; put x1[140,150]; #settle[151]; #final[900]; F x{1}[180]; F x{1}[900]"
    found = finding("convergence", text, settle_bound_s=0.5, background_period_s=0.1)
    assert found.stats["time_to_converge_s"]["max"] == [0.0, 0.03]


def test_seen_only_after_the_replicas_were_read_it_may_have_come_later() -> None:
    assert finding("unstable-read", "put1?[1,]; F{}[5]; b:get{1}[6,7]").verdict is Verdict.VALID


# Replicas that were read too early


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("lost-write", "put1[1,2]; F{1}[3]; b:put2[4,5]"),
        ("lost-write", "put1[1,2]; b:put2[3,9]; F{1}[5]"),
        ("lost-write", "put1[1,2]; b:put2[3,5]; F{1}[5]"),
        ("resurrection", "put1[1,2]; get{1}[3,4]; F{1}[5]; put2{1}[6,7]"),
        ("zombie", "put1[1,2]; get{1}[3,4]; F{1}[5]; del{1}[6,7]"),
        ("convergence", "put1[1,2]; F{1}|{}|{1}[5]; put2[6,7]"),
    ],
)
def test_what_was_written_later_is_not_missing(check: str, text: str) -> None:
    found = finding(check, text)
    assert found.verdict is Verdict.UNKNOWN
    late = "after its last acknowledged write"
    assert found.reason == f"key `x` has no complete round of final reads {late}: {REMEDY}"


def test_a_later_round_judges() -> None:
    assert finding("lost-write", "put1[1,2]; F{1}[3]; b:put2[4,5]; F{1,2}[8]").verdict is Verdict.VALID
    assert finding("lost-write", "put1[1,2]; F{1}[3]; b:put2[4,5]; F{1}[8]").verdict is Verdict.INVALID
