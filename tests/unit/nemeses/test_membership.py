"""Membership as a fault: leaves that drain, joins that collect, decisions that die and are made again."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from harness import registry
from harness.nemeses.nemesis import Injection, Nemesis, Scene
from harness.systems.dynamo import Dynamo, DynamoDeployment
from harness.testbeds.sim.testbed import SimTestbed

NODES = ("n1", "n2", "n3", "n4", "n5")
KEYS = [f"k{number}" for number in range(12)]


def nemesis() -> Nemesis:
    found: Nemesis = registry.find("nemeses", "membership", "here")
    return found


def scene(members: tuple[str, ...], busy: frozenset[str] = frozenset()) -> Scene:
    return Scene(
        nodes=NODES,
        preference_lists=(NODES,),
        primaries=3,
        may_lose_data=(),
        lossy={},
        busy=busy,
        hold_s=1.0,
        intensity=1.0,
        members=members,
    )


def on_a_cluster(story: Callable[[SimTestbed, DynamoDeployment], Awaitable[None]], **config: Any) -> None:
    testbed = SimTestbed(1, NODES)
    deployment = Dynamo().deploy(testbed, config)

    async def main() -> None:
        for node in NODES:
            await testbed.start(node)
        for key in KEYS:
            await deployment.client(1).put(key, f"value of {key}", None, "n1")
        await story(testbed, deployment)

    testbed.run(main())


async def values(deployment: DynamoDeployment) -> dict[str, list[list[str] | None]]:
    owners = {key: deployment.preference_list(key)[:3] for key in KEYS}
    return {key: [await deployment.final(node, key) for node in owners[key]] for key in KEYS}


@pytest.mark.parametrize("strategy", [1, 2, 3])
@pytest.mark.parametrize("anti_entropy_s", [0.0, 1.0])
def test_every_owner_holds_every_key_after_a_leave_and_after_a_join(
    strategy: int, anti_entropy_s: float
) -> None:
    """Without anti-entropy too: whoever gains a range is owed what the others hold of it."""

    async def story(testbed: SimTestbed, deployment: DynamoDeployment) -> None:
        for change in (Injection("leave", ("n2",), {}), Injection("join", ("n2",), {"lost": "none"})):
            assert await nemesis().verify(testbed, change) is None
            await nemesis().inject(testbed, change)
            assert await nemesis().verify(testbed, change) is not None
            await nemesis().heal(testbed, change)
            assert ("n2" in deployment.members()) == (change.fault == "join")
            await testbed.sleep(3)
            assert await values(deployment) == {key: [[f"value of {key}"]] * 3 for key in KEYS}
            if change.fault == "leave":
                assert change.details["drained"] is True
                assert [await deployment.final("n2", key) for key in KEYS] == [[]] * len(KEYS)

    on_a_cluster(story, strategy=strategy, partitions=32, anti_entropy_s=anti_entropy_s)


def test_a_decision_that_dies_with_its_node_is_made_again() -> None:
    async def story(testbed: SimTestbed, deployment: DynamoDeployment) -> None:
        change = Injection("leave", ("n4",), {})
        await nemesis().inject(testbed, change)
        await testbed.kill("n1")  # whom the operator asked, and who told nobody
        await testbed.wipe("n1")
        await testbed.start("n1")
        assert await nemesis().verify(testbed, change) is None
        await nemesis().heal(testbed, change)
        assert "n4" not in deployment.members()

    on_a_cluster(story)


def test_a_leave_never_goes_below_the_least_number_of_members() -> None:
    drawn = [nemesis().plan(scene(NODES[:4]), {}, Random(seed)) for seed in range(20)]
    assert {change.fault for change in drawn if change} == {"join"}
    assert {change.nodes for change in drawn if change} == {("n5",)}


def test_a_node_that_another_fault_holds_is_left_alone() -> None:
    drawn = [nemesis().plan(scene(NODES, frozenset(NODES[1:])), {}, Random(seed)) for seed in range(20)]
    assert {change.nodes for change in drawn if change} == {("n1",)}
