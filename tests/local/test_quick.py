"""campaigns/quick.yaml on real processes, as an ordinary user runs it: a run of each mode."""

from pathlib import Path

import pytest

from harness.campaign.campaign import Campaign, run_campaign
from harness.campaign.executors import Executor
from harness.campaign.keep import keep_rule
from harness.plan.cells import runs_of
from harness.plan.load import load
from harness.plan.schema import Plan
from harness.plan.variants import on_testbed
from harness.store import CampaignFolder
from tests.local.processes import running


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Plan:
    loaded = load(request.config.rootpath / "campaigns" / "quick.yaml")
    assert isinstance(loaded.value, Plan)
    return on_testbed(loaded.value, loaded.document, "local")[0]


def test_its_variant_is_three_modes_under_two_troubles(plan: Plan) -> None:
    runs = runs_of(plan)
    assert [(run.system.label, run.workload.workload, run.nemesis.label) for run in runs] == [
        (mode, "register", trouble)
        for mode in ("dotted", "paper-clock", "last-writer")
        for trouble in ("partition-kill", "skew")
    ]
    assert {run.testbed.name for run in runs} == {"local"}
    lanes = {run.nemesis.label: tuple(lane.nemesis for lane in run.nemesis.lanes) for run in runs}
    assert lanes == {"partition-kill": ("partition", "kill"), "skew": ("clock",)}


@pytest.mark.slow
def test_real_processes_keep_their_promises_and_the_last_writer_loses_writes(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    wanted = [("dotted", "partition-kill"), ("paper-clock", "partition-kill"), ("last-writer", "skew")]
    runs = [run for run in runs_of(plan) if (run.system.label, run.nemesis.label) in wanted]
    ended = run_campaign(
        Campaign(plan.name, plan.seed, runs, 3, keep_rule("all", 3)), tmp_path / "store", Executor(1), []
    )
    database = CampaignFolder(ended.directory).database()
    rows = {row.system: row for row in database.rows()}
    database.close()

    assert {system: (row.verdict, row.failure) for system, row in rows.items()} == {
        "dotted": ("valid", None),
        "paper-clock": ("valid", None),
        "last-writer": ("valid", None),
    }
    for row in rows.values():
        assert row.chances["verified"] == row.chances["faults"] > 0
    assert rows["dotted"].checks["lost-write"]["asserted"]
    assert rows["last-writer"].checks["lost-write"]["verdict"] == "invalid"
    assert not rows["last-writer"].checks["lost-write"]["asserted"]
    assert running(str(tmp_path)) == []
