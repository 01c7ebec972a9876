"""What the schema's types cannot say of a plan: ranges, labels, and quorums that make sense.

Each rule raises UsageError through the document, which names file, line and field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.plan import ranges
from harness.plan.document import Document
from harness.plan.schema import (
    NemesisPlan,
    Plan,
    Run,
    SystemPlan,
    Targets,
    TestbedPlan,
    WorkloadPlan,
)
from harness.plan.suggest import did_you_mean

KEEP = ("auto", "all", "findings")
MAX_RUNS = 1_000_000
MAX_SEED = 2**64 - 1
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,39}")
_RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,199}")


def check_plan(plan: Plan, document: Document) -> None:
    """All rules of a campaign's plan."""
    _label(document, "$.name", plan.name)
    check_seed(document, plan.seed)
    for name in ("systems", "workloads", "nemeses"):
        if not getattr(plan, name):
            document.fail(f"$.{name}", "is empty: give at least one entry")
    _rest(document, plan.testbed, plan.targets, plan.settle_s)
    for index, system in enumerate(plan.systems):
        _system(document, f"$.systems[{index}]", system, plan.testbed.nodes)
    for index, workload in enumerate(plan.workloads):
        _workload(document, f"$.workloads[{index}]", workload)
    for index, nemesis in enumerate(plan.nemeses):
        _nemesis(document, f"$.nemeses[{index}]", nemesis, plan.workloads)
    _distinct(document, "systems", [entry.label for entry in plan.systems])
    _distinct(document, "workloads", [workload_label(entry) for entry in plan.workloads])
    _distinct(document, "nemeses", [entry.label for entry in plan.nemeses])
    if plan.seeds_per_cell < 1:
        document.fail("$.seeds_per_cell", f"must be at least 1, is {plan.seeds_per_cell}")
    runs = len(plan.systems) * len(plan.workloads) * len(plan.nemeses) * plan.seeds_per_cell
    if runs > MAX_RUNS:
        document.fail("$.seeds_per_cell", f"makes {runs} runs: at most {MAX_RUNS}")
    if plan.keep not in KEEP:
        document.fail("$.keep", f"unknown rule `{plan.keep}`{did_you_mean(plan.keep, KEEP)}")


def check_run(run: Run, document: Document) -> None:
    """All rules of a single run."""
    if not _RUN_NAME.fullmatch(run.name):
        document.fail("$.name", "may hold letters, digits and - _ . + only")
    check_seed(document, run.seed)
    _rest(document, run.testbed, run.targets, run.settle_s)
    _system(document, "$.system", run.system, run.testbed.nodes)
    _workload(document, "$.workload", run.workload)
    _nemesis(document, "$.nemesis", run.nemesis, [run.workload])


def check_seed(document: Document, seed: int) -> None:
    """A seed is a whole number of at most 64 bits."""
    if not 0 <= seed <= MAX_SEED:
        document.fail("$.seed", f"must be a whole number from 0 to {MAX_SEED}")


def workload_label(workload: WorkloadPlan) -> str:
    """The label of a workload entry: its own, else the workload's name."""
    return workload.workload if workload.label is None else workload.label


def _system(document: Document, at: str, system: SystemPlan, nodes: int) -> None:
    _label(document, f"{at}.label", system.label)
    quorum = {}
    for name in ("n", "r", "w"):
        if (value := system.config.get(name)) is not None:
            if type(value) is not int or value < 1:
                document.fail(f"{at}.config.{name}", "must be a whole number of at least 1")
            quorum[name] = value
    n = quorum.get("n", nodes)
    if n > nodes:
        document.fail(f"{at}.config.n", f"N = {n} replicas need {n} nodes: the testbed has {nodes}")
    for name in ("r", "w"):
        if quorum.get(name, 1) > n:
            fix = f"lower it to at most {n}"
            document.fail(
                f"{at}.config.{name}", f"{name.upper()} = {quorum[name]} is more than N = {n}: {fix}"
            )


def _workload(document: Document, at: str, workload: WorkloadPlan) -> None:
    _label(document, f"{at}.label", workload_label(workload))
    ranges.workload(document, at, workload)


def _nemesis(document: Document, at: str, nemesis: NemesisPlan, workloads: Sequence[WorkloadPlan]) -> None:
    _label(document, f"{at}.label", nemesis.label)
    for index, lane in enumerate(nemesis.lanes):
        ranges.lane(document, f"{at}.lanes[{index}]", lane, workloads)


def _rest(document: Document, testbed: TestbedPlan, targets: Targets, settle_s: float | None) -> None:
    ranges.require(document, "$.testbed.nodes", testbed.nodes, ranges.NODES)
    limits = {
        "put_success_min": ranges.RATIO,
        "max_gap_s": ranges.GAP,
        "latency_p999_ms": ranges.LATENCY,
    }
    for name, limit in limits.items():
        if (value := getattr(targets, name)) is not None:
            ranges.require(document, f"$.targets.{name}", value, limit)
    if settle_s is not None:
        ranges.require(document, "$.settle_s", settle_s, ranges.SETTLE)


def _label(document: Document, at: str, label: str) -> None:
    # Labels become names of folders and cells: nothing that a path or a shell could misread.
    if not _LABEL.fullmatch(label):
        document.fail(at, f"`{label}` is no label: 1 to 40 letters, digits and - _ . +, none of these first")


def _distinct(document: Document, name: str, labels: Sequence[str]) -> None:
    first: dict[str, int] = {}
    for index, label in enumerate(labels):
        if label in first:
            message = f"`{label}` is the label of {name}[{first[label]}] too: give each its own `label`"
            document.fail(f"$.{name}[{index}].label", message)
        first[label] = index
