"""Known answers: small histories on which every check's finding is known beforehand.

Read: n=3, w=2; F is what all three replicas hold at the end. An operation's number is its place in the row,
from 0. `finds` names every check that must be invalid, with the operations of each of its violations; all
other checks must not be. `top` is the verdict under mvr-sloppy. `trap`: what a naive checker says instead.
(Checks that ask for a single winner have rows of their own in test_known_pairs.py and
test_known_registers.py.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import history, jsonl

Evidence = list[tuple[int, ...]]


@dataclass(frozen=True)
class Row:
    """One known answer."""

    name: str
    text: str
    top: str
    trap: str = ""
    finds: dict[str, Evidence] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


SINGLE = ("lww-inversion", "lww-regular", "linearizable", "k-atomicity", "delta-atomicity")
"""Checks that ask for a single winner: they have rows of their own."""
NO_FINALS = ("lost-write", "unreplaced", "unstable-read", "resurrection", "zombie", "convergence")

ROWS = [
    Row("H1", "a:put1; b:put2; a:get{1,2}; a:put3{1,2}; F{3}", "valid", "1 and 2 are lost"),
    Row(
        "H2",
        "put1; a:get{1}; b:get{1}; a:put2{1}; b:put3{1}; a:get{3}; F{3}",
        "invalid",
        "the final values agree",
        {
            "lost-write": [(3,)],
            "mvr-regular": [(3, 5)],
            "safe": [(3, 5)],
            "read-your-writes": [(3, 5)],
            "pram": [(3, 5)],
            "causal": [(3, 5)],
        },
    ),
    Row(
        "H3",
        "put1; get{1}; put2{1}; get{1,2}; F{1,2}",
        "invalid",
        "nothing is lost",
        {"false-sibling": [(0, 1, 2, 3)], "resurrection": [(0, 1, 2)], "causal": [(0, 1, 2, 3)]},
    ),
    Row("H4", "put1?[1,]; get{}; get{1}; F{1}", "valid", "it appeared too late"),
    Row("H5", "put1; get{1}; put2{1}?; F{1}", "valid", "the unanswered put is missing"),
    Row(
        "H5'",
        "put1; get{1}; put2{1}?; F{}",
        "invalid",
        "the unanswered put may have replaced it",
        {"lost-write": [(0,)]},
    ),
    Row(
        "H6",
        "put1; get{1}; put2{1}?; c:get{2}; F{1}",
        "invalid",
        "an unanswered put never happened",
        {"unstable-read": [(2, 3)]},
    ),
    Row("H7", "put1; get{1}; del{1}?; F{}", "valid", "1 is lost"),
    Row("H8", "put1; get{1}; del{1}; F{1}", "invalid", "1 is there", {"zombie": [(0, 1, 2)]}),
    Row(
        "H9",
        "put1; b:get{1}; a:get{1}; b:del{1} ∥ a:put2{1}; F{2}",
        "valid",
        "the delete was ignored",
    ),
    Row(
        "H9b",
        "put1; b:get{1}; a:get{1}; a:put2{1}; b:del{1}; F{}",
        "invalid",
        "the delete came later",
        {"lost-write": [(3,)]},
    ),
    Row(
        "H10",
        "put1; b:get{}; b:get{1}; F{1}",
        "valid",
        "stale is broken, even with R = W = 1",
        {"mvr-regular": [(0, 1)], "safe": [(0, 1)]},
    ),
    Row(
        "H11",
        "a:put1[1,20]; b:get{1}[2,3]; b:get{}[5,6]; F{1}[30]",
        "valid",
        "R + W > N gives MR",
        {"monotonic-reads": [(0, 1, 2)], "pram": [(0, 1, 2)], "causal": [(0, 1, 2)]},
    ),
    Row(
        "H12",
        "a:put x1; a:put y2; b:get y{2}; b:get x{}",
        "unknown",
        "each key by itself is fine",
        {"mvr-regular": [(0, 3)], "safe": [(0, 3)], "pram": [(0, 1, 2, 3)], "causal": [(0, 1, 2, 3)]},
        NO_FINALS,
    ),
    Row(
        "H13",
        "a:put1 ∥ b:put2; F{1,2}|{1}|{1,2}",
        "invalid",
        "a quorum read at the end sees both",
        {"convergence": [()]},
    ),
    Row(
        "H14",
        "put1; b:get{1}; b:put2; c:get{2}; F{1,2}",
        "valid",
        "2 overwrote 1",
        {
            "mvr-regular": [(0, 3)],
            "safe": [(0, 3)],
            "writes-follow-reads": [(0, 1, 2, 3)],
            "causal": [(0, 1, 2, 3)],
        },
    ),
    Row(
        "H15",
        "a:put1 ∥ b:put2; c:get{1}; c:put3{1}; F{3}",
        "invalid",
        "nobody ever read it",
        {"lost-write": [(1,)], "mvr-regular": [(1, 2)], "safe": [(1, 2)]},
    ),
    Row(
        "H16",
        "put1; get{1}; put2{1}; F{}",
        "invalid",
        "two losses",
        {"lost-write": [(2,)], "unreplaced": [(2,)]},
    ),
    Row(
        "H17",
        "put1; get{9}",
        "invalid",
        "",
        {
            "phantom": [(1,)],
            "mvr-regular": [(0, 1)],
            "safe": [(0, 1)],
            "read-your-writes": [(0, 1)],
            "pram": [(0, 1)],
            "causal": [(0, 1), (1,)],
        },
        NO_FINALS,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_known_answer(row: Row) -> None:
    report = check(history(row.text))
    for name in SINGLE:
        del report.checks[name]
    invalid = {
        name: [violation.ops for violation in one.finding.violations]
        for name, one in report.checks.items()
        if one.finding.verdict is Verdict.INVALID
    }
    assert invalid == row.finds
    unknown = {name for name, one in report.checks.items() if one.finding.verdict is Verdict.UNKNOWN}
    assert unknown == set(row.unknown)
    assert report.verdict == row.top


def test_the_same_answers_from_the_text_of_a_file(tmp_path) -> None:
    path = tmp_path / "history.jsonl"
    for row in ROWS:
        path.write_text(jsonl(history(row.text)))
        from_file, from_memory = check(path), check(history(row.text))
        assert from_file.to_json(timings=False) == from_memory.to_json(timings=False), row.name


def violation(name: str, text: str, **config: object):
    [found] = check(history(text, **config)).checks[name].finding.violations
    return found


def test_the_loss_of_h2_is_an_overwrite_by_the_put_that_did_not_know_it() -> None:
    lost = violation("lost-write", "put1; a:get{1}; b:get{1}; a:put2{1}; b:put3{1}; a:get{3}; F{3}")
    assert (lost.data["value"], lost.data["cause"], lost.data["by"]) == ("2", "overwritten", 4)


def test_the_loss_of_h9b_is_an_over_delete() -> None:
    lost = violation("lost-write", "put1; b:get{1}; a:get{1}; a:put2{1}; b:del{1}; F{}")
    assert (lost.data["cause"], lost.data["by"]) == ("over-deleted", 4)


def test_the_losses_of_h5_prime_and_h16_vanished() -> None:
    assert violation("lost-write", "put1; get{1}; put2{1}?; F{}").data["cause"] == "vanished"
    both = violation("lost-write", "put1; get{1}; put2{1}; F{}")
    assert (both.data["cause"], both.data["shadowed"]) == ("vanished", [0])


def test_the_divergence_of_h13_names_two_replicas_that_differ() -> None:
    assert violation("convergence", "a:put1 ∥ b:put2; F{1,2}|{1}|{1,2}").nodes == ("n1", "n2")
