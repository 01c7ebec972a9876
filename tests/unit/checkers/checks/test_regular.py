from checkers.case import Case
from checkers.checks.regular import mvr_regular
from checkers.verdict import Verdict
from tests.histories.notation import history


def judge(text: str, promise: str = "mvr-strict", **config):
    return mvr_regular.judge(Case(history(text, promise, **config), promise))


def accused(text: str, **config) -> list[tuple[int, ...]]:
    return [violation.ops for violation in judge(text, **config).violations]


def test_a_read_that_misses_an_acknowledged_put():
    finding = judge("put1; b:get{}; b:get{1}")
    assert [violation.ops for violation in finding.violations] == [(0, 1)]
    assert finding.judged == 2
    assert finding.stats["max_k"] == 1
    assert finding.stats["max_delta_ms"] == 1.0


def test_a_put_still_under_way_may_be_missed():
    assert accused("a:put1[1,20]; b:get{}[5,6]") == []


def test_equal_times_are_concurrent():
    assert accused("a:put1[1,5]; b:get{}[5,6]") == []


def test_an_unanswered_put_is_never_required():
    assert accused("put1?; b:get{}") == []


def test_what_a_returned_value_covers_is_accounted_for():
    assert accused("put1; get{1}; put2{1}; b:get{2}") == []


def test_a_blind_put_covers_nothing():
    assert accused("put1; b:put2; c:get{2}") == [(0, 2)]


def test_a_delete_that_may_have_begun_excuses_what_it_covered_even_unanswered():
    assert accused("put1; b:get{1}; b:del{1}?; c:get{}") == []
    assert accused("put1; b:get{1}; c:get{}[20,25]; b:del{1}[25,30]") == [], "equal times are concurrent"
    assert accused("put1; b:get{1}; c:get{}[20,25]; b:del{1}[26,30]") == [(0, 2)]


def test_k_counts_all_that_is_missing():
    finding = judge("put1; put2; put3; b:get{1}")
    assert finding.violations[0].data["k"] == 2
    assert finding.violations[0].ops == (1, 3), "the stalest of them is cited"


def test_asserted_it_judges_only_reads_before_the_first_loss():
    text = "put1; b:get{}[3,4]; ~wipe(n1)[10,11]; b:get{}[20,21]"
    assert accused(text) == [(0, 1)]
    assert judge(text, "mvr-sloppy").stats["stale_reads"] == 2, "measured, it reports what it finds"


def test_it_does_not_stumble_over_a_context_that_saw_the_future():
    assert accused("b:get{1,2}[1,2]; b:put1{1,2}[5,6]; b:put2{1,2}[7,8]; c:get{}[10,11]") == [(1, 3)]


def test_without_reads_there_is_nothing_to_judge():
    assert judge("put1").verdict is Verdict.NOT_APPLICABLE
