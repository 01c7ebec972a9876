"""Ten thousand broken files of every format: each is read and judged, or refused in one line, soon."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from checkers import check
from checkers.errors import HistoryError
from checkers.formats.detect import load
from checkers.formats.write_jsonl import write
from tests.interop.mutating import mutated

DATA = sorted(path for path in (Path(__file__).parent / "data").iterdir() if path.is_file())
MORE = {
    "txn.edn": [
        "{:type :invoke :value [[:w :x 1]] :process 0 :time 1}",
        "{:type :ok :value [[:w :x 1]] :process 0}",
    ],
    "counter.edn": [
        "{:process 0 :type :invoke :f :add :value [1 2]}",
        "{:process 0 :type :ok :f :add :value [1 2]}",
        "{:process 0 :type :invoke :f :read :value [1 nil]}",
        "{:process 0 :type :ok :f :read :value [1 2] :final? true}",
    ],
    "history.txt": [
        "0\t:invoke\t:write\t1",
        "0\t:info\t:write\t1\t:timeout",
        "1\t:invoke\t:read\tnil",
        "1\t:ok\t:read\t1",
    ],
    "lines.jsonl": [
        '{"kind":"meta","version":1,"promise":"mvr-sloppy","config":{"n":1},"initial":0}',
        '{"kind":"op","type":"invoke","op":1,"time":1,"process":0,"f":"put","key":"x","value":"a","items":["t"]}',
        '{"kind":"op","type":"ok","op":1,"time":2,"process":0,"f":"put","key":"x","value":["a"],"body":true}',
        '{"kind":"op","type":"invoke","op":2,"time":3,"process":1,"f":"get","key":"x"}',
        '{"kind":"op","type":"ok","op":2,"time":4,"process":1,"f":"get","key":"x","value":["a"],'
        '"clock":{"vector":{"a":1},"dots":[["a",1]]}}',
        '{"kind":"fault","type":"requested","time":5,"id":"f","fault":"skew","nodes":["n1"],"max_offset_ms":5}',
        '{"kind":"state","time":6,"node":"n1","hints":0,"digests":{"r":"00"}}',
        '{"kind":"note","time":7,"text":"hello"}',
        '{"kind":"phase","time":8,"name":"final"}',
        '{"kind":"final","time":9,"node":"n1","key":"x","values":["a"],"round":1}',
    ],
}
EXAMPLES = {path.name: path.read_bytes() for path in DATA}
EXAMPLES |= {name: "\n".join([*lines, ""]).encode() for name, lines in MORE.items()}
COUNT = int(os.environ.get("SCHISM_MUTATIONS", "200"))
"""Broken files of each example; 1000 make more than ten thousand."""


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_broken_file_is_judged_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    again = tmp_path / "again.jsonl"
    for seed in range(COUNT):
        data = mutated(EXAMPLES[name], random.Random(f"{name} {seed}"))
        path.write_bytes(data)
        try:
            history = load(path)
            report = check(history)
        except HistoryError as error:
            refused = str(error)
            assert "\n" not in refused, f"seed {seed}"
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}: {data!r}") from error
        assert not [one.failure for one in report.checks.values() if one.failure], f"seed {seed}: {data!r}"
        write(history, again)
        assert [(op.key, op.f, op.value) for op in load(again).ops] == [
            (op.key, op.f, op.value) for op in history.ops
        ], f"seed {seed}"
