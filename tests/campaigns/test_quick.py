"""campaigns/quick.yaml: each effect that it is meant to show appears; every system keeps its own promise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.campaign.campaign import Campaign, run_campaign
from harness.campaign.executors import Executor
from harness.campaign.keep import keep_rule
from harness.plan.cells import runs_of
from harness.plan.load import load
from harness.plan.schema import Plan
from harness.store import CampaignFolder, Row


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Plan:
    value = load(request.config.rootpath / "campaigns" / "quick.yaml").value
    assert isinstance(value, Plan)
    return value


def test_it_is_what_it_says(plan: Plan) -> None:
    runs = runs_of(plan)
    assert len(runs) == 192
    sizes = {(run.workload.operations, run.workload.keys, run.workload.clients) for run in runs}
    assert sizes == {(250, 10, 5)}
    assert [nemesis.label for nemesis in plan.nemeses] == ["partitions", "skew", "crashes", "everything"]


@pytest.mark.slow
def test_what_it_shows(plan: Plan, tmp_path: Path) -> None:
    # One campaign, looked at from all sides: it takes seconds.
    summary, rows = conduct(plan, tmp_path)
    every_system_keeps_its_own_promise(summary)
    dotted_versions_lose_nothing(summary["checks"])
    truncated_paper_clocks_make_false_siblings_and_lose_writes(summary["checks"])
    last_writer_wins_drops_acknowledged_writes_under_skew(rows)


def conduct(plan: Plan, store: Path) -> tuple[dict[str, Any], list[Row]]:
    """The campaign's summary and its rows."""
    runs = runs_of(plan)
    asked = Campaign(plan.name, plan.seed, runs, len(runs), keep_rule("findings", len(runs)))
    ended = run_campaign(asked, store, Executor(2), [])
    database = CampaignFolder(ended.directory).database()
    rows = list(database.rows())
    database.close()
    return ended.summary, rows


def every_system_keeps_its_own_promise(summary: dict[str, Any]) -> None:
    assert [(one["system"], one["promise"], one["verdict"]) for one in summary["systems"]] == [
        ("dotted", "mvr-sloppy", "valid"),
        ("paper-clock", "mvr-paper", "valid"),
        ("last-writer", "lww", "valid"),
    ]
    assert (summary["verdict"], summary["exit"], summary["done"]) == ("valid", 0, 192)
    assert [cell["verdict"] for cell in summary["cells"]] == ["valid"] * 24


def dotted_versions_lose_nothing(checks: dict[str, Any]) -> None:
    for check in ("lost-write", "false-sibling", "zombie", "resurrection", "convergence", "set"):
        seen = checks[check]["dotted"]
        assert seen["claimed"], check
        assert (seen["invalid"], seen["judged"] > 30) == (0, True), check


def truncated_paper_clocks_make_false_siblings_and_lose_writes(checks: dict[str, Any]) -> None:
    for check in ("false-sibling", "lost-write"):
        seen = checks[check]["paper-clock"]
        assert not seen["claimed"], check
        assert seen["invalid"] >= 5, check


def last_writer_wins_drops_acknowledged_writes_under_skew(rows: list[Row]) -> None:
    skewed = [row for row in rows if row.system == "last-writer" and row.nemesis == "skew"]
    lost = [row for row in skewed if row.checks["lost-write"]["verdict"] == "invalid"]
    assert len(skewed) == 16
    assert len(lost) >= 8
    assert not any(row.checks["lost-write"]["asserted"] for row in lost)
