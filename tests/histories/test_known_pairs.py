"""For each check that H1 to H17 leave quiet: histories that it must accuse, and near ones that it must not.

A row is (check, why, history, violations): the operations that each violation cites; none is a good history.
"""

from __future__ import annotations

from typing import Any

import pytest

from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import history

Row = tuple[str, str, str, list[tuple[int, ...]]]

MULTI_VALUE: list[Row] = [
    ("phantom", "a value of another key leaked", "put x1; put y2; get y{1,2}", [(2,)]),
    ("phantom", "a value that nobody wrote, in a final read", "put1; F{1,9}", [()]),
    ("phantom", "an unanswered put was written", "put1?; b:get{1}; F{1}", []),
    ("aborted-read", "its put was refused", "put1!; b:get{1}; F{}", [(0, 1)]),
    ("aborted-read", "its put may have acted", "put1?; b:get{1}; F{1}", []),
    ("future-read", "read before it was put", "b:get{1}[1,2]; put1[5,6]; F{1}", [(0, 1)]),
    ("future-read", "equal times are concurrent", "b:get{1}[1,5]; put1[5,6]; F{1}", []),
    ("duplicate-sibling", "put once, returned twice", "put1; get{1,1}; F{1}", [(0, 1)]),
    ("duplicate-sibling", "put twice, so it may have two dots", "put1*2; get{1,1}; F{1}", []),
    ("false-sibling", "of a longer path",
     "put1; get{1}; put2{1}; get{2}; put3{2}; get{1,3}", [(0, 1, 2, 3, 4, 5)]),
    ("false-sibling", "an unanswered put was returned, so its context was applied",
     "put1; get{1}; put2{1}?; c:get{1,2}", [(0, 1, 2, 3)]),
    ("false-sibling", "the superseded one was sent twice", "put1*2; get{1}; put2{1}; get{1,2}; F{2}", []),
    ("false-sibling", "a blind put supersedes nothing", "put1; put2; get{1,2}; F{1,2}", []),
    ("lost-write", "never covered by a blind put", "put1; put2; F{2}", [(0,)]),
    ("lost-write", "an unanswered delete excuses all below its context",
     "put1; get{1}; put2{1}; get{2}; del{2}?; F{}", []),
    ("lost-write", "one replica that holds it is enough", "put1; F{}|{1}|{}", []),
    ("unstable-read", "seen and acknowledged by nobody", "put1?; b:get{1}; F{}", [(0, 1)]),
    ("unstable-read", "a chain of them", "put1?; b:get{1}; b:put2{1}?; c:get{2}; F{}", [(0, 1), (2, 3)]),
    ("unstable-read", "the first of the chain is there",
     "put1?; b:get{1}; b:put2{1}?; c:get{2}; F{1}", [(2, 3)]),
    ("unstable-read", "superseded since", "put1?; b:get{1}; b:put2{1}; F{2}", []),
    ("resurrection", "the put that replaced it was acknowledged", "put1; get{1}; put2{1}; F{1}", [(0, 1, 2)]),
    ("resurrection", "the put that replaced it was never answered", "put1; get{1}; put2{1}?; F{1}", []),
    ("resurrection", "replicas differ: that is convergence's", "put1; get{1}; put2{1}; F{1}|{2}|{2}", []),
    ("resurrection", "it was sent twice", "put1*2; get{1}; put2{1}; F{1,2}", []),
    ("zombie", "deleted by one that had read its successor",
     "put1; get{1}; put2{1}; get{2}; del{2}; F{1}", [(0, 1, 2, 3, 4)]),
    ("zombie", "the delete was never answered", "put1; get{1}; del{1}?; F{1}", []),
    ("zombie", "it was sent twice", "put1*2; get{1}; del{1}; F{1}", []),
    ("convergence", "both rounds differ in the same way", "put1; F{1}|{}|{1}; F{1}|{}|{1}", [()]),
    ("convergence", "the last round agrees", "put1; F{1}|{}|{1}; F{1}", []),
]  # fmt: skip

LAST_WRITER: list[Row] = [
    ("lww-inversion", "the older write won", "put1; put2; F{1}", [(0, 1)]),
    ("lww-inversion", "overlapping writes may win either way", "a:put1 ∥ b:put2; F{1}", []),
    ("lww-inversion", "an acknowledged delete lost", "put1; get{1}; del{1}; F{1}", [(0, 2)]),
    ("lww-inversion", "gone, and nobody deleted it", "put1; F{}", [(0,)]),
    ("lww-inversion", "gone by an unanswered delete", "put1; get{1}; del{1}?; F{}", []),
    ("lww-inversion", "put after the only delete", "put1; get{1}; del{1}; put2; F{}", [(3,)]),
    ("lww-inversion", "within the clocks' distance: twice 40 ms",
     "~skew(n1, max_offset_ms=40)[0,50]; put1[1,2]; put2[82,83]; #settle[100]; F{1}[2000]", []),
    ("lww-inversion", "beyond the clocks' distance: twice 40 ms",
     "~skew(n1, max_offset_ms=40)[0,50]; put1[1,2]; put2[83,84]; #settle[100]; F{1}[2000]", [(0, 1)]),
    ("lww-inversion", "what was sent twice may be stamped late", "put1*2; put2; F{1}", []),
]  # fmt: skip


def judge(row: Row, promise: str, **config: Any) -> tuple[str, list[tuple[int, ...]]]:
    finding = check(history(row[2], promise, **config)).checks[row[0]].finding
    return finding.verdict, [violation.ops for violation in finding.violations]


def name(row: Row) -> str:
    return f"{row[0]}: {row[1]}"


def wanted(row: Row) -> tuple[Verdict, list[tuple[int, ...]]]:
    return (Verdict.INVALID if row[3] else Verdict.VALID), row[3]


@pytest.mark.parametrize("row", MULTI_VALUE, ids=name)
def test_of_a_multi_value_store(row: Row) -> None:
    assert judge(row, "mvr-sloppy") == wanted(row)


@pytest.mark.parametrize("row", LAST_WRITER, ids=name)
def test_of_a_last_writer_store(row: Row) -> None:
    assert judge(row, "lww", clock_sync_ms=0, settle_bound_s=1) == wanted(row)


def test_without_a_bound_on_the_clocks_an_inversion_is_unknown() -> None:
    row = ("lww-inversion", "", "~skew(n1)[0,50]; put1[1,2]; put2[90,91]; #settle[100]; F{1}[2000]", [])
    assert judge(row, "lww", clock_sync_ms=0, settle_bound_s=1) == ("unknown", [])


def test_rounds_that_still_change_leave_convergence_unknown() -> None:
    row = ("convergence", "", "put1; F{}|{}|{1}; F{1}|{}|{1}", [])
    assert judge(row, "mvr-sloppy") == ("unknown", [])
