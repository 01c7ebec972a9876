"""junit.xml: valid on disk at every moment, cases in the campaign's order, nothing XML cannot hold."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from harness.campaign.events import CampaignEnded, CampaignStarted, RunEnded
from harness.report.terminal import junit
from harness.report.terminal.junit import JUnit
from harness.store import Row


def row(number: int, **rest: Any) -> Row:
    return Row(number=number, name=f"run{number}", system="s", workload="w", nemesis="n", seed=number, **rest)


def cell(verdict: str, reason: str = "") -> dict[str, Any]:
    return {"system": "s", "workload": "w", "nemesis": "n", "verdict": verdict, "reason": reason}


def suite(folder: Path) -> ET.Element:
    found = ET.parse(folder / "junit.xml").getroot().find("testsuite")
    assert found is not None
    return found


BROKEN = [{"check": "lost-write", "asserted": True, "message": "a <b> & \x00\x1b[31m is lost"}]


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JUnit:
    monkeypatch.setattr(junit, "FLUSH_S", 0.0)
    made = JUnit()
    made(CampaignStarted("demo", 7, tmp_path, 4, 2, ()))
    return made


def test_it_is_whole_after_every_run(listener: JUnit, tmp_path: Path) -> None:
    assert suite(tmp_path).get("tests") == "0"
    for number in (3, 1, 2):
        listener(RunEnded(row(number, verdict="valid"), number, 4))
        suite(tmp_path)
    names = [case.get("name") for case in suite(tmp_path).iter("testcase")]
    assert names == ["run1", "run2", "run3"], "in order, however they ended"
    assert not list(tmp_path.glob("*.part"))


def test_what_became_of_each_run(listener: JUnit, tmp_path: Path) -> None:
    listener(RunEnded(row(1, verdict="valid", seconds=0.5), 1, 4))
    listener(RunEnded(row(2, verdict="invalid", findings=BROKEN), 2, 4))
    listener(RunEnded(row(3, verdict="unknown", reason="no conflicting writes"), 3, 4))
    listener(RunEnded(row(4, verdict="unknown", failure="worker: died by SIGKILL"), 4, 4))
    ended = CampaignEnded(tmp_path, {"cells": [cell("invalid", "1 of 4 runs")]}, False, 1.0)
    listener(ended)
    found = suite(tmp_path)
    assert {name: found.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    kinds = [[(part.tag, part.get("message")) for part in case] for case in found.iter("testcase")]
    assert kinds == [
        [],
        [("failure", "lost-write: a <b> & \ufffd\ufffd[31m is lost")],
        [("skipped", "unknown: no conflicting writes")],
        [("error", "worker: died by SIGKILL")],
        [("failure", "invalid: 1 of 4 runs")],
    ]


def test_between_flushes_the_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit, "FLUSH_S", 3600.0)
    listener = JUnit()
    listener(CampaignStarted("demo", 7, tmp_path, 2, 1, ()))
    listener(RunEnded(row(1, verdict="valid"), 1, 2))
    assert suite(tmp_path).get("tests") == "0"
    listener(CampaignEnded(tmp_path, {"cells": []}, True, 1.0))
    assert suite(tmp_path).get("tests") == "1", "the end always writes"
