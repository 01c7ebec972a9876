from checkers.case import Case
from checkers.checks.safe import safe
from checkers.checks.staleness import staleness
from checkers.numbers.intervals import wilson
from checkers.verdict import Verdict
from tests.histories.notation import history


def measured(text: str, promise: str = "mvr-sloppy"):
    return staleness.judge(Case(history(text, promise), promise))


def test_k_and_delta_of_versions() -> None:
    quiet = measured("put1[1,2]; put2[3,4]; b:get{1,2}[10,11]; c:get{}[20,21]").stats["reads"]["quiet"]
    assert quiet["k"] == {"0": 1, "2": 1}
    assert quiet["delta"]["max_ms"] == 18.0
    assert quiet["stale"] == 1


def test_k_of_single_values_is_a_lower_bound() -> None:
    finding = measured("put1[1,2]; put2[3,4]; put3[5,6]; b:get{1}[10,11]", "lww")
    assert finding.stats["k_is"] == "a lower bound"
    assert finding.stats["reads"]["quiet"]["k"] == {"2": 1}


def test_t_visibility_is_counted_by_the_age_of_the_latest_write() -> None:
    curve = measured("put1[1,2]; b:get{}[3,4]; b:get{1}[14,15]; c:get{1}[19,20]").stats["reads"]["quiet"][
        "t_visibility"
    ]
    assert [(one["from_ms"], one["to_ms"], one["visible"], one["reads"]) for one in curve] == [
        (1, 2, 0, 1),
        (10, 20, 2, 2),
    ]
    assert curve[0]["low"] == 0 < curve[0]["high"] < 1


def test_reads_during_a_fault_are_apart() -> None:
    groups = measured("put1[1,2]; ~kill(n1)[10,20]; b:get{}[15,16]; b:get{1}[25,26]").stats["reads"]
    assert {name: group["stale"] for name, group in groups.items()} == {"quiet": 0, "faulty": 1}


def test_it_measures_and_never_accuses() -> None:
    assert measured("put1; b:get{}").verdict is Verdict.VALID
    assert measured("b:get{}; put1").verdict is Verdict.NOT_APPLICABLE


def test_wilsons_band() -> None:
    low, high = wilson(9, 10)
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1


def quiet_reads(text: str, promise: str = "mvr-sloppy") -> tuple[int, list[tuple[int, ...]]]:
    finding = safe.judge(Case(history(text, promise), promise))
    return finding.judged, [one.ops for one in finding.violations]


def test_safe_asks_only_reads_that_no_write_overlaps() -> None:
    assert quiet_reads("put1; b:get{}") == (1, [(0, 1)])
    assert quiet_reads("a:put1[1,2]; a:put2[3,9]; b:get{}[4,5]") == (0, [])
    assert quiet_reads("a:put1[1,2]; a:put2[3,9]; b:get{}[9,12]") == (0, []), "equal times are concurrent"
    assert quiet_reads("a:put1; b:put2?; c:get{}") == (0, []), "an unanswered put is under way for ever"
    assert quiet_reads("a:put1; b:put2!; c:get{}") == (1, [(0, 2)]), "a refused one is not"


def test_safe_of_single_values() -> None:
    assert quiet_reads("put1; put2; b:get{1}", "lww") == (1, [(0, 1, 2)])
    assert quiet_reads("put1; put2; b:get{2}", "lww") == (1, [])
