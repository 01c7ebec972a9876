"""Histories that go out and come back: every format that is both read and written keeps what was said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers.formats import write_jsonl
from checkers.formats.detect import load
from checkers.formats.foreign import export
from checkers.model.history import OPEN, History, Op
from harness.cli.convert import convert
from harness.errors import UsageError

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
OURS = ROOT / "docs" / "tutorial" / "lost-item.jsonl"


def said(history: History) -> list[tuple[object, ...]]:
    return [(op.f, op.key, op.value, op.type, op.result) for op in history.ops]


def test_our_own_lines_come_back_the_same(tmp_path: Path) -> None:
    history, path = load(OURS), tmp_path / "h.jsonl"
    write_jsonl.write(history, path)
    again = load(path)
    again.source = history.source
    assert again == history


def test_equal_times_do_not_part_a_context_from_its_read(tmp_path: Path) -> None:
    read = Op(0, 0, "get", "x", None, 5, 5, "ok", ["a"])
    write = Op(1, 0, "put", "x", "b", 5, 9, "ok", context=0)
    path = tmp_path / "h.jsonl"
    write_jsonl.write(History({"version": 1}, [read, write]), path)
    assert [op.context for op in load(path).ops] == [None, 0]


@pytest.mark.parametrize("name", ["register.edn", "independent.edn", "vectors.edn", "etcd.log", "mutex.json"])
def test_jepsens_edn_comes_back_the_same(tmp_path: Path, name: str) -> None:
    history, path = load(DATA / name), tmp_path / "h.edn"
    path.write_text(export.jepsen_edn(history))
    again = load(path)
    assert again.ops
    assert [(op.f, op.value, op.result) for op in again.ops] == [
        (op.f, op.value, op.result) for op in history.ops
    ]
    assert [op.ret == OPEN for op in again.ops] == [op.ret == OPEN for op in history.ops]


def test_elles_transactions_come_back_the_same(tmp_path: Path) -> None:
    history, path = load(DATA / "rw-register.json"), tmp_path / "h.json"
    path.write_text(export.elle_json(history))
    assert said(load(path)) == said(history)
    rows = json.loads(path.read_text())
    assert [row["index"] for row in rows] == [0, 1, 2, 3]
    assert rows[3]["value"] == [["r", "x", 9]]


def test_a_multi_value_register_without_siblings_becomes_a_register() -> None:
    history = History(
        {"version": 1},
        [
            Op(0, 0, "put", "x", "a", 1, 2, "ok"),
            Op(1, 1, "get", "x", None, 3, 4, "ok", ["a"]),
            Op(2, 0, "delete", "x", None, 5, 6, "ok", context=1),
            Op(3, 1, "get", "x", None, 7, OPEN, "info", gave_up=9),
        ],
    )
    rows = json.loads(export.knossos_json(history))
    assert [(row["type"], row["f"], row["value"]) for row in rows] == [
        ("invoke", "write", "a"),
        ("ok", "write", "a"),
        ("invoke", "read", None),
        ("ok", "read", "a"),
        ("invoke", "write", None),
        ("ok", "write", None),
        ("invoke", "read", None),
        ("fail", "read", None),
    ]


def test_who_begins_in_the_nanosecond_of_an_end_gets_a_process_of_its_own() -> None:
    ops = [Op(0, 3, "write", "x", 1, 1, 5, "ok"), Op(1, 3, "write", "x", 2, 5, 6, "ok")]
    rows = json.loads(export.knossos_json(History({"version": 1}, ops)))
    assert [(row["type"], row["process"]) for row in rows] == [
        ("invoke", 3),
        ("invoke", 4),
        ("ok", 3),
        ("ok", 4),
    ]


@pytest.mark.parametrize(
    ("op", "write", "words"),
    [
        (
            Op(7, 0, "get", "x", None, 1, 2, "ok", ["a", "b"]),
            export.knossos_json,
            "operation 7 read 2 siblings",
        ),
        (Op(7, 0, "delete", "x", None, 1, 2, "ok"), export.elle_json, "operation 7 is a delete"),
        (Op(7, 0, "cas", "x", [1, 2], 1, 2, "ok"), export.elle_json, "operation 7 is a cas"),
        (Op(7, 0, "remove", "x", "t", 1, 2, "ok", ["t"]), export.jepsen_edn, "operation 7 is a remove"),
    ],
)
def test_what_they_cannot_say_is_refused(op: Op, write: object, words: str) -> None:
    with pytest.raises(export.ExportError, match=words):
        write(History({"version": 1}, [op]))  # type: ignore[operator]


def test_several_keys_are_too_many_for_knossos() -> None:
    ops = [Op(0, 0, "write", "x", 1, 1, 2, "ok"), Op(1, 0, "write", "y", 2, 3, 4, "ok")]
    with pytest.raises(export.ExportError, match=r"2 keys, and Knossos judges one register: .* --key x"):
        export.knossos_json(History({"version": 1}, ops))
    assert len(json.loads(export.knossos_json(History({"version": 1}, ops), "y"))) == 2


RICH = """{"kind":"meta","version":1,"promise":"mvr-sloppy","config":{"n":1},"initial":"z"}
{"kind":"op","type":"invoke","op":1,"time":1,"process":0,"f":"get","key":"x"}
{"kind":"op","type":"ok","op":1,"time":2,"process":0,"f":"get","key":"x","value":["z"]}
{"kind":"op","type":"invoke","op":2,"time":3,"process":0,"f":"put","key":"x","value":"a","context":1,"attempts":2}
{"kind":"op","type":"ok","op":2,"time":4,"process":0,"f":"put","key":"x"}
{"kind":"fault","type":"requested","time":5,"id":"f","fault":"kill","nodes":["n1"]}
{"kind":"note","time":6,"text":"hello"}
{"kind":"final","time":9,"node":"n1","key":"x","values":["a"]}
"""
LOST = (
    "the promise `mvr-sloppy`, 1 final reads, 1 contexts, 1 operations sent more than once, 1 faults, what a "
    "key holds at the start (z)"
)


@pytest.mark.parametrize("target", ["h.edn", "h.json", "k.json"])
def test_what_the_target_cannot_say_is_refused_or_named(
    tmp_path: Path, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "h.jsonl", tmp_path / target
    source.write_text(RICH)
    to = "knossos-json" if target == "k.json" else None
    with pytest.raises(UsageError) as refused:
        convert(source, out, to=to)
    assert f"cannot say {LOST}: --lossy" in str(refused.value)
    assert not out.exists()
    assert convert(source, out, to=to, lossy=True) == 0
    assert f"left out: {LOST}, 1 notes" in capsys.readouterr().out
    assert len(load(out).ops) == 2


def test_ours_says_everything(tmp_path: Path) -> None:
    source = tmp_path / "h.jsonl"
    source.write_text(RICH)
    assert convert(source, tmp_path / "again.jsonl") == 0
    assert load(tmp_path / "again.jsonl").faults == load(source).faults


def test_final_reads_and_types_come_back(tmp_path: Path) -> None:
    source, out = tmp_path / "h.edn", tmp_path / "out.edn"
    source.write_text(
        '{:process 0 :type :invoke :f :add :value ["1" :a]}{:process 0 :type :ok :f :add :value ["1" :a]}'
        '{:process 0 :type :invoke :f :add :value [1 ":a"]}{:process 0 :type :ok :f :add :value [1 ":a"]}'
        '{:process 0 :type :invoke :f :read :value ["1" nil]}'
        '{:process 0 :type :ok :f :read :value ["1" [:a true 1 "1" "[" nil]] :final? true}'
    )
    assert convert(source, out) == 0
    assert said(load(out)) == said(load(source))
    assert [final.values for final in load(out).finals] == [final.values for final in load(source).finals]
