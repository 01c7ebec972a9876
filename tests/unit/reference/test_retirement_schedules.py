"""D1, V2: reaping under crashes, cuts and late copies, by the seed."""

from contextlib import suppress
from random import Random

import pytest

from harness.errors import Refused, Unanswered
from reference.messages import Compact, ReplicaPut
from tests.unit.reference.reaping import REAP_S, reaping


@pytest.mark.parametrize("seed", range(8))
def test_with_crashes_cuts_and_late_copies_nothing_is_lost_and_nothing_comes_back(seed):
    """Every acknowledged write is there or covered; all agree, clocks are short, and then it is quiet.

    Late copies are of any message between replicas that was ever sent, however long ago.
    """
    cluster = reaping(seed=seed, anti_entropy_s=0.5)
    rng = Random(seed)
    keys = ["k", "l", "m"]
    covered: dict[str, bool] = {}
    acknowledged: dict[str, str] = {}
    replaced: dict[str, bool] = {}

    async def client(number: int) -> None:
        asks = cluster.client(0.5)
        for turn in range(25):
            key, node, value = rng.choice(keys), rng.choice(cluster.nodes), f"{number}:{turn}"
            with suppress(Refused, Unanswered):
                seen = await asks.get(key, node)
                for old in seen.values:
                    covered[old] = True
                if seen.values and rng.random() < 0.3:
                    await asks.delete(key, seen.context, node)
                else:
                    await asks.put(key, value, seen.context, node)
                    acknowledged[value] = key
                replaced.update(dict.fromkeys(seen.values, True))
            await cluster.sleep(rng.choice((0.01, 0.1, 3.0)))

    async def trouble() -> None:
        for _ in range(12):
            await cluster.sleep(rng.uniform(0.2, 3.0))
            for source, target, copy in rng.choices(cluster.messages(ReplicaPut), k=10):
                cluster.testbed.network.send(source, target, copy._replace(request=(9, 9)))
            node = rng.choice(cluster.nodes)
            if rng.random() < 0.5:
                await cluster.restart(node)
                continue
            fault = await cluster.cut_off(node)
            await cluster.sleep(rng.uniform(0.2, 2.0))
            await cluster.testbed.unblock(fault)

    async def story():
        tasks = [cluster.testbed.spawn(client(number), "client") for number in range(3)]
        await trouble()
        for task in tasks:
            await task
        await cluster.settle()
        held = [cluster.copies(key) for key in keys]
        for value, key in acknowledged.items():
            copies = cluster.copies(key).values()
            assert value in covered or (copies and all(value in values for values in copies))
        assert len(acknowledged) > 20
        assert not [
            value
            for key in keys
            for held in cluster.copies(key).values()
            for value in held
            if value in replaced
        ]
        for key in keys:
            digests = {cluster.state(owner, key).digest() for owner in cluster.copies(key)}
            assert len(cluster.copies(key)) in (0, 3)
            assert len(digests) <= 1
            for owner in cluster.copies(key):
                state = cluster.state(owner, key)
                assert len(state.vector) <= len(state.versions) + len(cluster.nodes)
        sent = len(cluster.messages(Compact))
        await cluster.sleep(5 * REAP_S)
        assert len(cluster.messages(Compact)) == sent, "quiescence"
        assert [cluster.copies(key) for key in keys] == held

    cluster.play(story())
