"""Values have types: true is no 1, the text 1 is no number, and the key 1 is not the key "1"."""

import copy
import json
import pickle
from pathlib import Path

import pytest

from checkers import check
from checkers.formats import detect, jsonl, sidecar, write_jsonl
from checkers.model.history import History
from checkers.model.values import FALSE, TRUE, name_of, named, plain, value_of
from checkers.verdict import Verdict


def _history(*lines: str, promise: str = "linearizable", initial: str = "") -> History:
    meta = f'{{"kind":"meta","version":1,"promise":"{promise}"{initial}}}'
    return jsonl.read(Path("made.jsonl"), "\n".join([meta, *lines]).encode())


def _op(number: int, f: str, asked: str, answer: str, key: str = '"x"') -> list[str]:
    head = f'"kind":"op","op":{number},"process":{number},"f":"{f}","key":{key}'
    value, back = (f',"value":{text}' if text else "" for text in (asked, answer))
    times = f'"time":{10 * number + 1}', f'"time":{10 * number + 2}'
    return [f'{{{head},"type":"invoke",{times[0]}{value}}}', f'{{{head},"type":"ok",{times[1]}{back}}}']


def test_booleans_are_no_numbers_and_survive_copies_and_other_processes() -> None:
    assert value_of(json.loads("[true, false, 1, 0]")) == [TRUE, FALSE, 1, 0]
    assert TRUE not in (1, 1.0, "true", FALSE, None)
    assert FALSE not in (0, "", None)
    assert pickle.loads(pickle.dumps(TRUE)) is TRUE
    assert copy.deepcopy(FALSE) is FALSE
    assert (f"{TRUE}", f"{FALSE!r}", plain({"a": [TRUE]})) == ("true", "false", {"a": [True]})


@pytest.mark.parametrize(
    ("wrote", "read", "verdict"),
    [
        ("1", "true", "invalid"),
        ("true", "1", "invalid"),
        ("0", "false", "invalid"),
        ("false", "0", "invalid"),
        ("1", '"1"', "invalid"),
        ('"true"', "true", "invalid"),
        ("true", "true", "valid"),
        ("1", "1.0", "valid"),
        ("2.0", "2", "valid"),
    ],
)
def test_a_read_is_judged_by_type(wrote: str, read: str, verdict: str, tmp_path: Path) -> None:
    history = _history(*_op(0, "write", wrote, ""), *_op(1, "read", "", read))
    assert check(history).verdict == Verdict(verdict)
    sidecar.write(history, tmp_path / "history.npz")
    assert check(detect.load(tmp_path / "history.npz")).verdict == Verdict(verdict)


def test_the_initial_value_and_finals_have_types_too(tmp_path: Path) -> None:
    history = _history(
        *_op(0, "read", "", "true"),
        '{"kind":"final","time":99,"node":"n1","key":"x","values":[true, 1]}',
        initial=',"initial":1',
    )
    assert check(history).checks["phantom"].finding.verdict == Verdict.INVALID
    assert history.finals[0].values == [TRUE, 1]
    history = _history(*_op(0, "read", "", "true"), initial=',"initial":true')
    assert check(history).checks["phantom"].finding.verdict == Verdict.VALID
    sidecar.write(history, tmp_path / "history.npz")
    assert detect.load(tmp_path / "history.npz").meta["initial"] is TRUE


def test_the_key_1_is_not_the_key_in_text() -> None:
    history = _history(*_op(0, "write", "10", "", key="1"), *_op(1, "read", "", "null", key='"1"'))
    assert [op.key for op in history.ops] == ["1", '"1"']
    assert check(history).verdict != Verdict.INVALID


def test_what_is_written_is_read_back_with_its_types(tmp_path: Path) -> None:
    lines = [*_op(0, "write", "true", "", key="1"), *_op(1, "read", "", "1", key='"1"')]
    history = _history(*lines, *_op(2, "read", "", "false", key="true"))
    write_jsonl.write(history, tmp_path / "again.jsonl")
    assert detect.load(tmp_path / "again.jsonl").ops == history.ops
    assert b'"value":true' in (tmp_path / "again.jsonl").read_bytes()


@pytest.mark.parametrize(
    "value", [1, -5, 2.5, "k1", "1", "-1.5e3", "true", TRUE, FALSE, None, '"', '"1"', "0:1"]
)
def test_every_value_has_a_name_of_its_own(value: object) -> None:
    assert named(name_of(value)) == value
    assert name_of(1) == name_of(1.0) == "1"
    assert name_of("k1") == "k1"
    assert name_of("0:1") == "0:1"


def test_elements_have_types() -> None:
    lost = _history(*_op(0, "add", "1", "", key='"s"'), *_op(1, "members", "", '["1"]', key='"s"'))
    assert check(lost).checks["set"].finding.verdict != Verdict.VALID
