"""The same history gives the same report, byte for byte, whatever the hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.histories.notation import history, jsonl

JUDGE = "import json, sys, checkers; print(json.dumps(checkers.check(sys.argv[1]).to_json(timings=False)))"

TEXT = """
put a1; put b2; put c3; get a{1,9}; get a{1,9,8}; get b{2,2}; get c{}; put c4*2; get c{3,4}; put d5!;
get d{5};
~wipe(n1)[1,2]; ~skew(n1, n2, max_offset_ms=7)[3,4]; #settle[100]; #final[300];
F a{1}|{9}|{}[300]; F b{}[300]; F c{3}|{4}|{3,4}[300]
"""


def test_a_report_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(jsonl(history(TEXT.replace("\n", " "), settle_bound_s=0.1, functions=["get", "put"])))
    reports = [
        subprocess.run(
            [sys.executable, "-c", JUDGE, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert reports[0] == reports[1]
    assert b'"verdict": "invalid"' in reports[0]
