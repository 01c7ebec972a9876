"""Damage to stored files: only while the node is down, seen by a probe, and survived by the store."""

from random import Random

import pytest

from harness.errors import HarnessError
from harness.nemeses.nemesis import Scene
from harness.registry import find

DAMAGES = {"truncate": 0.3, "bitflip": [0.9, 0.5]}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_running_node_is_not_damaged(place, damage):
    place.needs(damage)

    async def story():
        with pytest.raises(HarnessError, match="n1 must be down"):
            await getattr(place.testbed, damage)("n1", DAMAGES[damage])

    place.play(story())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_probe_sees_the_damage_and_a_wipe_ends_it(place, damage):
    place.needs(damage)

    async def story():
        await place.client.put("k", "v", None, "n1")
        await place.testbed.sleep(0.2)
        await place.testbed.kill("n1")
        assert not await place.testbed.damaged("n1")
        told = await getattr(place.testbed, damage)("n1", DAMAGES[damage])
        assert told["file_bytes"] > 0
        assert told.get("cut_bytes") or told.get("flipped_at")
        assert await place.testbed.damaged("n1")
        await place.testbed.wipe("n1")
        assert not await place.testbed.damaged("n1")

    place.play(story())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_nemesis_ends_with_a_node_that_serves_and_forgot_nothing_that_others_hold(place, damage, seed):
    place.needs(damage)
    nemesis = find("nemeses", damage, "here")
    nodes = place.testbed.nodes
    scene = Scene(nodes, (nodes,), 3, ("n1",), {damage: "part"}, frozenset(), 1.0, 1.0)

    async def story():
        for number in range(20):
            await place.client.put(f"k{number}", "v", None, "n1")
        await place.testbed.sleep(0.2)
        injection = nemesis.plan(scene, {}, Random(seed))
        assert injection.nodes == ("n1",)
        assert injection.details["lost"] == "part"
        for _ in range(2):
            await nemesis.inject(place.testbed, injection)
        assert await nemesis.verify(place.testbed, injection) is not None
        await nemesis.heal(place.testbed, injection)
        assert await place.testbed.alive("n1") == "serving"
        await place.testbed.sleep(1.0)
        for number in range(20):
            assert (await place.client.get(f"k{number}", "n1")).values == ["v"]

    place.play(story())
