"""A whole campaign: events in order, failures of ours counted, and an end when enough is seen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from harness.campaign.campaign import Campaign, limit_s, run_campaign
from harness.campaign.events import CampaignEnded, CampaignStarted, Event, RunEnded
from harness.campaign.executors import COMMAND, Executor
from harness.campaign.keep import keep_rule
from harness.plan.cells import runs_of
from harness.plan.schema import LanePlan, NemesisPlan, Plan, Run, SystemPlan, WorkloadPlan
from harness.store import CampaignFolder

PLAN = Plan(
    name="tiny",
    systems=(SystemPlan("dotted", config={"n": 3, "r": 2, "w": 2}),),
    workloads=(WorkloadPlan("register", operations=60, keys=2, clients=3),),
    nemeses=(NemesisPlan("pauses", lanes=(LanePlan("pause"),)),),
    seeds_per_cell=3,
)
BROKEN_CLIENT = """
import harness.systems.dynamo as dynamo
async def get(self, key, node):
    raise KeyError("planted")
dynamo.DynamoClient.get = get
from harness.campaign.worker import main
main()
"""
LYING_CLIENT = """
import harness.systems.dynamo as dynamo
honest = dynamo.DynamoClient.get
async def get(self, key, node):
    reply = await honest(self, key, node)
    reply.values.append("ghost")
    return reply
dynamo.DynamoClient.get = get
from harness.campaign.worker import main
main()
"""


def campaign(
    runs: Sequence[Run], store: Path, *worker: str, stop_after: int | None = None
) -> tuple[list[Event], CampaignEnded]:
    told: list[Event] = []
    executor = Executor(1, command=worker or COMMAND)
    asked = Campaign("tiny", 1, runs, len(runs), keep_rule("findings", 1), stop_after=stop_after)
    return told, run_campaign(asked, store, executor, [told.append])


def test_events_tell_the_whole_story(tmp_path: Path) -> None:
    told, ended = campaign(runs_of(PLAN), tmp_path)
    assert [type(event) for event in told] == [CampaignStarted, *[RunEnded] * 3, CampaignEnded]
    assert [event.done for event in told if isinstance(event, RunEnded)] == [1, 2, 3]
    assert told[-1] == ended
    assert ended.summary["runs"]["failed"] == 0


def test_what_is_not_kept_leaves_its_row(tmp_path: Path) -> None:
    _, ended = campaign(runs_of(PLAN), tmp_path)
    assert list((ended.directory / "runs").iterdir()) == []
    rows = list(CampaignFolder(ended.directory).database().rows())
    assert [(row.number, row.kept) for row in rows] == [(1, False), (2, False), (3, False)]
    assert len({row.history_sha256 for row in rows}) == 3


def test_an_exception_in_a_client_is_our_failure_and_names_its_place(tmp_path: Path) -> None:
    _, ended = campaign(runs_of(PLAN), tmp_path, sys.executable, "-c", BROKEN_CLIENT)
    assert (ended.summary["exit"], ended.summary["verdict"]) == (3, "unknown")
    assert ended.summary["runs"] == {"valid": 0, "invalid": 0, "unknown": 0, "failed": 3}
    for one in ended.summary["failures"]:
        assert "client" in one["failure"]
        assert "planted" in one["failure"]


def test_a_campaign_stops_when_it_has_seen_enough(tmp_path: Path) -> None:
    runs = runs_of(msgspec.structs.replace(PLAN, seeds_per_cell=50))
    _, ended = campaign(runs, tmp_path, sys.executable, "-c", LYING_CLIENT, stop_after=2)
    assert (ended.summary["exit"], ended.interrupted) == (1, False)
    assert 2 <= ended.summary["runs"]["invalid"] <= 3
    assert ended.summary["done"] < 10
    assert {one["check"] for one in ended.summary["findings"]} >= {"phantom"}


def test_the_wall_limit_grows_with_the_run() -> None:
    short, long = runs_of(PLAN)[0], WorkloadPlan("register", operations=100_000, rate_per_s=10)
    assert 120 < limit_s(short) < 130
    assert limit_s(msgspec.structs.replace(short, workload=long)) > 20_000
