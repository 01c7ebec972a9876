"""Replica synchronisation by Merkle trees (M1): what hints cannot repair, and rest."""

import pytest

from reference.messages import CompareRoots, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster


def test_a_wiped_disk_is_filled_again():
    """R1 without a read: the exchange finds what no hint remembers."""
    cluster = Cluster()

    async def story():
        third = cluster.owners()[2]
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.05)
        await cluster.testbed.kill(third)
        await cluster.testbed.wipe(third)
        await cluster.testbed.start(third)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


@pytest.mark.parametrize("mode", ["dotted", "paper-clock", "last-writer"])
def test_equal_replicas_exchange_roots_and_nothing_else(mode):
    """M1's pitfall (B33): repairs for ever."""
    cluster = Cluster(mode=mode)

    async def story():
        for name in cluster.nodes:
            await cluster.client().put(KEY, name, None, name)
        await cluster.settle()
        cluster.sent.clear()
        await cluster.sleep(3 * cluster.config.anti_entropy_s)
        assert len(cluster.messages(CompareRoots)) >= 2 * 10  # every pair of five, each round
        assert cluster.messages(ReplicaPut) == []

    cluster.play(story())


def test_concurrent_states_end_merged_on_both_sides():
    cluster = Cluster(nodes=3, w=1, r=1)

    async def story():
        first, second, _ = cluster.owners()
        await cluster.testbed.block("apart", [(a, b) for a in cluster.nodes for b in cluster.nodes if a != b])
        await cluster.client().put(KEY, "a", None, first)
        await cluster.client().put(KEY, "b", None, second)
        for name in (first, second):
            for held in cluster.node(name).replica.hints.values():
                held.clear()
        await cluster.testbed.unblock("apart")
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("a", "b")

    cluster.play(story())


def test_tombstones_are_exchanged():
    """M1's pitfall: omitted on one side, the deleted value comes back."""
    cluster = Cluster()

    async def story():
        client, (first, _, third) = cluster.client(), cluster.owners()
        await client.put(KEY, "v", None, first)
        await cluster.sleep(0.05)
        await cluster.cut_off(third)
        await client.delete(KEY, (await client.get(KEY, first)).context, first)
        await cluster.sleep(0.05)
        for name in cluster.nodes:
            for held in cluster.node(name).replica.hints.values():
                held.clear()
        await cluster.testbed.unblock("cut1")
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere()

    cluster.play(story())


def test_only_common_ranges_are_compared():
    """M1's pitfall: ranges that the peer does not own."""
    cluster = Cluster()

    async def story():
        keys = [f"key{number}" for number in range(20)]
        for key in keys:
            await cluster.client().put(key, "v", None, "n1")
        await cluster.settle()
        for source, target, message in cluster.messages(CompareRoots):
            for index, _ in message.roots:
                assert {source, target} <= set(cluster.node(source).ring.ranges(3)[index])
        for key in keys:
            assert sorted(cluster.copies(key)) == sorted(cluster.owners(key))

    cluster.play(story())


def test_a_suspected_peer_is_left_alone_until_it_is_heard():
    """F1: no round waits for a node that is known to be silent."""
    cluster = Cluster()

    async def story():
        await cluster.cut_off("n5")
        await cluster.suspect("n5")
        cluster.sent.clear()
        await cluster.sleep(3 * cluster.config.anti_entropy_s)
        assert [m for m in cluster.messages(CompareRoots) if m[1] == "n5"] == []
        await cluster.testbed.unblock("cut1")
        await cluster.settle()
        assert [m for m in cluster.messages(CompareRoots) if m[1] == "n5"]

    cluster.play(story())


def test_a_plan_can_switch_it_off():
    """promises.md, repairing: cells without it show bugs in hints, which it would hide."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await cluster.client().put(KEY, "v", None, "n1")
        await cluster.sleep(5.0)
        assert cluster.messages(CompareRoots) == []

    cluster.play(story())
