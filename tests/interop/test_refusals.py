"""What is wrong with another tool's history is said in one line: file, line or operation, field, fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkers.errors import HistoryError
from checkers.formats.detect import load

W = "{:process 0, :type :invoke, :f :write, :value 1}\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("h.edn", W + "{:process 0, :type :invoke, :f :write, :value 2}\n", "h.edn:2: field `process`"),
        ("h.edn", "{:process 3, :type :ok, :f :write, :value 2}\n", "h.edn:1: field `process`"),
        ("h.edn", W + "{:process 0, :type :ok, :f :read, :value 2}\n", "h.edn:2: field `f`"),
        ("h.edn", W + "{:type :ok, :f :write}\n", "h.edn:2: field `process`: is missing"),
        ("h.edn", W + "{:process 0, :type :done, :f :write}\n", "h.edn:2: field `type`: `done` is unknown"),
        ("h.edn", "[" + W, "h.edn:1: is not EDN: the `[` opened here is never closed"),
        ("h.edn", W + "}\n", "h.edn:2: is not EDN: `}` closes nothing"),
        ("h.edn", W + '{:process 0 :type :ok :f :write :time "x"}', "h.edn:2: field `time`"),
        ("h.edn", W + "{:process 0 :type :ok :f}\n", "h.edn:2: is not EDN"),
        ("h.edn", W.replace("write", "transfer"), "no model that Schism judges has the functions transfer"),
        ("h.edn", W.replace("write", "cas"), "field `value`: a `cas` needs [from to], got 1"),
        ("h.log", "INFO  jepsen.util - 0\t:invoke\t:write\t[1\n", "h.log:1: field `value`: `[1` is not EDN"),
        ("h.json", '[{"type":"invoke","process":0,"f":"write"', "is not one whole JSON list"),
        ("h.json", '[{"type":"invoke","f":"write"}]', "field `process`: operation 0: is missing"),
        (
            "h.json",
            '[{"type":"invoke","process":0,"f":"txn","value":[["r","x",null],["append","y",1]]}]',
            "operation 0: a transaction of 2 steps (r, append)",
        ),
    ],
)
def test_one_line_says_where_and_what(tmp_path: Path, name: str, text: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(HistoryError) as refused:
        load(path)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_log_without_operations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "h.log"
    path.write_text("INFO nothing here\n")
    with pytest.raises(HistoryError, match="no line of this log is an operation"):
        load(path, "jepsen-log")


def test_an_empty_history_is_read_and_says_that_nothing_happened(tmp_path: Path) -> None:
    path = tmp_path / "h.edn"
    path.write_text("[{:process :nemesis, :type :info, :f :kill, :value nil}]")
    history = load(path)
    assert history.ops == []
    assert "no client operations are recorded here" in history.warnings


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (":f :transfer :value 1", "no model that Schism judges has the functions transfer"),
        (":f :txn :value [[:append 1 2]]", r"a transaction of 1 steps \(append\)"),
        (":f :read :value {:x 1}", "a map under `read`"),
    ],
)
def test_what_fits_no_model_is_refused_where_it_stands(tmp_path: Path, first: str, words: str) -> None:
    """Before the rest is read: here the rest is no EDN at all."""
    path = tmp_path / "h.edn"
    path.write_text(f"{{:process 0 :type :invoke {first}}}\n" + "}")
    with pytest.raises(HistoryError, match=words):
        load(path)
