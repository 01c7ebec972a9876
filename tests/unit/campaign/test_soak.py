"""Schedules of a soak: each from a seed of its own, all of them plans that may run."""

from __future__ import annotations

from pathlib import Path

from harness.campaign.preflight import check_names
from harness.campaign.soak import MODES, schedule, schedules
from harness.plan.load import dump, load
from harness.run.loss import lossy_faults

MANY = list(schedules(1, 150))


def test_a_schedule_depends_on_its_seed_and_number_alone() -> None:
    assert MANY[:20] == list(schedules(1, 20))
    assert MANY[6] == schedule(1, 7)
    assert schedule(2, 7).seed != MANY[6].seed
    assert len({run.seed for run in MANY}) == len({run.name for run in MANY}) == 150


def test_every_setting_is_met() -> None:
    configs = [run.system.config for run in MANY]
    assert {config["engine"] for config in configs} == {"memory", "log", "sqlite"}
    assert 10 < sum(config.get("durability") == "buffer" for config in configs) < 40
    assert {config["background_per_s"] for config in configs if "background_per_s" in config} == {
        100.0,
        300.0,
    }
    assert {config["sloppy"] for config in configs} == {True, False}
    assert 15 < sum(config["anti_entropy_s"] == 0 for config in configs) < 75
    assert {run.workload.workload for run in MANY} >= {"register", "cart"}
    assert len({(config["n"], config["r"], config["w"]) for config in configs}) == 8
    assert all(run.testbed.nodes >= run.system.config["n"] for run in MANY)


def test_each_mode_has_schedules_of_its_own(tmp_path: Path) -> None:
    """The paper's clocks with and without a limit."""
    for mode in MODES:
        runs = list(schedules(1, 60, mode))
        assert {run.system.config["mode"] for run in runs} == {mode}
        assert ({run.system.config.get("clock_limit", 0) for run in runs} > {0}) == (mode == "paper-clock")
        for run in runs[:12]:
            (tmp_path / "plan.yaml").write_text(dump(run))
            check_names(load(tmp_path / "plan.yaml"))


def test_no_fault_costs_more_than_the_quorum_tolerates() -> None:
    for run in MANY:
        if run.system.config["w"] == 1:
            assert not {lane.nemesis for lane in run.nemesis.lanes} & lossy_faults(run.system.config)


def test_each_is_a_plan_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    for run in MANY[:12]:
        path.write_text(dump(run))
        check_names(load(path))
