"""A perfect store on the real simulated testbed: one copy of the truth, so that any fault found is ours.

Every node answers from the same memory, one virtual millisecond each way, unless its process is down. What
a test wants to go wrong it plants: `answers` maps the n-th call (from 0) to the exception that it raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import Refused
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, WorkloadPlan
from harness.run.lifecycle import Cast, Ended, conduct
from harness.run.recorder import Recorder
from harness.run.state import RunState
from harness.systems.system import Reply
from harness.testbeds.sim.testbed import SimTestbed

ONE_WAY_S = 0.001
NODES = ("n1", "n2", "n3", "n4", "n5")


class Idle:
    """A node's program that only marks its disk."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime

    async def start(self) -> None:
        self._runtime.disk.append("started")
        await self._runtime.disk.sync()

    def receive(self, sender: str, message: Any) -> None: ...


class PerfectStore:
    """System, deployment and client in one."""

    name = "perfect"
    summary = "one copy of the truth"
    testbeds = ("sim",)

    def __init__(
        self, config: dict[str, Any] | None = None, answers: dict[int, Exception] | None = None
    ) -> None:
        self.nodes = NODES
        self.config = {
            "n": 3,
            "r": 2,
            "w": 2,
            "engine": "log",
            "durability": "fsync",
            "background_period_s": 0.5,
            "settle_bound_s": 1.0,
            **(config or {}),
        }
        self.answers = answers or {}
        self.calls: list[tuple[str, ...]] = []
        self.held: dict[str, dict[int, str]] = {}
        self._dot = 0

    def promise(self, config: dict[str, Any]) -> str:
        return "mvr-strict"

    def deploy(self, testbed: SimTestbed, config: dict[str, Any]) -> PerfectStore:
        self.testbed = testbed
        testbed.install(Idle)
        return self

    def client(self, process: int, timeout_s: float) -> PerfectStore:
        return self

    def preference_list(self, key: str) -> tuple[str, ...]:
        start = int(key[1:]) % len(NODES)
        return NODES[start:] + NODES[:start]

    async def get(self, key: str, node: str) -> Reply:
        await self._arrive("get", key, node)
        held = dict(self.held.get(key, {}))
        await self.testbed.sleep(ONE_WAY_S)
        return Reply(list(held.values()), tuple(held))

    async def put(self, key: str, value: str, context: Any, node: str) -> None:
        await self._arrive("put", key, node)
        self._dot += 1
        kept = {dot: old for dot, old in self.held.get(key, {}).items() if dot not in (context or ())}
        self.held[key] = {**kept, self._dot: value}
        await self.testbed.sleep(ONE_WAY_S)

    async def delete(self, key: str, context: Any, node: str) -> None:
        await self._arrive("delete", key, node)
        self.held[key] = {dot: old for dot, old in self.held.get(key, {}).items() if dot not in context}
        await self.testbed.sleep(ONE_WAY_S)

    async def final(self, node: str, key: str) -> list[str] | None:
        return list(self.held.get(key, {}).values())

    async def state(self, node: str) -> dict[str, Any] | None:
        return {"hints": 0}

    async def _arrive(self, *call: str) -> None:
        self.calls.append(call)
        answer = self.answers.get(len(self.calls) - 1)
        await self.testbed.sleep(ONE_WAY_S)
        if answer is not None:
            raise answer
        if self.testbed.program(call[-1]) is None:
            raise Refused("connection refused")


def run_of(
    *lanes: LanePlan, seed: int = 1, operations: int = 60, swarm: bool = False, workload: str = "register"
) -> Run:
    """A run of the perfect store."""
    return Run(
        name="test",
        seed=seed,
        system=SystemPlan(label="perfect", system="perfect"),
        workload=WorkloadPlan(workload=workload, operations=operations, keys=4, clients=3),
        nemesis=NemesisPlan(label="test", lanes=lanes, swarm=swarm),
    )


def perform(
    run: Run, directory: Path, workload: Any, *nemeses: Any, store: PerfectStore | None = None
) -> tuple[Ended, list[dict[str, Any]]]:
    """Conduct it; how it ended, and its history's events."""
    ended = conduct(
        run, directory, Cast(SimTestbed(run.seed, NODES), store or PerfectStore(), workload, nemeses)
    )
    return ended, events_of(ended.history)


def state_on(
    testbed: SimTestbed, directory: Path, store: PerfectStore, keys: Sequence[str] = ("k0", "k1")
) -> RunState:
    """A run under way, without lifecycle: for tests of one part."""
    recorder = Recorder(directory / "history.jsonl", testbed.now)
    return RunState(testbed, store.deploy(testbed, {}), recorder, keys, clients=2, timeout_s=1.0)


def events_of(path: Path) -> list[dict[str, Any]]:
    """All events of a history file."""
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
