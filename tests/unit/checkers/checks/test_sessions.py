"""Sessions and cause and effect: stories that the random histories rarely tell."""

from __future__ import annotations

from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.notation import history


def finding(name: str, text: str, body: int | None = None, values: tuple[str, ...] = ()) -> Finding:
    """`body`: the put that returned `values`."""
    found = history(text)
    if body is not None:
        found.ops[body].body, found.ops[body].result = True, list(values)
    return check(found).checks[name].finding


def single(name: str, text: str) -> Finding:
    return check(history(text, mode="last-writer")).checks[name].finding


def test_an_older_value_is_older_whatever_was_read_in_between() -> None:
    # Of 3, written by another process, nothing is known: it hides nothing of the step back from 2 to 1.
    text = "put1; put2; b:put3; c:get{2}; c:get{3}; c:get{1}"
    (violation,) = single("monotonic-reads", text).violations
    assert violation.ops == (0, 1, 3, 5)
    assert single("monotonic-reads", text.replace("{1}", "{2}")).verdict is Verdict.INVALID, "back again"
    assert (
        single("monotonic-reads", "put1; b:put2; c:put3; d:get{2}; d:get{3}; d:get{1}").verdict
        is Verdict.VALID
    )


def test_a_put_that_returned_values_knew_its_context_when_it_answered() -> None:
    text = "put1; put2; b:get{2}; c:put3{2}b; F{3}"
    for name in ("pram", "causal"):
        by_read, by_put = finding(name, text, 3, ("3",)).violations
        assert (by_read.ops, by_put.ops) == ((0, 1, 2), (0, 1, 2, 3))
        (only,) = finding(name, text, 3, ("3", "1")).violations
        assert only.ops == by_read.ops, "the put returned 1: it hides nothing"


def test_a_circle_of_cause_and_effect_is_told_by_the_fewest_operations() -> None:
    # Between the read of the future and the put that a colleague read, the process did much else.
    text = "a:get{2}[1,2]; a:put z7[3,4]; a:get z{7}[5,6]; a:put y1[7,8]; b:get y{1}[9,10]"
    (violation,) = (
        one
        for one in finding("causal", text + "; b:put3[11,12]; b:put2[13,14]").violations
        if one.data["pattern"] == "cycle"
    )
    assert set(violation.ops) == {0, 3, 4, 6}
    # Among several circles the smallest.
    inner = "b:get{2}[1,2]; a:get z{9}[1,2]; a:put y1[3,4]; b:get y{1}[5,6]; b:put2[7,8]; b:put z9[9,10]"
    small = next(one for one in finding("causal", inner).violations if one.data["pattern"] == "cycle")
    assert set(small.ops) == {0, 4}
