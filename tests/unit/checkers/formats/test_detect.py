"""What is in a path: a run's folder, a history, another tool's history, or nothing that can be judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkers.errors import HistoryError
from checkers.formats.detect import guess, load

META = b'{"kind":"meta","version":1}\n'


def test_a_runs_folder_stands_for_its_history(tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").write_bytes(META)
    assert load(tmp_path).meta == {"kind": "meta", "version": 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\x00\x01\x02\x03", "binary"),
        (b"\xff\xfe" + bytes(range(128, 256)), "binary"),
        (b"\x1f\x8b\x08\x00", "is cut off: this gzip file has no end"),
        (b"\x28\xb5\x2f\xfd\x00", "compressed (zstd)"),
        (b"hello, world\n", "not a history"),
        (b'{"kind":"meta"', "not a history"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "given"
    path.write_bytes(content)
    with pytest.raises(HistoryError) as refused:
        load(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (b"{:type :invoke, :f :read, :value nil, :process 0}\n", "jepsen-edn"),
        (b"; a comment\n[{:type :invoke :f :write}]", "jepsen-edn"),
        (b"#jepsen.history.Op{:index 0}", "jepsen-edn"),
        (b"[[0 :invoke :write 3]]", "jepsen-edn"),
        (b"INFO  jepsen.util - 3\t:invoke\t:write\t4\n", "jepsen-log"),
        (b"2026-01-01 10:00:00 INFO [jepsen worker 3] jepsen.util: 3\t:invoke\t:write\t4\n", "jepsen-log"),
        (b'[{"type":"invoke","f":"txn"}]', "elle-json"),
        (b'{"index":0,"type":"invoke","process":0,"value":[]}\n', "elle-json"),
        (b"PK\x03\x04", "columns"),
        (META, "schism"),
    ],
)
def test_a_format_is_told_by_its_first_bytes(content: bytes, format: str) -> None:
    assert guess("given", content) == format


def test_no_such_path(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="no such file or folder"):
        load(tmp_path / "missing")


def test_a_folder_without_a_history(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"no `history.jsonl` in this folder"):
        load(tmp_path)


def test_the_format_can_be_given(tmp_path: Path) -> None:
    path = tmp_path / "h"
    path.write_bytes(META)
    assert load(path, "schism").ops == []
    with pytest.raises(HistoryError, match=r"is not EDN|is missing"):
        load(path, "jepsen-edn")
    with pytest.raises(HistoryError, match="unknown format `edn`; known: schism, jepsen-edn"):
        load(path, "edn")


def test_a_character_cut_at_the_edge_of_the_look_is_no_binary(tmp_path: Path) -> None:
    path = tmp_path / "h"
    note = '{"kind":"note","time":1,"text":"' + "é" * 4000 + '"}\n'
    for shift in range(2):
        path.write_text('{"kind":"meta","version":1' + " " * shift + "}\n" + note, encoding="utf-8")
        assert len(load(path).notes) == 1
