import pytest

from checkers.case import Case
from checkers.checks.clock_audit import clock_audit
from checkers.model.history import History
from checkers.verdict import Finding, Verdict
from harness.systems.dynamo_audit import vector_of
from tests.histories.notation import history


def audited(
    text: str, clocks: dict[int, dict[str, int]], promise: str = "mvr-sloppy", **config: float
) -> Finding:
    """`clocks`: the vector of each read, by its place in the text."""
    found: History = history(text, promise, **config)
    for op in found.ops:
        if op.id in clocks:
            op.clock = {"vector": clocks[op.id], "dots": None}
    return clock_audit.judge(Case(found, promise))


def patterns(finding: Finding) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.data["pattern"], one.ops) for one in finding.violations]


def test_a_clock_that_covers_what_nothing_superseded() -> None:
    text = "a:put1; b:get{1}; a:put2; b:get{2}"
    assert patterns(audited(text, {1: {"n1": 1}, 3: {"n1": 2}})) == [("unsound", (0, 1, 3))]
    assert audited(text, {1: {"n1": 1}, 3: {"n2": 1}}).verdict is Verdict.VALID, (
        "stale, and its clock says so"
    )


def test_a_delete_may_be_what_the_clock_covers() -> None:
    text = "a:put1; b:get{1}; c:get{1}; c:del{1}?; b:get{}"
    assert audited(text, {1: {"n1": 1}, 4: {"n1": 1}}).verdict is Verdict.VALID


def test_a_clock_that_has_forgotten_what_was_superseded() -> None:
    text = "a:put1; a:get{1}; a:put2{1}; b:get{2}"
    assert patterns(audited(text, {1: {"n1": 1}, 3: {"n2": 1}})) == [("incomplete", (1, 2, 3))]
    assert audited(text, {1: {"n1": 1}, 3: {"n1": 1, "n2": 1}}).verdict is Verdict.VALID


def test_a_store_that_is_made_to_forget_may_have_forgotten() -> None:
    text, clocks = "a:put1; a:get{1}; a:put2{1}; b:get{2}", {1: {"n1": 1}, 3: {"n2": 1}}
    assert audited(text, clocks, reap_tombstones_s=5).verdict is Verdict.VALID


def test_one_dot_for_two_values() -> None:
    found = history("a:put1; b:put2; c:get{1}; c:get{2}")
    found.ops[2].clock = {"vector": None, "dots": [["n1", 1]]}
    found.ops[3].clock = {"vector": None, "dots": [["n1", 1]]}
    assert patterns(clock_audit.judge(Case(found))) == [("one dot, two values", (2, 3))]
    found.ops[3].clock = {"vector": None, "dots": [["n1", 2]]}
    assert clock_audit.judge(Case(found)).verdict is Verdict.VALID


def test_a_sessions_clock_may_go_back_and_is_counted() -> None:
    finding = audited("a:put1; b:get{1}; b:get{}", {1: {"n1": 1}, 2: {}})
    assert (finding.verdict, finding.stats["went_back"]) == (Verdict.VALID, 1)


def test_without_clocks_there_is_nothing_to_audit() -> None:
    assert audited("put1; get{1}", {}).verdict is Verdict.NOT_APPLICABLE
    assert audited("put1; get{1}", {1: {"n1": 1}}, "lww").verdict is Verdict.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("clock", "vector"),
    [
        ({"b": 2, "a": 1}, {"a": 1, "b": 2}),
        ((("n1", 3, 99),), {"n1": 3}),
        ((), {}),
        ((9, "n1"), None),
        (None, None),
    ],
)
def test_what_is_decoded_of_each_mode(clock: object, vector: dict[str, int] | None) -> None:
    assert vector_of(clock) == vector
