"""A plan's cells and runs, in a fixed order with fixed names.

A cell is system x workload x nemesis, by label. A run's seed comes from the root seed, the labels of its
workload and nemesis and its number within the cell: never from a position, so that adding an entry
changes no other run. The system's label is left out on purpose: run 3 of a cell meets the same clients
and the same faults in every system, so that what differs is the system.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.plan.rules import workload_label
from harness.plan.schema import Plan, Run
from harness.plan.seeds import derive


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of a campaign, by the labels of the plan's entries."""

    system: str
    workload: str
    nemesis: str

    def __str__(self) -> str:
        return f"{self.system}-{self.workload}-{self.nemesis}"


def cell_of(run: Run) -> Cell:
    """The cell that a run belongs to."""
    return Cell(run.system.label, workload_label(run.workload), run.nemesis.label)


def cells_of(plan: Plan | Run | None) -> list[Cell]:
    """The cells of a plan, in the order of its runs; none where there is no plan."""
    if isinstance(plan, Plan):
        return list(
            dict.fromkeys(
                Cell(system.label, workload_label(workload), nemesis.label)
                for system in plan.systems
                for workload in plan.workloads
                for nemesis in plan.nemeses
            )
        )
    return [] if plan is None else [cell_of(plan)]


def runs_of(plan: Plan) -> list[Run]:
    """Every run of a plan; the seed changes their seeds, never their number, names or order."""
    runs: list[Run] = []
    for system in plan.systems:
        for workload in plan.workloads:
            for nemesis in plan.nemeses:
                cell = Cell(system.label, workload_label(workload), nemesis.label)
                for number in range(1, plan.seeds_per_cell + 1):
                    run = Run(
                        name=f"{len(runs) + 1:04d}-{cell}-{number}",
                        seed=derive(plan.seed, "run", cell.workload, cell.nemesis, number),
                        system=system,
                        workload=workload,
                        nemesis=nemesis,
                        testbed=plan.testbed,
                        targets=plan.targets,
                        settle_s=plan.settle_s,
                        allow_exits=plan.allow_exits,
                    )
                    runs.append(run)
    return runs
