"""Example histories and plans in the docs are read, judged, and found to be what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers import check
from harness.plan.load import load
from tests.unit.docs.pages import PAGES, ROOT, blocks

HISTORIES = [(page, number) for page in PAGES for number in range(len(blocks(page, "jsonl")))]


@pytest.mark.parametrize(("page", "number"), HISTORIES, ids=lambda value: str(getattr(value, "name", value)))
def test_example_histories_can_be_judged(page: Path, number: int, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(blocks(page, "jsonl")[number], encoding="utf-8")
    report = check(path)
    assert not report.warnings
    assert not report.failures


def test_the_example_of_history_md_loses_its_write(tmp_path: Path) -> None:
    page = ROOT / "docs" / "history.md"
    path = tmp_path / "history.jsonl"
    path.write_text(blocks(page, "jsonl")[0], encoding="utf-8")
    shown = json.loads(blocks(page, "json")[0])
    found = check(path).to_json()
    assert found["verdict"] == shown["verdict"] == "invalid"
    for name in ("promise", "ops"):
        assert found[name] == shown[name]
    said, says = shown["checks"]["lost-write"], found["checks"]["lost-write"]
    for name, value in said["violations"][0].items():
        assert says["violations"][0][name] == value


PLANS = [(page, number) for page in PAGES for number in range(len(blocks(page, "yaml")))]


@pytest.mark.parametrize(("page", "number"), PLANS, ids=lambda value: str(getattr(value, "name", value)))
def test_example_plans_load(page: Path, number: int, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(blocks(page, "yaml")[number], encoding="utf-8")
    assert load(path).value
