"""The terminal: the banner first, progress, and nothing but plain text when piped."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.campaign.events import CampaignEnded, CampaignStarted, RunEnded
from harness.report.terminal import terminal
from harness.report.terminal.terminal import Terminal, command
from harness.store import Row

STARTED = CampaignStarted("demo", 7, Path("store/demo-7"), 2, 1, ("testbed · sim · 5 nodes",))
SUMMARY: dict[str, Any] = {"cells": [], "systems": [], "checks": {}, "findings": [], "failures": []}
SUMMARY |= {"verdict": "valid", "seed": 7, "done": 2, "total": 2}
ENDED = CampaignEnded(Path("store/demo-7"), SUMMARY, False, 1.25)


def row(number: int, **rest: Any) -> Row:
    return Row(number=number, name=f"run{number}", system="s", workload="w", nemesis="n", seed=1, **rest)


def drawn(live: bool, *events: Any) -> str:
    out = io.StringIO()
    listener = Terminal(Console(file=out, force_terminal=live, width=100), "schism run demo.yaml --seed 7")
    for event in events:
        listener(event)
    listener.close()
    listener.farewell(ENDED, Path("store/demo-7/report.html"))
    return out.getvalue()


def test_banner_first_and_seed_last() -> None:
    lines = drawn(False, STARTED).splitlines()
    assert lines[:3] == [
        "schism · demo · SEED 7",
        "  testbed · sim · 5 nodes",
        "  2 runs · 1 worker · store/demo-7",
    ]
    assert lines[-4:] == [
        "VALID · 2 of 2 runs in 1.2 s",
        "report  store/demo-7/report.html",
        "again   schism run demo.yaml --seed 7",
        "SEED 7",
    ]


def test_what_breaks_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "EVERY_S", 0.0)
    broken = row(
        1, verdict="invalid", findings=[{"check": "phantom", "asserted": True, "message": "[bold]m"}]
    )
    failed = row(2, verdict="unknown", failure="worker: died by SIGKILL")
    text = drawn(False, STARTED, RunEnded(broken, 1, 2), RunEnded(failed, 2, 2))
    assert "  ✘ run1: phantom\n" in text
    assert "  ! run2: worker: died by SIGKILL\n" in text
    assert "  2 of 2 runs · 1 invalid 1 failed\n" in text
    assert "\x1b" not in text


def test_a_line_is_never_wrapped_nor_read_as_markup() -> None:
    failed = row(1, verdict="unknown", failure="[red]" + "x" * 300)
    assert "[red]" + "x" * 300 + "\n" in drawn(False, STARTED, RunEnded(failed, 1, 2))


def test_on_a_terminal_there_is_a_live_bar_that_goes_away() -> None:
    text = drawn(True, STARTED, RunEnded(row(1, verdict="valid"), 1, 2))
    assert "\x1b" in text
    assert "1 valid" in text


def test_a_command_can_be_pasted() -> None:
    assert command("run", Path("my plan.yaml"), "--seed", 7) == "schism run 'my plan.yaml' --seed 7"
