"""Vectors in the history: off by default, without a trace; on, those of dotted versions tell the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checkers import check
from checkers.verdict import Finding, Verdict
from harness.errors import UsageError
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.registry import extensions
from harness.run.lifecycle import execute


def history(directory: Path, seed: int, lanes: tuple[str, ...] = (), **config: Any) -> Path:
    run = Run(
        name="audited",
        seed=seed,
        system=SystemPlan(label="dynamo", config=config),
        workload=WorkloadPlan(workload="register", operations=200, keys=4, clients=5, rate_per_s=25.0),
        nemesis=NemesisPlan(label="some", lanes=tuple(map(LanePlan, lanes)), swarm=False),
        testbed=TestbedPlan(nodes=5),
    )
    directory.mkdir()
    assert execute(run, directory).failure is None
    return directory / "history.jsonl"


def audit(path: Path) -> Finding:
    return check(path).checks["clock-audit"].finding


def test_off_it_leaves_no_trace_and_on_it_adds_only_clocks(tmp_path: Path) -> None:
    plain = history(tmp_path / "plain", 1)
    assert b'"clock":{' not in plain.read_bytes()
    assert audit(plain).verdict is Verdict.NOT_APPLICABLE
    recorded = history(tmp_path / "recorded", 1, record_clocks=True)
    assert b'"clock":{"vector":{' in recorded.read_bytes()
    assert check(plain).ops == check(recorded).ops


@pytest.mark.parametrize("seed", range(3))
def test_dotted_versions_tell_the_truth_under_faults(tmp_path: Path, seed: int) -> None:
    found = audit(history(tmp_path / "run", seed, ("partition", "power-cut", "wipe"), record_clocks=True))
    assert found.verdict is Verdict.VALID
    assert found.judged > 20


def test_clocks_without_dots_lose_writes_and_the_audit_says_so(tmp_path: Path) -> None:
    found = [
        audit(history(tmp_path / str(seed), seed, mode="paper-clock", record_clocks=True))
        for seed in range(4)
    ]
    unsound = [one for finding in found for one in finding.violations if one.data["pattern"] == "unsound"]
    assert unsound
    assert all("which nothing superseded" in one.message for one in unsound)


def test_it_is_true_or_false() -> None:
    with pytest.raises(UsageError, match="record_clocks: expected bool"):
        extensions("systems")["dynamo"].promise({"record_clocks": "yes"})
