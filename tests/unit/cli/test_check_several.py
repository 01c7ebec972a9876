"""`schism check` on several histories, on standard input, on gzip; and what no terminal must get."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.cli.output import visible

Schism = Any
META = '{"kind":"meta","version":1,"promise":"linearizable"}'


def line(type: str, op: int, time: int, f: str, key: str, value: object) -> str:
    said = {"kind": "op", "type": type, "op": op, "time": time, "process": op, "f": f, "key": key}
    return json.dumps({**said, "value": value})


def history(read: object, key: str = "x") -> str:
    """A write of 1, then a read."""
    return "\n".join(
        [
            META,
            line("invoke", 0, 1, "write", key, 1),
            line("ok", 0, 2, "write", key, 1),
            line("invoke", 1, 3, "read", key, None),
            line("ok", 1, 4, "read", key, read),
            "",
        ]
    )


@pytest.fixture
def files(plan: Path) -> None:
    Path("good.jsonl").write_text(history(1))
    Path("bad.jsonl").write_text(history(7))
    Path("none.jsonl").write_text("words\n")


@pytest.mark.usefixtures("files")
def test_each_is_told_in_a_line_and_the_worst_is_the_exit_code(schism: Schism) -> None:
    alone = schism("check", "good.jsonl").code
    said = schism("check", "good.jsonl", "bad.jsonl")
    assert said.code == 1
    assert "bad.jsonl under linearizable" in said.out.splitlines()[1]
    assert said.out.splitlines()[1].startswith("INVALID")
    assert said.out.splitlines()[-1].startswith("2 histories: ")
    assert schism("check", "good.jsonl", "good.jsonl").code == alone
    unread = schism("check", "good.jsonl", "none.jsonl")
    assert unread.code == 4
    assert "none.jsonl" in unread.err
    assert schism("check", "none.jsonl", "bad.jsonl").code == 1


@pytest.mark.usefixtures("files")
def test_one_json_object_a_line(schism: Schism) -> None:
    said = schism("check", "good.jsonl", "none.jsonl", "bad.jsonl", "--json")
    told = [json.loads(text) for text in said.out.splitlines()]
    assert [one["path"] for one in told] == ["good.jsonl", "none.jsonl", "bad.jsonl"]
    assert "error" in told[1]
    assert told[2]["verdict"] == "invalid"


def test_no_history_at_all(schism: Schism) -> None:
    said = schism("check")
    assert said.code == 4
    assert "name a history" in said.err


@pytest.mark.usefixtures("files")
def test_gzip_is_unpacked_and_standard_input_is_read(schism: Schism, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = gzip.compress(history(7).encode())
    Path("bad.jsonl.gz").write_bytes(packed)
    assert schism("check", "bad.jsonl.gz").code == 1
    for content in (history(7).encode(), packed):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert schism("check", "-").code == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert "nothing came on standard input" in schism("check", "-").err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(bytes(300_000_000)), "unpacks to more than"),
        (gzip.compress(history(1).encode())[:-9], "is cut off"),
        (b"\x1f\x8b" + b"nonsense" * 9, "is no gzip file that can be unpacked"),
    ],
)
def test_bombs_and_broken_gzip_are_refused(schism: Schism, content: bytes, says: str) -> None:
    Path("x.gz").write_bytes(content)
    said = schism("check", "x.gz")
    assert said.code == 4
    assert says in said.err


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert visible("\x1b[2J\x07\x9b31m") == r"\x1b[2J\x07\x9b31m"
    assert visible("a\u202eb\ud800\nc\u2066") == r"a\u202eb\ud800\nc\u2066"
    assert visible("plain ✔ ünïcödé 漢字") == "plain ✔ ünïcödé 漢字"


def test_keys_and_values_reach_no_terminal_raw(schism: Schism) -> None:
    nasty = "\x1b]0;owned\x07\x1b[2J\u202e"
    Path("nasty.jsonl").write_text(history(nasty, key=f"k{nasty}"))
    for arguments in (
        ["check", "nasty.jsonl"],
        ["check", "nasty.jsonl", "nasty.jsonl"],
        ["check", "nasty.jsonl", "--json"],
        ["show", "nasty.jsonl"],
        ["show", "nasty.jsonl", "--key", nasty],
        ["run", nasty],
        [nasty],
    ):
        said = schism(*arguments)
        assert not set("\x1b\x07\u202e") & set(said.out + said.err), arguments
    assert json.loads(schism("check", "nasty.jsonl", "--json").out)["verdict"] == "invalid"
