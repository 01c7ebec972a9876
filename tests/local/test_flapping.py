"""Flapping links of real processes: proved by what passes in between and does not while they are cut."""

from pathlib import Path
from random import Random

import pytest

from harness.nemeses.nemesis import Scene
from harness.nemeses.partition import Partition
from harness.systems.dynamo import Dynamo
from harness.testbeds.local.testbed import LocalTestbed

NODES = ("n1", "n2", "n3")


@pytest.mark.slow
@pytest.mark.parametrize("intensity", [0.0, 1.0])
def test_flapping_is_proved_and_a_block_that_does_not_flap_is_not(tmp_path: Path, intensity: float) -> None:
    scene = Scene(NODES, (NODES,), 3, (), {}, frozenset(), 1.0, intensity)
    testbed, partition = LocalTestbed(1, NODES), Partition()
    Dynamo().deploy(testbed, {"n": 3})

    async def story() -> None:
        for node in NODES:
            await testbed.start(node)
        for seed in range(4):
            injection = partition.plan(scene, {"kinds": ["flapping"]}, Random(seed))
            assert injection is not None
            injection.id = f"f{seed}"
            await partition.inject(testbed, injection)
            seen = await partition.verify(testbed, injection)
            assert seen is not None
            assert seen["arrived_least"] == 0 < seen["arrived_most"]
            assert await partition.doubt(testbed, injection) == ""
            await partition.heal(testbed, injection)
            assert await partition.verify(testbed, injection) is None  # nothing is cut any more

    testbed.run(story())
    testbed.close(tmp_path)
