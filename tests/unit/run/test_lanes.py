"""Faults of several lanes: their lives in order, their nodes never shared, the end in its order."""

from collections import defaultdict
from pathlib import Path
from typing import Any, ClassVar

import pytest

from harness import registry
from harness.plan.schema import LanePlan
from tests.perfect import PerfectStore, perform, run_of

QUICK: dict[str, Any] = {"quiet_s": (0.05, 0.3), "hold_s": (0.2, 0.5)}
PROCESS = ("kill", "pause", "power-cut", "wipe")


def history_of(directory: Path, *names: str, seed: int = 1, **config: Any) -> list[dict[str, Any]]:
    lanes = [LanePlan(name, **QUICK) for name in names]
    nemeses = [registry.find("nemeses", name, "here") for name in names]
    workload = registry.find("workloads", "register", "here")
    ended, events = perform(
        run_of(*lanes, seed=seed), directory, workload, *nemeses, store=PerfectStore(config=config)
    )
    assert ended.failure is None
    return events


def faults_in(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for event in events:
        if event["kind"] == "fault":
            found[event["id"]].append(event)
    return dict(found)


def test_a_fault_is_requested_effective_verified_and_healed(tmp_path: Path) -> None:
    faults = faults_in(history_of(tmp_path, "kill", "clock"))
    assert len(faults) > 4
    for moments in faults.values():
        assert [moment["type"] for moment in moments] == ["requested", "effective", "verified", "healed"]
        assert "probe" in moments[2]
        assert len({(moment["fault"], tuple(moment["nodes"])) for moment in moments}) == 1


@pytest.mark.parametrize("name", ["partition", "link"])
def test_a_fault_of_links_that_the_store_never_used_is_not_proved(tmp_path: Path, name: str) -> None:
    """The perfect store's nodes send nothing at all: every probe bites, and proves nothing about it."""
    faults = faults_in(history_of(tmp_path, name))
    assert faults
    for moments in faults.values():
        assert [moment["type"] for moment in moments] == ["requested", "effective", "healed"]
        assert "has sent nothing over this link" in moments[2]["probe"]["unverified"]


def test_a_skew_says_at_last_how_far_it_went(tmp_path: Path) -> None:
    faults = faults_in(history_of(tmp_path, "clock", seed=3))
    drifts = [moments for moments in faults.values() if moments[0]["how"] == "drift"]
    assert drifts
    for moments in drifts:
        assert 0 < moments[-1]["max_offset_ms"] <= moments[0]["max_offset_ms"]


@pytest.mark.parametrize("seed", range(4))
def test_process_faults_of_several_lanes_never_meet_on_one_node(tmp_path: Path, seed: int) -> None:
    held: dict[str, str] = {}
    met = 0
    for event in history_of(tmp_path, *PROCESS, seed=seed):
        if event["kind"] == "fault" and event["type"] == "requested":
            met += bool(held)
            assert not held.keys() & set(event["nodes"])
            held |= dict.fromkeys(event["nodes"], event["id"])
            assert len(held) < 5, "somebody must be left"
        elif event["kind"] == "fault" and event["type"] == "healed":
            held = {node: id for node, id in held.items() if id != event["id"]}
    assert met, "they overlapped in time"
    assert not held


@pytest.mark.parametrize("w", [1, 2, 3])
def test_data_is_lost_on_w_less_one_nodes_at_most(tmp_path: Path, w: int) -> None:
    events = history_of(tmp_path, *PROCESS, seed=2, w=w, engine="memory", durability="none")
    losing = {tuple(event["nodes"]) for event in events if event["kind"] == "fault" and "lost" in event}
    assert len({node for nodes in losing for node in nodes}) <= w - 1
    assert bool(losing) == (w > 1)
    kinds = {event["fault"] for event in events if event["kind"] == "fault"}
    assert "pause" in kinds


def test_the_heal_phase_resumes_starts_heals_links_and_resets_clocks_in_that_order(tmp_path: Path) -> None:
    names = ("clock", "partition", "link", "kill", "pause")
    lanes = [LanePlan(name, quiet_s=(0.05, 0.1), hold_s=(60, 60)) for name in names]
    nemeses = [registry.find("nemeses", name, "here") for name in names]
    workload = registry.find("workloads", "register", "here")
    _, events = perform(run_of(*lanes, operations=20), tmp_path, workload, *nemeses)
    heal = next(place for place, event in enumerate(events) if event.get("name") == "heal")
    healed = [event["fault"] for event in events[heal:] if event["kind"] == "fault"]
    assert healed[:2] == ["pause", "kill"]
    assert sorted(healed[2:4]) == ["link", "partition"]
    assert healed[4:] == ["skew"]
    assert not [event for event in events[:heal] if event.get("type") == "healed"]


def test_a_fault_that_does_not_bite_is_never_called_verified(tmp_path: Path) -> None:
    class Toothless:
        name, summary, needs, kinds, owns = "toothless", "", frozenset[str](), (), ""
        options: ClassVar[dict[str, str]] = {}

        def __init__(self) -> None:
            self.real = registry.find("nemeses", "partition", "here")
            self.check, self.plan, self.verify, self.heal = (
                self.real.check,
                self.real.plan,
                self.real.verify,
                self.real.heal,
            )

        async def inject(self, testbed: Any, injection: Any) -> None: ...

    lane = LanePlan("toothless", options={"kinds": ["halves"]}, **QUICK)
    _, events = perform(run_of(lane), tmp_path, registry.find("workloads", "register", "here"), Toothless())
    faults = faults_in(events)
    assert faults
    for moments in faults.values():
        assert [moment["type"] for moment in moments] == ["requested", "effective", "healed"]
