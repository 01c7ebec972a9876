"""How many client operations a second the whole simulated pipeline does on one core.

Whole means: workload, recorded sessions, network, node with read repair, hints and anti-entropy, disk, and
the history on disk. The limits are the least that we accept, and the 15,800 of a lean prototype without disk,
codec or background work.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness.campaign.soak import simulated_nemeses
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, WorkloadPlan
from harness.run.lifecycle import execute
from harness.testbeds.sim.kernel import Kernel
from tests.bench.figure import Figure, cpu_s

OPERATIONS = 20_000
PROTOTYPE = 15_800.0
REQUIRED = 5_000.0


def figures() -> Iterator[Figure]:
    """Kernel, pipeline in three modes, pipeline under every fault."""
    yield Figure("kernel: sleep and resume", 100_000 / cpu_s(_sleeps), "events/s")
    for mode in ("dotted", "paper-clock", "last-writer"):
        run = _run(mode, ())
        speed = OPERATIONS / cpu_s(lambda run=run: _execute(run))
        yield Figure(f"pipeline, {mode}, no faults", speed, "ops/s", PROTOTYPE, "lean prototype, no disk")
    speed = OPERATIONS / cpu_s(lambda: _execute(_run("dotted", simulated_nemeses())))
    yield Figure("pipeline, dotted, every fault", speed, "ops/s", REQUIRED, "the least that we accept")
    short = _run("dotted", simulated_nemeses(), operations=250, rate_per_s=25.0)
    seconds = cpu_s(lambda: [_execute(short) for _ in range(20)]) / 20
    yield Figure("one schedule of 250 operations, paced, every fault", seconds, "s")


def _run(
    mode: str, nemeses: list[str] | tuple[str, ...], operations: int = OPERATIONS, rate_per_s: float = 0.0
) -> Run:
    return Run(
        name="bench",
        seed=1,
        system=SystemPlan(mode, config={"mode": mode}),
        workload=WorkloadPlan("register", operations=operations, keys=50, clients=10, rate_per_s=rate_per_s),
        nemesis=NemesisPlan("bench", tuple(LanePlan(name) for name in nemeses), swarm=False),
    )


def _execute(run: Run) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ended = execute(run, Path(folder))
        assert ended.failure is None, ended.failure


def _sleeps() -> None:
    kernel = Kernel()

    async def sleeper() -> None:
        for _ in range(20_000):
            await kernel.sleep(0.001)

    async def main() -> None:
        for task in [kernel.spawn(sleeper()) for _ in range(5)]:
            await task

    kernel.run(main())
