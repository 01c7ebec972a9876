"""Non-vacuity: what counts as a chance to fail, and how many a run on its own needs."""

from __future__ import annotations

from typing import Any

from checkers.case import Case
from checkers.chances.vacuity import chances, shortfall
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import history


def counted(text: str, **config: Any) -> dict[str, Any]:
    return chances(Case(history(text, **config), "mvr-sloppy"))


# Conflicts


def test_two_overlapping_writes_that_do_not_know_each_other() -> None:
    assert counted("a:put1 ∥ b:put2")["conflicts"] == 1
    assert counted("a:put1; b:put2")["conflicts"] == 0


def test_each_pair_counts() -> None:
    assert counted("a:put1 ∥ b:put2 ∥ c:put3")["conflicts"] == 3


def test_equal_times_overlap() -> None:
    assert counted("a:put1[1,5]; b:put2[5,9]")["conflicts"] == 1


def test_not_if_one_supersedes_the_other() -> None:
    # 1 was read while it was still under way.
    assert counted("a:put1[1,20]; b:get{1}[2,3]; b:put2{1}[4,5]")["conflicts"] == 0


def test_an_unanswered_write_counts_once_it_was_observed() -> None:
    assert counted("a:put1? ∥ b:put2")["conflicts"] == 0
    assert counted("a:put1? ∥ b:put2; get{1,2}")["conflicts"] == 1


def test_deletes_count_and_failures_do_not() -> None:
    assert counted("put1; a:get{1}; b:get{1}; a:del{1} ∥ b:put2{1}")["conflicts"] == 1
    assert counted("a:put1! ∥ b:put2")["conflicts"] == 0


def test_other_keys_do_not_meet() -> None:
    assert counted("a:put x1 ∥ b:put y2")["conflicts"] == 0


# Possibly stale reads


def test_another_process_was_acknowledged_less_than_a_period_before() -> None:
    assert counted("a:put1[1,2]; b:get{1}[10,11]", anti_entropy_s=0.008)["stale_reads"] == 1
    assert counted("a:put1[1,2]; b:get{1}[11,12]", anti_entropy_s=0.008)["stale_reads"] == 0


def test_or_while_a_fault_was_effective() -> None:
    text = "a:put1[1,2]; b:get{1}[500,501]; ~kill(n1)[%d,%d]"
    assert counted(text % (400, 600))["stale_reads"] == 1
    assert counted(text % (400, 499))["stale_reads"] == 0


def test_not_ones_own_write_nor_an_unanswered_one() -> None:
    assert counted("a:put1; a:get{1}", anti_entropy_s=9)["stale_reads"] == 0
    assert counted("a:put1?; b:get{1}", anti_entropy_s=9)["stale_reads"] == 0


def test_an_older_write_of_another_counts_behind_ones_own() -> None:
    assert counted("b:put1; a:put2; a:get{1,2}", anti_entropy_s=9)["stale_reads"] == 1


def test_only_the_main_phase_and_top_level_operations_count() -> None:
    found = counted("put0; #main[10]; a:put1; a:add x t; ^a:put 0:0|t; #settle[50]; #final[60]; get{1}; F{1}")
    assert found["by_f"] == {"put": 1, "add": 1}
    assert (found["ok"], found["main"]) == (2, True)


def enough() -> str:
    reads = "; ".join("b:get{1,2}" for _ in range(20))
    return f"#main; a:put1 ∥ b:put2; {reads}; #final[90]; F{{1,2}}"


# A run on its own


def test_with_enough_chances_it_is_valid() -> None:
    report = check(history(enough(), anti_entropy_s=1))
    assert report.verdict is Verdict.VALID


def test_without_them_it_is_unknown_and_says_what_is_missing() -> None:
    report = check(history("#main; a:put1; #final[90]; F{1}"))
    assert (report.verdict, report.before_minima) == (Verdict.UNKNOWN, Verdict.VALID)
    assert report.reason == (
        "too few chances to fail: 1 acknowledged operations, needs 20; no conflicting writes"
    )


def test_where_nothing_was_injected_no_read_need_be_possibly_stale() -> None:
    calm = check(history(enough(), anti_entropy_s=0))
    assert (calm.chances["stale_reads"], calm.verdict) == (0, Verdict.VALID)
    end = "~skew(n1)[500,501]; #heal[600]; #settle[601]; #final[700]; F{1,2}[710]"
    text = f"{enough().partition('; #final')[0]}; {end}"
    faulty = check(history(text, anti_entropy_s=0, settle_bound_s=0.001))
    assert faulty.reason == "too few chances to fail: no possibly stale read"


def test_a_violation_needs_no_minima() -> None:
    assert check(history("#main; a:put1; #final[90]; F{}")).verdict is Verdict.INVALID


def test_a_foreign_history_is_judged_without_minima() -> None:
    assert check(history("put1; F{1}")).verdict is Verdict.VALID


def test_every_function_drawn_must_have_succeeded() -> None:
    found = counted(enough(), anti_entropy_s=1, functions=["get", "put", "delete"])
    assert shortfall(found) == "too few chances to fail: no acknowledged delete"


def test_every_fault_must_be_verified() -> None:
    h = history(enough() + "; ~pause(n1)[1,2]; ~pause(n2)[3,4]", anti_entropy_s=1)
    h.faults[1].verified = None
    found = chances(Case(h, "mvr-sloppy"))
    assert (found["faults"], found["effective"], found["verified"]) == (2, 2, 1)
    assert shortfall(found) == "too few chances to fail: 1 of 2 faults unverified"
    h.faults[1].details["probe"] = {"unverified": "n1 sent nothing to n2"}
    found = chances(Case(h, "mvr-sloppy"))
    assert shortfall(found) == "too few chances to fail: 1 of 2 faults unverified (n1 sent nothing to n2)"


def test_finals_must_be_complete() -> None:
    found = counted(enough().replace("F{1,2}", "F{1,2}|-|{1,2}"), anti_entropy_s=1)
    assert shortfall(found) == "too few chances to fail: complete final reads of 0 of 1 keys"
