"""Lines read into arrays are the history that is read line by line, or are left to it."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from checkers.errors import HistoryError
from checkers.formats import jsonl, write_jsonl
from checkers.formats.limits import LARGEST
from checkers.model.history import Exit, Fault, Final, History, Op
from tests.histories.strategies import histories

bulk = pytest.importorskip("checkers.formats.columnar.bulk")

META = {"version": 1, "nodes": ["n1"], "config": {"n": 1}}
REGISTER = History(
    META,
    [
        Op(5, 0, "write", "j", 1, 1, 2, "ok", node="n1", due=0, attempts=2),
        Op(9, 1, "read", "j", None, 3, 4, "ok", 1.0, order=7, reaches=["n1"]),
        Op(2, 1, "write", "k", None, 5, gave_up=9, error="timeout"),
        Op(3, 2, "read", "k", None, 6, 8, "ok", None),
        Op(4, 3, "read", "k", None, 7, 8, "fail", error="refused"),
        Op(6, 4, "write", "k", 2.5, 10, 10, "ok", parent=5),
    ],
    [Fault("f", "kill", ["n1"], 1, 2, None, 4, {"lost": "none"})],
    [(0, "main")],
    [Final(12, "n1", "k", None), Final(12, "n1", "k", [2.5], 2)],
    exits=[Exit(4, "n1", 1, None, ["panic"])],
)
VERSIONS = History(
    META,
    [
        Op(0, 0, "put", "x", "a", 1, 2, "ok"),
        Op(1, 1, "get", "x", None, 3, 4, "ok", ["a", None, "a"]),
        Op(2, 1, "delete", "x", None, 5, 6, "ok", context=1),
        Op(3, 0, "get", "y", None, 5, 7, "ok", []),
        Op(4, 0, "put", "x", "b", 8, gave_up=9),
    ],
)


def lines_of(history: History, path: Path) -> bytes:
    write_jsonl.write(history, path)
    return path.read_bytes()


def same(found: Any, wanted: History) -> None:
    assert found is not None
    names = [field.name for field in fields(History)]
    assert {name: getattr(found, name) for name in names} == {name: getattr(wanted, name) for name in names}


@pytest.mark.parametrize("history", [REGISTER, VERSIONS], ids=["register", "versions"])
@pytest.mark.parametrize("piece_bytes", [1, 300, 2_000_000])
def test_the_same_history_in_pieces_of_any_size(
    history: History, piece_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = lines_of(history, tmp_path / "history.jsonl")
    wanted = jsonl.read(tmp_path / "history.jsonl", data)
    monkeypatch.setattr(bulk, "PIECE_BYTES", piece_bytes)
    same(bulk.read(wanted.source, data), wanted)
    monkeypatch.setattr(bulk, "MOST_JOBS", 1)
    same(bulk.read(wanted.source, data), wanted)


@given(histories())
def test_random_histories(history: History) -> None:
    text = [json.dumps(event) for event in write_jsonl.events(history)]
    data = "\n".join(text).encode()
    try:
        wanted = jsonl.read(Path("h"), data)
    except HistoryError:
        assert bulk.read("h", data) is None
        return
    found = bulk.read("h", data)
    if found is not None:
        same(found, wanted)


def changed(line: int, **fields_: Any) -> bytes:
    """The history of versions with one line changed; None takes a field away."""
    events = [json.loads(json.dumps(event)) for event in write_jsonl.events(VERSIONS)]
    events[line] = {name: value for name, value in (events[line] | fields_).items() if value != "away"}
    return "\n".join(map(json.dumps, events)).encode()


@pytest.mark.parametrize(
    ("line", "change"),
    [
        (0, {"kind": "note", "text": "no meta", "time": 0}),
        (1, {"value": True}),
        (1, {"value": LARGEST}),
        (1, {"items": ["t"]}),
        (1, {"value": None}),
        (1, {"value": "away"}),
        (1, {"time": -1}),
        (1, {"time": 9}),
        (1, {"key": 1}),
        (1, {"f": "add"}),
        (1, {"process": 2**40}),
        (2, {"op": 77}),
        (2, {"op": 1}),
        (2, {"f": "get", "value": []}),
        (2, {"process": 5}),
        (2, {"key": "z"}),
        (2, {"time": 0}),
        (2, {"body": True, "value": ["a"]}),
        (3, {"op": 0}),
        (4, {"value": "away"}),
        (4, {"value": "a"}),
        (4, {"value": [True]}),
        (4, {"value": [["a"]]}),
        (4, {"clock": {"vector": {"n1": 1}}}),
        (5, {"context": 77}),
        (5, {"context": 0}),
        (5, {"context": [1]}),
        (5, {"context": 3}),
    ],
)
def test_what_is_unusual_is_left_to_the_reader_of_lines(line: int, change: dict[str, Any]) -> None:
    assert bulk.read("h", changed(line)) is not None
    assert bulk.read("h", changed(line, **change)) is None


def test_a_torn_last_line_and_empty_lines_among_others_are_left_to_it(tmp_path: Path) -> None:
    data = lines_of(VERSIONS, tmp_path / "history.jsonl")
    assert bulk.read("h", data + b'{"kind":"op","type":') is None
    assert bulk.read("h", b"\n" + data) is None
    assert bulk.read("h", b"\xef\xbb\xbf" + data) is not None


def test_a_large_file_of_lines_comes_as_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "history.jsonl"
    lines_of(VERSIONS, path)
    assert type(jsonl.read(path)) is History
    monkeypatch.setattr(jsonl, "LARGE_BYTES", 1)
    assert type(jsonl.read(path)).__name__ == "ColumnHistory"
