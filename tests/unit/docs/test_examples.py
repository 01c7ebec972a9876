"""The worked examples of CONTRIBUTING.md and the tutorial do what the pages say."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from checkers import check
from checkers.registry import checks
from checkers.verdict import Verdict
from harness.campaign.one import judge
from harness.cli.app import execute
from harness.nemeses.nemesis import Scene
from harness.plan.cells import runs_of
from harness.plan.load import load
from harness.plan.schema import LanePlan, NemesisPlan, Plan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.registry import extensions
from harness.run.lifecycle import Cast, conduct
from harness.run.lifecycle import execute as execute_run
from harness.systems.dynamo import DynamoDeployment
from harness.testbeds.sim.testbed import SimTestbed
from reference.config import NodeConfig
from reference.coordinator import Coordinator
from reference.node import Node

ROOT = Path(__file__).resolve().parents[3]
NODES = ("n1", "n2", "n3")


def example(name: str) -> ModuleType:
    """The Python block of CONTRIBUTING.md that begins with this file's name."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    match = re.search(rf"^```python\n(# \S*{name}\n.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert match is not None, f"no example {name}"
    module = ModuleType(name.removesuffix(".py"))
    sys.modules[module.__name__] = module  # dataclasses and annotations look there
    exec(compile(match[1], name, "exec"), module.__dict__)
    return module


def run_of(system: str = "dynamo", workload: str = "register", lanes: tuple[LanePlan, ...] = ()) -> Run:
    return Run(
        name="example",
        seed=1,
        system=SystemPlan(label="example", system=system),
        workload=WorkloadPlan(workload=workload, operations=60, keys=3, clients=3),
        nemesis=NemesisPlan(label="example", lanes=lanes, swarm=False),
        testbed=TestbedPlan(nodes=3),
    )


def perform(run: Run, directory: Path, **others: Any) -> dict[str, Any]:
    """Conduct and judge a run with these extensions in place of those that the registry would find."""
    cast = {
        "testbed": SimTestbed(run.seed, NODES),
        "system": extensions("systems").get(run.system.system),
        "workload": extensions("workloads").get(run.workload.workload),
        "nemeses": (),
    } | others
    ended = conduct(run, directory, Cast(**cast))
    assert ended.failure is None
    return judge(directory, run)


def test_the_check_finds_what_it_looks_for(tmp_path: Path) -> None:
    slow_read = example("slow_read.py").slow_read
    history = """\
{"kind":"meta","version":1}
{"kind":"op","type":"invoke","op":0,"time":0,"process":0,"f":"get","key":"x"}
{"kind":"op","type":"ok","op":0,"time":%d,"process":0,"f":"get","key":"x","value":[]}
"""
    found = {}
    for name, took_ns in (("slow", 1_500_000_000), ("quick", 1_000_000)):
        path = tmp_path / f"{name}.jsonl"
        path.write_text(history % took_ns, encoding="utf-8")
        found[name] = check(path, only={"slow-read": slow_read}).checks["slow-read"].finding
    assert found["slow"].verdict is Verdict.INVALID
    assert found["slow"].violations[0].ops == (0,)
    assert found["quick"].verdict is Verdict.VALID


def test_the_docs_are_made_with_a_check_that_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CONTRIBUTING.md promises: one new file, then `python docs/generate.py`."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs"), *sys.path])
    import generate
    import guarantee_page

    module = example("slow_read.py")
    new = next(value for value in vars(module).values() if getattr(value, "name", "") == "slow-read")
    for page in (generate, guarantee_page):
        monkeypatch.setattr(page, "checks", lambda: {**checks(), "slow-read": new})
    made = {name: generate.BLOCKS[name]() for name in ("checks", "guarantees", "bugs-by-check")}
    assert all("`slow-read`" in text for text in made.values())
    assert "**Whoever gets an answer gets it within a second.**" in made["guarantees"]
    assert "no history is drawn" in made["guarantees"].partition("### `slow-read`")[2]


def test_the_nemesis_bites_and_heals(tmp_path: Path) -> None:
    (nemesis,) = example("slow_node.py").NEMESES
    lanes = (LanePlan("slow-node", quiet_s=(0.1, 0.2), hold_s=(0.3, 0.5), options={"delay_ms": 40}),)
    nemesis.check(lanes[0].options)
    results = perform(run_of(lanes=lanes), tmp_path, nemeses=(nemesis,))
    assert results["chances"]["faults"] >= 1
    assert results["chances"]["verified"] == results["chances"]["faults"]


def test_the_nemesis_cannot_slow_a_node_that_is_alone() -> None:
    (nemesis,) = example("slow_node.py").NEMESES
    alone = Scene(("n1",), (("n1",),), 1, (), {}, frozenset(), 1.0, 1.0)
    assert nemesis.plan(alone, {}, Random(1)) is None


def test_the_workload_writes_upon_what_it_read(tmp_path: Path) -> None:
    (workload,) = example("hot_key.py").WORKLOADS
    results = perform(run_of(), tmp_path, workload=workload)
    assert results["verdict"] != "invalid"
    assert results["chances"]["by_f"]["put"] > 0
    assert results["chances"]["keys"] == 1


def test_the_system_is_a_store(tmp_path: Path) -> None:
    (system,) = example("solo.py").SYSTEMS
    results = perform(run_of(system="solo"), tmp_path, system=system)
    assert results["promise"] == "lww"
    assert results["before_minima"] == "valid"
    assert results["ops"]["ok"] == 60


def test_the_testbed_is_slow(tmp_path: Path) -> None:
    (kind,) = example("wan.py").TESTBEDS
    testbed = kind.create(1, TestbedPlan(nodes=3))
    (system,) = example("solo.py").SYSTEMS
    perform(run_of(system="solo"), tmp_path, testbed=testbed, system=system)
    assert testbed.nodes == NODES
    assert testbed.now() > 60 * 80_000_000 / 3  # a step is a round trip, three clients at once


def tutorial() -> Plan:
    plan = load(ROOT / "docs" / "tutorial" / "skew.yaml").value
    assert isinstance(plan, Plan)
    return plan


def test_the_tutorials_campaign_fails_as_it_says(tmp_path: Path) -> None:
    broken: dict[str, int] = {}
    for run in runs_of(tutorial()):
        directory = tmp_path / run.name
        execute_run(run, directory)
        results = judge(directory, run)
        assert results["verdict"] in ("invalid", "unknown")
        assert results["checks"]["convergence"]["verdict"] == "valid"
        for name, found in results["checks"].items():
            broken[name] = broken.get(name, 0) + (found["asserted"] and found["verdict"] == "invalid")
    assert broken["lost-write"] >= 1
    assert broken["set"] == broken["lost-write"]


def test_the_history_beside_the_tutorial_loses_one_item(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(ROOT / "docs" / "tutorial" / "lost-item.jsonl")
    lost = report.checks["set"].finding.violations
    assert [violation.data["tag"] for violation in lost] == ["0:2"]
    assert execute(["check", str(ROOT / "docs" / "tutorial" / "lost-item.jsonl")]) == 1
    assert "0:2" in capsys.readouterr().out


def test_the_line_of_the_planted_bug_is_there() -> None:
    page = (ROOT / "docs" / "tutorial" / "02-plant-a-bug.md").read_text(encoding="utf-8")
    clean, _planted = re.findall(r"^```python\n(.*?)\n```", page, re.MULTILINE)
    constructor = inspect.getsource(Coordinator.__init__)
    assert f"{clean}\n" in constructor


def test_the_planted_node_keeps_its_name_and_the_clean_one_does_not() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    match = re.search(r"^```python\n(# tests/planted.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert match is not None
    names: dict[str, Any] = {"Node": Node}
    exec(match[1], names)
    for node, actors in ((names["Amnesiac"], 1), (Node, 2)):
        testbed = SimTestbed(1, NODES)
        DynamoDeployment(testbed, NodeConfig(), node)
        seen = []
        for _ in range(2):
            testbed.run(testbed.start("n1"))
            seen.append(testbed.program("n1").coordinator._actor)
            testbed.run(testbed.kill("n1"))
        assert len(set(seen)) == actors
