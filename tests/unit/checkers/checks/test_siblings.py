from checkers.case import Case
from checkers.checks.siblings import PAPER_REMAINDER, siblings
from checkers.verdict import Verdict
from tests.histories.notation import history


def judge(text: str, **config):
    return siblings.judge(Case(history(text, **config), "mvr-sloppy"))


def test_the_histogram_counts_versions_of_reads_that_returned_any():
    finding = judge("get{}; a:put1 ∥ b:put2; a:get{1,2}; a:put3{1,2}; b:get{3}")
    assert finding.judged == 2
    assert finding.stats["histogram"] == {"1": 1, "2": 1}
    assert finding.stats["percent"] == {"1": 50.0, "2": 50.0}
    assert (finding.stats["max"], finding.stats["max_op"]) == (2, 3)


def test_siblings_are_concurrent_unless_one_is_in_the_others_context():
    concurrent = judge("a:put1 ∥ b:put2; a:get{1,2}")
    false = judge("put1; get{1}; put2{1}; get{1,2}")
    assert concurrent.stats["causes"] == {"concurrent": 1, "false": 0}
    assert false.stats["causes"] == {"concurrent": 0, "false": 1}


def test_a_put_sent_twice_may_have_two_dots():
    assert judge("put1*2; get{1}; put2{1}; get{1,2}").stats["causes"] == {"concurrent": 1, "false": 0}


def test_a_value_returned_twice_is_one_version_here():
    assert judge("put1; get{1,1}").stats["histogram"] == {"1": 1}


def test_reads_are_told_apart_by_phase():
    finding = judge("#main; put1; get{1}; b:put2; #heal[50]; get{1,2}; get{1,2}")
    assert finding.stats["phases"] == {"main": {"1": 1}, "heal": {"2": 2}}


def test_more_than_max_siblings_is_a_warning_and_never_a_violation():
    text = "a:put1 ∥ b:put2 ∥ c:put3; a:get{1,2,3}"
    finding = judge(text, max_siblings=2)
    assert finding.verdict is Verdict.VALID
    assert finding.stats["warning"] == "op 3 returned 3 siblings; max_siblings is 2"
    assert "warning" not in judge(text, max_siblings=3).stats
    assert "warning" not in judge(text).stats


def test_the_papers_numbers_do_not_add_up_and_the_rest_is_printed():
    assert PAPER_REMAINDER == 0.05887


def test_without_a_version_there_is_no_histogram():
    assert judge("get{}").verdict is Verdict.NOT_APPLICABLE
