"""Five real nodes under load, any two of them killed in turn, one wiped: no acknowledged write is lost."""

import json
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from checkers import check
from harness.nemeses.nemesis import Injection, Scene
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.registry import find
from harness.run.lifecycle import Cast, conduct
from harness.testbeds.local.testbed import LocalTestbed

NODES = ("n1", "n2", "n3", "n4", "n5")


class InTurn:
    """Kills two nodes after two others, with a wipe of one between, by the nemeses that plans use."""

    name, summary, kinds, owns, options = "in-turn", "kill any two in turn", (), "process", {}
    needs = frozenset({"kill", "wipe"})

    def __init__(self) -> None:
        pairs = list(combinations(NODES, 2))
        kills = [Injection("kill", pair) for pair in [*pairs[::2], *pairs[1::2]]]
        wipe = Injection("wipe", ("n3",), {"lost": "all"})
        self._left: Iterator[Injection] = chain(kills[:4], [wipe], kills[4:])

    def check(self, options: dict[str, Any]) -> None: ...

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        return next(self._left, None)

    async def inject(self, testbed: Any, injection: Injection) -> None:
        await find("nemeses", injection.fault, "here").inject(testbed, injection)

    async def verify(self, testbed: Any, injection: Injection) -> dict[str, Any] | None:
        return await find("nemeses", injection.fault, "here").verify(testbed, injection)

    async def heal(self, testbed: Any, injection: Injection) -> None:
        await find("nemeses", injection.fault, "here").heal(testbed, injection)


def run_of(operations: int) -> Run:
    return Run(
        name="five",
        seed=5,
        system=SystemPlan("dotted", "dynamo", {"n": 3, "r": 2, "w": 2}),
        workload=WorkloadPlan("register", operations=operations, keys=12, clients=5, rate_per_s=30),
        nemesis=NemesisPlan("in-turn", (LanePlan("in-turn", (0.2, 0.4), (0.5, 0.8)),), swarm=False),
        testbed=TestbedPlan("local", 5),
    )


@pytest.mark.slow
def test_kills_of_any_two_and_a_wipe_cost_nothing_acknowledged(tmp_path: Path) -> None:
    run = run_of(operations=750)
    system, workload = find("systems", "dynamo", "here"), find("workloads", "register", "here")
    ended = conduct(run, tmp_path, Cast(LocalTestbed(run.seed, NODES), system, workload, [InTurn()]))
    assert ended.failure is None

    events = [json.loads(line) for line in ended.history.read_text().splitlines()]
    faults = [event for event in events if event["kind"] == "fault"]
    by_type = {type: [e["id"] for e in faults if e["type"] == type] for type in ("requested", "verified")}
    assert by_type["verified"] == by_type["requested"]
    hit = [tuple(event["nodes"]) for event in faults if event["type"] == "requested"]
    assert len(dict.fromkeys(pair for pair in hit if len(pair) == 2)) >= 6
    assert ("n3",) in hit

    results = check(ended.history)
    assert results.verdict == "valid", results.to_json()
    outcomes = results.to_json()
    assert outcomes["ops"]["ok"] > 500
    for name in ("lost-write", "convergence", "quiescence", "zombie", "resurrection", "false-sibling"):
        found = outcomes["checks"][name]
        assert (found["verdict"], found["asserted"]) == ("valid", True), name
    last = {event["node"]: event for event in events if event["kind"] == "state"}
    assert {node: state["hints"] for node, state in last.items()} == dict.fromkeys(NODES, 0)


@pytest.mark.slow
def test_a_write_lost_on_real_nodes_would_be_found(tmp_path: Path) -> None:
    """The same, but all nodes are wiped at the end: the judge must not call that valid."""
    run = run_of(operations=120)
    system, workload = find("systems", "dynamo", "here"), find("workloads", "register", "here")

    class Everything(InTurn):
        def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
            # Said to have cost nothing: only the reads can tell otherwise.
            return Injection("wipe", NODES, {"lost": "none"})

    ended = conduct(run, tmp_path, Cast(LocalTestbed(run.seed, NODES), system, workload, [Everything()]))
    assert ended.failure is None
    results = check(ended.history)
    assert results.verdict == "invalid"
    assert results.to_json()["checks"]["lost-write"]["verdict"] == "invalid"
