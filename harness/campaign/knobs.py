"""A plan's settings in words, a line each: what the banner shows before anything runs."""

from __future__ import annotations

from typing import Any

from harness import registry
from harness.plan.rules import workload_label
from harness.plan.schema import NemesisPlan, Plan, Run, SystemPlan, TestbedPlan, WorkloadPlan


def knobs(value: Plan | Run) -> tuple[str, ...]:
    """One line for the testbed and for each system, workload and nemesis entry."""
    if isinstance(value, Plan):
        systems, workloads, nemeses = value.systems, value.workloads, value.nemeses
    else:
        systems, workloads, nemeses = (value.system,), (value.workload,), (value.nemesis,)
    return (
        _testbed(value.testbed),
        *(_system(system) for system in systems),
        *(_workload(workload) for workload in workloads),
        *(_nemesis(nemesis) for nemesis in nemeses),
    )


def promise_of(system: SystemPlan) -> str:
    """What a setting promises: the plan's word, else the system's own."""
    return system.promise or str(registry.find("systems", system.system, system.label).promise(system.config))


def _testbed(testbed: TestbedPlan) -> str:
    return " · ".join(["testbed", testbed.name, _plural(testbed.nodes, "node"), *_settings(testbed.options)])


def _system(system: SystemPlan) -> str:
    return " · ".join(
        [f"system {system.label}", system.system, *_settings(system.config), f"promises {promise_of(system)}"]
    )


def _workload(workload: WorkloadPlan) -> str:
    pace = f"{workload.rate_per_s:g} a second" if workload.rate_per_s else "as fast as answers come"
    sizes = ((workload.operations, "operation"), (workload.keys, "key"), (workload.clients, "client"))
    counts = ", ".join([*(_plural(count, name) for count, name in sizes), pace])
    parts = [counts, f"timeout {workload.timeout_s:g} s", *_settings(workload.options)]
    return " · ".join([f"workload {workload_label(workload)}", *parts])


def _nemesis(nemesis: NemesisPlan) -> str:
    lanes = ", ".join(lane.nemesis for lane in nemesis.lanes) or "no faults"
    return " · ".join(
        [f"nemesis {nemesis.label}", lanes, *(["swarm"] if nemesis.swarm and nemesis.lanes else [])]
    )


def _plural(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _settings(options: dict[str, Any]) -> list[str]:
    return [" ".join(f"{name}={value}" for name, value in options.items())] if options else []
