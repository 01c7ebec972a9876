"""An `unknown` that lacks something says how to provide it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.report.model.checks_table import check_groups
from harness.report.model.remedies import with_remedy
from harness.report.terminal.card import card

MISSING = "key `x` has no complete round of final reads"
HELPS = f"{MISSING} (add a final line for each replica: docs/history.md#final)"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (MISSING, HELPS),
        (f"{MISSING} after settling", "read every replica again, later: docs/history.md#final)"),
        (f"{MISSING}: add a final line (docs/history.md#final)", "line (docs/history.md#final)"),
        ("the history does not tell", "the history does not tell"),
    ],
)
def test_the_remedy_stands_behind_the_reason_once(reason: str, told: str) -> None:
    assert with_remedy(reason).endswith(told)
    assert with_remedy(with_remedy(reason)) == with_remedy(reason)


def test_the_table_of_checks_names_it() -> None:
    found = {"verdict": "unknown", "asserted": True, "reason": MISSING}
    (group,) = check_groups({"lost-write": found}, {})
    assert group.rows[0].seen == HELPS


def test_the_card_names_it() -> None:
    runs = {"valid": 0, "invalid": 0, "unknown": 1, "failed": 0}
    cell = {
        "system": "a",
        "workload": "w",
        "nemesis": "n",
        "verdict": "unknown",
        "reason": MISSING,
        "runs": runs,
    }
    system = {"system": "a", "promise": "lww", "verdict": "unknown", "reason": "", "runs": runs}
    summary = {"systems": [system], "cells": [cell], "checks": {}, "findings": [], "failures": []}
    assert any(HELPS in text for text, _ in card(summary, Path("s")))
