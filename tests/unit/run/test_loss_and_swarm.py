"""What a run may lose, and what its seed switches off."""

from random import Random
from typing import Any

import pytest

from harness import registry
from harness.plan.schema import LanePlan, NemesisPlan
from harness.run.loss import losses, may_lose_data
from harness.run.swarm import draw, left_on

NODES = ("n1", "n2", "n3", "n4", "n5")


@pytest.mark.parametrize(
    ("config", "lost"),
    [
        ({"durability": "fsync", "engine": "log"}, {}),
        ({"durability": "interval", "engine": "log"}, {"power-cut": "unsynced"}),
        ({"durability": "buffer", "engine": "log"}, {"power-cut": "unsynced", "kill": "unsynced"}),
        ({"durability": "none", "engine": "memory"}, {"power-cut": "all", "kill": "all", "restart": "all"}),
    ],
)
def test_which_faults_lose_data(config: dict[str, Any], lost: dict[str, str]) -> None:
    whatever_it_is = {"wipe": "all", "truncate": "part", "bitflip": "part"}
    assert losses(config) == whatever_it_is | lost


@pytest.mark.parametrize(("w", "most"), [(1, 0), (2, 1), (3, 2)])
def test_at_most_w_less_one_nodes_may_lose_data(w: int, most: int) -> None:
    drawn = {may_lose_data({"w": w}, NODES, Random(seed)) for seed in range(50)}
    assert {len(nodes) for nodes in drawn} == {most}
    assert len(drawn) > 1 or most == 0


def lanes_of(seed: int, swarm: bool = True) -> list[tuple[str, tuple[str, ...]]]:
    plan = NemesisPlan("all", tuple(LanePlan(name) for name in ("partition", "clock", "kill")), swarm)
    nemeses = [registry.find("nemeses", lane.nemesis, "here") for lane in plan.lanes]
    return [(lane.nemesis.name, tuple(lane.options.get("kinds", ()))) for lane in draw(plan, nemeses, seed)]


def test_a_swarm_run_switches_off_whole_lanes_and_kinds_but_never_everything() -> None:
    runs = [lanes_of(seed) for seed in range(60)]
    assert all(runs)
    assert {len(lanes) for lanes in runs} == {1, 2, 3}
    partitions = [kinds for lanes in runs for name, kinds in lanes if name == "partition"]
    assert all(partitions)
    assert {"flapping" in kinds for kinds in partitions} == {True, False}
    assert runs == [lanes_of(seed) for seed in range(60)]


def test_without_swarm_everything_is_on() -> None:
    lanes = lanes_of(1, swarm=False)
    assert [name for name, _ in lanes] == ["partition", "clock", "kill"]
    assert lanes[1] == ("clock", ("bump", "strobe", "drift"))


def test_even_a_probability_of_one_leaves_one_thing_on() -> None:
    assert len(left_on(["a", "b", "c"], 1.0, Random(1))) == 1
    assert left_on([], 1.0, Random(1)) == []
