"""Files that nest deep, or hold numbers of thousands of digits, are refused in one line, and soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkers.errors import HistoryError
from checkers.formats.detect import load

META = '{"kind":"meta","version":1}\n'
OP = '{"kind":"op","type":"invoke","op":1,"time":1,"process":0,"f":"write","key":"x","value":1}\n'
DEEP = "[" * 5000 + "]" * 5000
LONG = "9" * 5000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("h.jsonl", META.replace("1}", '1,"x":' + DEEP + "}")),
        ("h.jsonl", META.replace("1}", '1,"x":' + DEEP[4700:5300] + "}")),
        ("h.jsonl", META + OP.replace('"value":1', '"value":' + DEEP)),
        ("h.jsonl", META + OP.replace('"value":1', '"value":' + LONG)),
        ("h.jsonl", META + OP.replace('"value":1', '"value":' + LONG[:400])),
        ("h.jsonl", META + OP.replace('"time":1', '"time":' + LONG[:25])),
        ("h.jsonl", META + OP.replace('"process":0', '"process":3000000000')),
        ("h.jsonl", META.replace("1}", '1,"initial":[1]}')),
        ("h.json", '[{"process":0,"type":"invoke","f":"write","value":' + DEEP + "}]"),
        ("h.json", '[{"process":0,"type":"invoke","f":"write","value":' + DEEP[4700:5300] + "}]"),
        ("h.json", '[{"process":0,"type":"invoke","f":"write","value":' + LONG[:400] + "}]"),
        ("h.edn", "{:process 0 :type :invoke :f :write :value " + DEEP + "}"),
        ("h.edn", "{:process 0 :type :invoke :f :write :value " + "#_" * 5000 + "1 2}"),
        ("h.edn", "{:process 0 :type :invoke :f :write :value " + "#a " * 5000 + "1}"),
        ("h.edn", "{:process 0 :type :invoke :f :write :value " + LONG + "}"),
        ("h.edn", "{:process 0 :type :invoke :f :write :value 1e999}"),
        ("h.edn", "{:process 0   " + "   ".join(f":k{i} {i}" for i in range(30)) + ' :value "never closed}'),
        ("h.edn", "{:process 0 :type :invoke :f :write :value " + '"\\"' * 50_000 + "}"),
        ("h.log", "INFO  jepsen.util - 0 :invoke :write " + DEEP + "\n"),
        ("h.log", "INFO  jepsen.util - 0 :invoke :write " + LONG + "\n"),
        ("h.log", "INFO " + " : a" * 100_000 + "\n"),
        ("h.edn", "  ,  " * 100_000),
    ],
)
def test_what_is_beyond_the_limits_is_the_files_error(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(HistoryError) as refused:
        load(tmp_path / name)
    assert len(str(refused.value)) < 400 + len(str(tmp_path))


def test_only_what_is_torn_is_called_torn(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text(META + OP + OP[:40])
    assert "is torn" in load(path).warnings[0]
    for wrong in ('{"kind": oops}\n', "hello\n"):
        path.write_text(META + OP + wrong)
        with pytest.raises(HistoryError, match=r":3: is not JSON"):
            load(path)
    path.write_text("\n" + META[:10])
    with pytest.raises(HistoryError, match="no whole `meta` line"):
        load(path)
    path.write_text(META + OP[:40] + "\n" + OP)
    with pytest.raises(HistoryError, match=r":2: this line is torn"):
        load(path)
