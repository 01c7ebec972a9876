"""The sidecar is the same history, in few bytes, or is refused."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given

from checkers.errors import HistoryError
from checkers.formats.detect import load
from checkers.model.history import Fault, Final, History, Op, State
from checkers.model.values import TRUE
from tests.histories.strategies import histories

columns = pytest.importorskip("checkers.formats.columnar.columns")
sidecar = pytest.importorskip("checkers.formats.sidecar")

EVERYTHING = History(
    {"version": 1, "nodes": ["n1"], "config": {"n": 1}},
    [
        Op(5, 0, "put", "x", "a", 1, 2, "ok", node="n1", due=0, attempts=2),
        Op(9, 1, "get", "x", None, 3, 4, "ok", ["a", "a"], reaches=["n1"], clock={"vector": {"n1": 1}}),
        Op(2, 1, "put", "x", 1.5, 5, gave_up=9, context=9, error="timeout"),
        Op(3, 2, "put", "y", TRUE, 6, 8, "ok", ["a"], context=[9, 9], body=True),
        Op(4, 3, "cas", "z", [1, None], 7, 8, "fail", error="mismatch", order=3),
        Op(6, 4, "read", "z", None, 8, 9, "ok", 1),
        Op(7, 4, "write", "z", None, 10, 11, "ok", items=["t"], parent=6),
    ],
    [Fault("f", "kill", ["n1"], 1, 2, None, 4, {"lost": "none"})],
    [(0, "main")],
    [Final(12, "n1", "x", None), Final(12, "n1", "y", ["a"], 2)],
    [State(3, "n1", {"hints": 0})],
    [{"time": 1, "text": "hello"}],
    [{"time": 2, "where": "client", "error": "e"}],
    ["a warning"],
)


def test_every_field_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "history.npz"
    sidecar.write(EVERYTHING, path)
    again = load(path)
    assert again.source == str(path)
    again.source = ""
    assert again.outcomes == EVERYTHING.outcomes
    assert History(**{field.name: getattr(again, field.name) for field in fields(History)}) == EVERYTHING
    assert [type(op.value) for op in again.ops] == [type(op.value) for op in EVERYTHING.ops]


@given(histories())
def test_any_history_comes_back(history: History) -> None:
    assert columns.of_history(history).history() == history


def test_some_rows_keep_their_contexts() -> None:
    part = columns.of_history(EVERYTHING).history([1, 2])
    assert [op.id for op in part.ops] == [9, 2]
    assert part.ops[1].context == 9
    assert part.finals == EVERYTHING.finals


def test_an_operation_takes_less_than_200_bytes() -> None:
    ops = [Op(i, i % 5, "put", f"k{i % 50}", f"{i}", i, i + 9, "ok") for i in range(5000)]
    found = columns.of_history(History({"version": 1}, ops))
    assert found.nbytes / found.rows < 100


def test_what_is_no_sidecar_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.npz"
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(HistoryError, match=r"is no history\.npz of ours"):
        load(path)
