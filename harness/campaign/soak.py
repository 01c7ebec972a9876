"""A soak: any number of schedules of one mode of versions under every fault, each from its own seed.

What a correct node must survive: families of faults and their pace, sizes, N, R and W, sloppy and strict
quorums, disks and memory, anti-entropy off in part (hints alone must then do). None may be invalid,
each judged by what its mode promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, TestbedPlan, WorkloadPlan
from harness.plan.seeds import derive, stream
from harness.registry import extensions
from harness.run.loss import lossy_faults

QUORUMS = ((3, 2, 2),) * 3 + ((3, 1, 3), (3, 3, 2), (3, 1, 2), (3, 2, 1), (5, 3, 3), (2, 1, 2), (4, 2, 3))
"""(N, R, W), the paper's own three times as often."""
NO_ANTI_ENTROPY = 0.3
MEMORY = 0.2
SQLITE = 0.15
STRICT = 0.3
BUFFERED = 0.15
SLOWED_DOWN = 0.3
RING_CHANGES = 0.4
REAPED = 0.15
UNNUMBERED = 0.5
UNLIMITED = 0.5
AWARE = 0.5
"""How often a schedule has each."""
RING_CHANGES_ALONE = 0.98
BUFFERED_ALONE = 0.98
"""How often ring changes, or a buffer, meet no loss of data: with both, lost writes cannot be judged."""


MODES = ("dotted", "paper-clock", "last-writer")


def schedules(seed: int, count: int, mode: str = "dotted") -> Iterator[Run]:
    """`count` runs below the root `seed`; run i is the same whatever the count."""
    return (schedule(seed, number, mode) for number in range(1, count + 1))


def schedule(seed: int, number: int, mode: str = "dotted") -> Run:
    """One schedule, all of it drawn from the seed of its own."""
    own = derive(seed, "soak", number)
    rng = stream(own, "schedule")
    system, nodes = _system(rng, mode)
    system.config.update(_clients(stream(own, "clients")))
    system.config.update(_reaping(stream(own, "reaping"), system.config))
    system.config.update(_versions(stream(own, "versions"), system.config))
    workload = _workload(rng)
    nemesis = _nemesis(rng, system.config)
    return Run(
        name=f"{number:06d}-{system.label}-{workload.workload}",
        seed=own,
        system=system,
        workload=workload,
        nemesis=nemesis,
        testbed=_testbed(rng, nodes),
    )


def simulated_nemeses() -> list[str]:
    """Every kind of fault that the simulation can do, by name."""
    can = extensions("testbeds")["sim"].capabilities
    return sorted(name for name, nemesis in extensions("nemeses").items() if nemesis.needs <= can)


def _system(rng: Random, mode: str) -> tuple[SystemPlan, int]:
    n, r, w = rng.choice(QUORUMS)
    config: dict[str, Any] = {"n": n, "r": r, "w": w, "mode": mode, "sloppy": rng.random() >= STRICT}
    config["engine"] = "memory" if rng.random() < MEMORY else "log"
    if config["engine"] == "log" and rng.random() < SQLITE:
        config["engine"] = "sqlite"
    if config["engine"] != "memory" and rng.random() < BUFFERED:
        config |= {"durability": "buffer", "buffer_objects": rng.choice((2, 20, 1000))}
        config["buffer_flush_s"] = rng.choice((0.005, 0.1, 2.0))
    if rng.random() < SLOWED_DOWN:
        config |= {
            "background_per_s": float(rng.choice((100, 300))),
            "latency_limit_s": rng.choice((0.005, 0.03)),
        }
    config["anti_entropy_s"] = 0.0 if rng.random() < NO_ANTI_ENTROPY else round(rng.uniform(0.3, 5.0), 1)
    label = "sloppy" if config["sloppy"] else "strict"
    return SystemPlan(label if mode == "dotted" else mode, config=config), rng.randint(n, n + 3)


def _reaping(rng: Random, config: dict[str, Any]) -> dict[str, Any]:
    """Some forget what was deleted, where that can be durable. The default floor outlives every schedule."""
    durable = config["engine"] != "memory" and config.get("durability", "fsync") == "fsync"
    reaps = durable and config["mode"] == "dotted" and config["anti_entropy_s"] > 0
    if rng.random() >= REAPED or not reaps:
        return {}
    return {"reap_tombstones_s": rng.choice((0.6, 1.5, 4.0))}


def _versions(rng: Random, config: dict[str, Any]) -> dict[str, Any]:
    """What only one mode has: the paper's clocks are cut in part."""
    if config["mode"] == "paper-clock" and rng.random() >= UNLIMITED:
        return {"clock_limit": rng.choice((1, 2, 3, 10))}
    return {}


def _clients(rng: Random) -> dict[str, Any]:
    """Half of the schedules have clients that number their writes: those may be duplicated and repeated."""
    if rng.random() < UNNUMBERED:
        return {}
    kind = {"client": "aware"} if rng.random() < AWARE else {"client_ids": True}
    attempts = rng.choice((1, 1, 2, 3))
    return {**kind, **({"client_attempts": attempts} if attempts > 1 else {})}


def _testbed(rng: Random, nodes: int) -> TestbedPlan:
    """Networks and disks from quick to slow; slow is still far below the node's timeouts."""
    latency_ms, sync_ms = rng.choice((0.6, 1.5, 4.0, 8.0)), rng.choice((0.4, 1.0, 4.0))
    options = {"latency_ms": [latency_ms / 5, latency_ms], "sync_ms": [sync_ms / 5, sync_ms]}
    return TestbedPlan(nodes=nodes, options=options)


def _workload(rng: Random) -> WorkloadPlan:
    return WorkloadPlan(
        workload=rng.choice(sorted(extensions("workloads"))),
        operations=rng.randint(80, 300),
        keys=rng.choice((1, 2, 3, 5, 10, 20)),
        clients=rng.randint(2, 8),
        rate_per_s=float(rng.choice((5, 10, 25, 25, 50, 100))),
        timeout_s=rng.choice((0.3, 1.0, 1.0, 3.0)),
    )


def _nemesis(rng: Random, config: dict[str, Any]) -> NemesisPlan:
    """Every fault that this quorum tolerates, each lane with a pace of its own; swarm switches some off."""
    names = simulated_nemeses()
    if rng.random() >= RING_CHANGES:
        names.remove("membership")
    elif rng.random() < RING_CHANGES_ALONE:
        names = [name for name in names if name not in lossy_faults(config)]
    if config.get("durability") == "buffer" and rng.random() < BUFFERED_ALONE:
        names = [name for name in names if name not in lossy_faults(config)]
    if config["w"] == 1:
        names = [name for name in names if name not in lossy_faults(config)]
    options = {"partition": {"clients": round(rng.choice((0.0, rng.random())), 2)}}
    if config.get("client") or config.get("client_ids"):
        options["link"] = {"clients": 0.7}
    return NemesisPlan("every-fault", tuple(_lane(rng, name, options.get(name, {})) for name in names))


def _lane(rng: Random, nemesis: str, options: dict[str, Any]) -> LanePlan:
    quiet, hold = rng.uniform(0.05, 3.0), rng.uniform(0.1, 4.0)
    spread = rng.uniform(1.0, 3.0)
    return LanePlan(
        nemesis,
        quiet_s=(round(quiet, 2), round(quiet * spread, 2)),
        hold_s=(round(hold, 2), round(hold * spread, 2)),
        options=options,
    )
