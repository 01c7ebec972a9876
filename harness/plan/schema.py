"""A plan: what a campaign does. A run: one cell of it with one seed, which can be replayed alone.

Both are plain values. `load.py` reads a plan from YAML, `cells.py` makes the runs, and the run's own
`plan.yaml` is a `Run`, whole.
"""

from __future__ import annotations

from typing import Any

import msgspec


class TestbedPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where: the testbed's name, how many nodes, and options of its own (latencies in ms ...)."""

    name: str = "sim"
    nodes: int = 5
    options: dict[str, Any] = {}


class SystemPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is tested: a system's name, this setting's label, its configuration, an own promise."""

    label: str
    system: str = "dynamo"
    config: dict[str, Any] = {}
    promise: str | None = None


class WorkloadPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What clients do. `rate_per_s` paces all clients together (open loop); 0: as fast as answers come."""

    workload: str
    label: str | None = None
    operations: int = 250
    keys: int = 10
    clients: int = 5
    rate_per_s: float = 25.0
    timeout_s: float = 1.0
    options: dict[str, Any] = {}


class LanePlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One lane of faults, one after the other: a nemesis, quiet times and durations drawn from ranges (s)."""

    nemesis: str
    quiet_s: tuple[float, float] = (0.3, 2.0)
    hold_s: tuple[float, float] = (0.5, 3.0)
    options: dict[str, Any] = {}


class NemesisPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A labelled set of lanes that run at once. `swarm`: a seed may switch whole lanes and families off."""

    label: str
    lanes: tuple[LanePlan, ...] = ()
    swarm: bool = True


class Targets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Availability targets; without one, that part is only measured."""

    put_success_min: float | None = None
    max_gap_s: float | None = None
    latency_p999_ms: float | None = None


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run, whole: this value and nothing else decides every byte of its history in simulation."""

    name: str
    seed: int
    system: SystemPlan
    workload: WorkloadPlan
    nemesis: NemesisPlan
    testbed: TestbedPlan = TestbedPlan()
    targets: Targets = Targets()
    settle_s: float | None = None
    """How long to settle; None: the system's own bound and a little more."""
    allow_exits: bool = False
    """Whether nodes may end by themselves: then the check `crash` is measured only."""


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a plan is different on one testbed; a field that is None is as in the plan."""

    systems: tuple[SystemPlan, ...] | None = None
    workloads: tuple[WorkloadPlan, ...] | None = None
    nemeses: tuple[NemesisPlan, ...] | None = None
    seeds_per_cell: int | None = None
    settle_s: float | None = None
    options: dict[str, Any] | None = None
    """The testbed's options: those of another testbed mean nothing here."""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A campaign: every system x workload x nemesis, `seeds_per_cell` runs each."""

    name: str
    systems: tuple[SystemPlan, ...]
    workloads: tuple[WorkloadPlan, ...]
    nemeses: tuple[NemesisPlan, ...]
    seed: int = 1
    seeds_per_cell: int = 8
    testbed: TestbedPlan = TestbedPlan()
    targets: Targets = Targets()
    settle_s: float | None = None
    allow_exits: bool = False
    keep: str = "auto"
    """Which run folders stay: `all`, `findings`, or `auto` (all up to 200 runs)."""
    variants: dict[str, Variant] = {}
    """By the testbed's name: real time is too dear for what takes seconds in the simulation."""
