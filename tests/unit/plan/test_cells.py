"""The runs of a plan: fixed order and names; the seed moves nothing but the numbers."""

from __future__ import annotations

import msgspec

from harness.plan.cells import Cell, cell_of, runs_of
from harness.plan.schema import NemesisPlan, Plan, SystemPlan, WorkloadPlan

PLAN = Plan(
    name="demo",
    systems=(SystemPlan("dotted"), SystemPlan("lww")),
    workloads=(WorkloadPlan("register"), WorkloadPlan("cart", label="basket")),
    nemeses=(NemesisPlan("none"), NemesisPlan("skew")),
    seeds_per_cell=2,
)


def test_names_and_order() -> None:
    names = [run.name for run in runs_of(PLAN)]
    assert names[:5] == [
        "0001-dotted-register-none-1",
        "0002-dotted-register-none-2",
        "0003-dotted-register-skew-1",
        "0004-dotted-register-skew-2",
        "0005-dotted-basket-none-1",
    ]
    assert names[-1] == "0016-lww-basket-skew-2"
    assert cell_of(runs_of(PLAN)[-1]) == Cell("lww", "basket", "skew")


def test_the_root_seed_changes_every_seed_and_nothing_else() -> None:
    other = runs_of(msgspec.structs.replace(PLAN, seed=99))
    for run, twin in zip(runs_of(PLAN), other, strict=True):
        assert run.seed != twin.seed
        assert msgspec.structs.replace(twin, seed=run.seed) == run


def test_every_system_meets_the_same_seeds() -> None:
    runs = runs_of(PLAN)
    assert [run.seed for run in runs[:8]] == [run.seed for run in runs[8:]]
    assert len({run.seed for run in runs[:8]}) == 8


def test_an_entry_more_changes_no_other_run_but_its_number() -> None:
    grown = msgspec.structs.replace(PLAN, nemeses=(NemesisPlan("first"), *PLAN.nemeses), seeds_per_cell=3)
    seeds = {run.name.split("-", 1)[1]: run.seed for run in runs_of(grown)}
    assert all(seeds[run.name.split("-", 1)[1]] == run.seed for run in runs_of(PLAN))


def test_seeds_are_these_in_every_version() -> None:
    # A saved campaign must come back from its seed alone: these numbers never change.
    assert [run.seed for run in runs_of(PLAN)[:2]] == [788607079614512191, 4340881804456166494]
