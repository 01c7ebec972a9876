"""Recorded histories of other people's systems, with verdicts that other judges agree on.

They are no part of the project: where they are not beside it, this is skipped. One register, initially
nil; `true` is linearizable.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from checkers import check
from checkers.verdict import Verdict

RECORDED = Path(__file__).parents[2].parent / "shared" / "histories"
VERDICTS: dict[str, bool] = (
    json.loads((RECORDED / "verdicts.json").read_text()) if (RECORDED / "verdicts.json").is_file() else {}
)
EACH_S, ALL_S = 10.0, 60.0
"""CPU seconds that one history and all of them may take."""

pytestmark = pytest.mark.skipif(not VERDICTS, reason=f"no recorded histories in {RECORDED}")


def test_every_recorded_history_is_judged_as_it_is_known_to_be() -> None:
    wrong: dict[str, str] = {}
    slow: dict[str, float] = {}
    spent = 0.0
    for name, is_linearizable in VERDICTS.items():
        began = time.process_time()
        report = check(RECORDED / name)
        seconds = time.process_time() - began
        spent += seconds
        if seconds > EACH_S:
            slow[name] = seconds
        found = report.checks["linearizable"].finding
        # Where no client's operation can have acted there is nothing to judge: unknown, and why.
        nothing = found.judged == 0 and report.verdict is Verdict.UNKNOWN
        wanted = Verdict.VALID if is_linearizable else Verdict.INVALID
        if not (report.verdict is wanted or (is_linearizable and nothing)):
            wrong[name] = f"{report.verdict}, linearizable {found.verdict} ({found.reason})"
        elif not is_linearizable:
            assert found.violations, name
            assert found.violations[0].ops, name
    assert not wrong
    assert not slow
    assert spent < ALL_S
