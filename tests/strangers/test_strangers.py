"""Stores like those that others wrote, each with a habit that must not be judged wrongly, on `local`."""

import json
from pathlib import Path
from typing import Any

import pytest

from checkers import check
from harness.errors import UsageError
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.registry import find
from harness.run.lifecycle import Cast, Ended, conduct
from harness.testbeds.local.testbed import LocalTestbed
from tests.strangers.system import Stranger

NODES = ("n1", "n2", "n3")
pytestmark = pytest.mark.slow


def play(directory: Path, system: Any, *lanes: LanePlan, operations: int = 150) -> Ended:
    run = Run(
        name="stranger",
        seed=7,
        system=SystemPlan(system.name, system.name, {}),
        workload=WorkloadPlan("register", operations=operations, keys=4, clients=4, rate_per_s=25),
        nemesis=NemesisPlan("lanes", lanes, swarm=False),
        testbed=TestbedPlan("local", len(NODES)),
    )
    nemeses = [find("nemeses", lane.nemesis, "here") for lane in lanes]
    workload = find("workloads", "register", "here")
    return conduct(run, directory, Cast(LocalTestbed(run.seed, NODES), system, workload, nemeses))


def faults(ended: Ended, type: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in ended.history.read_text().splitlines()]
    return [event for event in events if event["kind"] == "fault" and event["type"] == type]


CUTS = LanePlan("partition", (0.5, 1.0), (1.0, 1.5), {"kinds": ["isolate-one"]})


def test_a_store_without_contexts_keeps_what_it_promises_and_would_break_what_it_does_not(tmp_path: Path):
    ended = play(tmp_path, Stranger("blind"), CUTS)
    assert ended.failure is None
    assert [healed["probe"] for healed in faults(ended, "healed") if "probe" in healed] == []
    assert len(faults(ended, "verified")) == len(faults(ended, "requested")) > 0
    results = check(ended.history)
    assert results.verdict == "valid", results.to_json()
    assert check(ended.history, promise="mvr-strict").verdict == "invalid"


def test_a_store_that_dials_directly_was_not_partitioned(tmp_path: Path):
    """Every probe's packet stays away, no byte of the store's own is cut: green would be a lie."""
    ended = play(tmp_path, Stranger("direct"), CUTS)
    assert ended.failure is None
    assert faults(ended, "requested")
    assert not faults(ended, "verified")
    for healed in faults(ended, "healed"):
        assert "direct" in healed["probe"]["unverified"]
    results = check(ended.history)
    assert results.verdict == "unknown"


def test_a_store_that_says_nothing_of_its_clock_is_not_skewed(tmp_path: Path):
    with pytest.raises(UsageError, match=r"needs skew.*says nothing of its clock"):
        play(tmp_path, Stranger("stamping", "lww"), LanePlan("clock", (0.2, 0.4), (0.5, 0.8)))


def test_a_store_that_ends_by_itself_is_found_out_and_started_again(tmp_path: Path):
    """Its failure is no failure of ours: the run goes on, and `crash` says whose it was."""
    ended = play(tmp_path, Stranger("crashing"), operations=100)
    assert ended.failure is None
    events = [json.loads(line) for line in ended.history.read_text().splitlines()]
    exits = [event for event in events if event["kind"] == "exit"]
    assert {event["node"] for event in exits} == {"n2"}
    results = check(ended.history)
    assert results.verdict == "invalid"
    assert results.to_json()["checks"]["crash"]["verdict"] == "invalid"
