from checkers.case import Case
from checkers.checks.quiescence import quiescence
from checkers.model.history import State
from checkers.verdict import Verdict
from tests.histories.notation import MS, history

RUN = "put1; ~kill(n1)[5,6]; #settle[10]; #final[5010]"


def judge(*states: tuple[int, str, dict], text: str = RUN):
    found = history(text, settle_bound_s=4)
    found.states = [State(time * MS, node, facts) for time, node, facts in states]
    return quiescence.judge(Case(found, "mvr-sloppy"))


def test_nodes_with_nothing_left_to_do():
    quiet = {"hints": 0, "repairs": 7, "digests": {"r1": "aa"}, "primaries": {"r1": ["n1", "n2", "n3"]}}
    finding = judge((5011, "n1", quiet), (5012, "n2", quiet), (5013, "n1", quiet))
    assert finding.verdict is Verdict.VALID
    assert finding.judged == 2


def test_a_hint_that_was_never_delivered():
    finding = judge((5011, "n1", {"hints": 0}), (5011, "n2", {"hints": 3}))
    assert [violation.nodes for violation in finding.violations] == [("n2",)]
    assert "n2 still holds 3 undelivered hints" in finding.violations[0].message


def test_only_the_last_report_of_a_node_counts():
    assert judge((5011, "n1", {"hints": 2}), (5012, "n1", {"hints": 0})).verdict is Verdict.VALID


def test_a_node_that_goes_on_repairing():
    finding = judge((5011, "n1", {"repairs": 4}), (5012, "n1", {"repairs": 5}))
    assert finding.violations[0].data["repairs"] == [4, 5]


def test_repairs_of_the_settling_time_are_what_it_is_for():
    assert judge((20, "n1", {"repairs": 1}), (5012, "n1", {"repairs": 5})).verdict is Verdict.VALID


def test_replicas_of_one_range_with_different_digests():
    finding = judge(
        (5011, "n1", {"digests": {"r1": "aa", "r2": "bb"}}), (5011, "n2", {"digests": {"r1": "ab"}})
    )
    assert [violation.nodes for violation in finding.violations] == [("n1", "n2")]
    assert finding.violations[0].data["range"] == "r1"


def test_a_range_kept_twice_on_one_node():
    finding = judge((5011, "n1", {"primaries": {"r1": ["n1", "n2", "n2"]}}))
    assert "n1 counts 2 distinct primaries of range r1, not 3" in finding.violations[0].message


def test_reports_from_before_settling_say_nothing():
    assert judge((20, "n1", {"hints": 2})).verdict is Verdict.UNKNOWN


def test_without_reports_it_has_no_meaning():
    assert judge().verdict is Verdict.NOT_APPLICABLE


def test_where_nothing_had_to_heal_every_report_counts():
    assert judge((1, "n1", {"hints": 2}), text="put1").verdict is Verdict.INVALID
