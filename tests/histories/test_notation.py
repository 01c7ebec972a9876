"""The notation that the other tests are written in says what its docstring says."""

import pytest

from checkers.formats.detect import load
from checkers.model.history import OPEN
from tests.histories.notation import MS, history, jsonl


def test_statements_follow_each_other_and_groups_overlap() -> None:
    ops = history("put1; a:put2 ∥ b:put3; get{1}").ops
    assert [(op.inv // MS, op.ret // MS) for op in ops] == [(1, 2), (3, 5), (4, 6), (7, 8)]
    assert [op.process for op in ops] == [0, 0, 1, 0]


def test_a_context_is_the_latest_get_that_returned_it() -> None:
    ops = history("put1; get{1}; get{1}; b:get{1}; put2{1}; c:put3{1}b").ops
    assert (ops[4].context, ops[5].context) == (2, 3)
    with pytest.raises(AssertionError, match="no get of process 0 returned"):
        history("put1; put2{1}")


def test_after_an_info_write_a_letter_is_another_process() -> None:
    ops = history("put1?; get{}?; get{}").ops
    assert [op.process for op in ops] == [0, 26, 26]
    assert (ops[0].ret, ops[0].gave_up) == (OPEN, 2 * MS)


def test_an_inner_operation_belongs_to_the_latest_add_or_remove() -> None:
    ops = history("add tea; ^get{}; ^put 0:1|tea{}").ops
    assert [(op.parent, op.items) for op in ops] == [(None, None), (0, ["tea"]), (0, ["tea"])]


def test_finals_come_in_rounds_of_all_replicas_or_each() -> None:
    finals = history("put1; F{1}; F{1}|{}|-").finals
    assert [(final.node, final.values, final.round) for final in finals] == [
        ("n1", ["1"], 1),
        ("n2", ["1"], 1),
        ("n3", ["1"], 1),
        ("n1", ["1"], 2),
        ("n2", [], 2),
        ("n3", None, 2),
    ]


def test_the_text_is_read_back_as_the_same_history(tmp_path) -> None:
    written = history(
        "a:put1*2 ∥ b:put2?; a@n2:get{1,2}; put3{1,2}!; add k tea; rem k tea{tea}; members k{}; "
        "~wipe(n1)[30,40]; ~skew(n2, max_offset_ms=40)[35,50]; #settle[60]; F{1,2}|{1}|-"
    )
    path = tmp_path / "history.jsonl"
    path.write_text(jsonl(written))
    read = load(path)
    assert {**read.meta, "kind": "meta"} == {**written.meta, "kind": "meta"}
    for part in ("ops", "faults", "phases", "finals"):
        assert getattr(read, part) == getattr(written, part), part
