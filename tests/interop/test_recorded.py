"""Recorded histories of other people's systems, with verdicts that other judges agree on.

They are no part of the project: where they are not beside it, this is skipped. One register, initially
nil; `true` is linearizable.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers import check
from checkers.verdict import Verdict

RECORDED = Path(__file__).parents[2].parent / "shared" / "histories"
VERDICTS: dict[str, bool] = (
    json.loads((RECORDED / "verdicts.json").read_text()) if (RECORDED / "verdicts.json").is_file() else {}
)

pytestmark = pytest.mark.skipif(not VERDICTS, reason=f"no recorded histories in {RECORDED}")


def test_every_recorded_history_is_judged_as_it_is_known_to_be() -> None:
    wrong: dict[str, str] = {}
    for name, is_linearizable in VERDICTS.items():
        report = check(RECORDED / name)
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
