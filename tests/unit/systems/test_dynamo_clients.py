"""Clients of the reference node as a plan chooses them, told by the histories that they leave."""

import json
from pathlib import Path
from typing import Any

import pytest

from checkers import check
from harness.errors import UsageError
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.run.lifecycle import execute
from harness.systems.dynamo import Dynamo


def history(directory: Path, config: dict[str, Any], *lanes: LanePlan) -> list[dict[str, Any]]:
    """A short run with this configuration; its operations' lines."""
    run = Run(
        name="one",
        seed=3,
        system=SystemPlan("dynamo", config=config),
        workload=WorkloadPlan("register", operations=150, keys=3, clients=4, rate_per_s=50.0, timeout_s=0.3),
        nemesis=NemesisPlan("faults", lanes, swarm=False),
        testbed=TestbedPlan(nodes=5),
    )
    ended = execute(run, directory)
    assert ended.failure is None
    assert str(check(ended.history).to_json()["verdict"]) != "invalid"
    events = [json.loads(line) for line in ended.history.read_text().splitlines()]
    return [event for event in events if event["kind"] == "op"]


def test_a_client_that_coordinates_itself_names_no_node(tmp_path: Path) -> None:
    """history.md: `node` is the node first contacted, null if the client coordinated itself."""
    aware = history(tmp_path / "aware", {"client": "aware"})
    assert {event.get("node") for event in aware} == {None}
    served = history(tmp_path / "server", {"client_ids": True})
    assert {event["node"] for event in served if event["type"] == "invoke"} == {"n1", "n2", "n3", "n4", "n5"}


def test_how_often_a_write_was_sent_is_recorded(tmp_path: Path) -> None:
    """Only where it was more than once, and never of a read."""
    slow = LanePlan("pause", quiet_s=(0.1, 0.2), hold_s=(0.15, 0.25))
    events = history(tmp_path / "three", {"client_attempts": 3}, slow)
    repeated = [event for event in events if "attempts" in event]
    assert {event["f"] for event in repeated} <= {"put", "delete"}
    assert {event["attempts"] for event in repeated} <= {2, 3}
    assert {event["type"] for event in repeated} >= {"ok"}
    once = history(tmp_path / "one", {"client_ids": True}, slow)
    assert not [event for event in once if "attempts" in event]


@pytest.mark.parametrize("config", [{"client_ids": True}, {"client": "aware"}], ids=["server", "aware"])
def test_duplicated_requests_make_no_second_version(tmp_path: Path, config: dict[str, Any]) -> None:
    options = {"kinds": ["duplicate"], "clients": 1.0, "max_ratio": 0.9}
    twice = LanePlan("link", quiet_s=(0.0, 0.05), hold_s=(2.0, 3.0), options=options)
    history(tmp_path, config, twice)
    report = check(tmp_path / "history.jsonl").to_json()
    assert report["checks"]["duplicate-sibling"]["verdict"] == "valid"
    assert report["checks"]["false-sibling"]["verdict"] == "valid"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"client": "awre"}, "client: `awre` is none of server, aware"),
        ({"client_ids": 1}, "client_ids: expected bool"),
        ({"client_attempts": 0}, "client_attempts: expected 1 to 10, got 0"),
        ({"client_attempts": True}, "client_attempts: expected 1 to 10"),
    ],
)
def test_options_that_make_no_sense_are_refused(config: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Dynamo().promise(config)
