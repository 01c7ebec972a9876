"""D1: a delete is a put of a tombstone with a context, and is never forgotten."""

import pytest

from reference.messages import ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster

MODES = ("dotted", "paper-clock", "last-writer")


@pytest.mark.parametrize("mode", MODES)
def test_deleted_is_deleted_everywhere_also_where_it_came_late(mode):
    """D1, and H1's pitfall (B26): the owner that slept through the delete hears of it by a hint."""
    cluster = Cluster(mode=mode, anti_entropy_s=0.0)

    async def story():
        client, (first, _, third) = cluster.client(), cluster.owners()
        await client.put(KEY, "v", None, first)
        await cluster.sleep(0.05)
        fault = await cluster.cut_off(third)
        await client.delete(KEY, (await client.get(KEY, first)).context, first)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere()
        assert (await client.get(KEY, third)).values == []

    cluster.play(story())


@pytest.mark.parametrize("mode", MODES)
def test_a_late_copy_of_what_was_deleted_revives_nothing(mode):
    """D1's pitfall (B27): a delayed duplicate always may hold an old value; tombstones stay for ever."""
    cluster = Cluster(mode=mode)

    async def story():
        client, (first, second, _) = cluster.client(), cluster.owners()
        await client.put(KEY, "v", None, first)
        await cluster.sleep(0.05)
        late = next(one for one in cluster.messages(ReplicaPut) if one[1] == second)
        await client.delete(KEY, (await client.get(KEY, first)).context, first)
        await cluster.sleep(30)
        cluster._transmit(*late)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere()

    cluster.play(story())


def test_a_key_can_be_used_again_after_its_delete():
    """A1, B28's ground: the empty read's context carries the memory, counters do not begin anew."""
    cluster = Cluster()

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        await client.put(KEY, "1", None, node)
        await client.delete(KEY, (await client.get(KEY, node)).context, node)
        gone = await client.get(KEY, node)
        assert gone.values == []
        await client.put(KEY, "2", gone.context, node)
        assert (await client.get(KEY, node)).values == ["2"]
        assert list(cluster.state(node).clock().values()) == [2]

    cluster.play(story())


def test_a_stale_delete_leaves_what_it_did_not_see():
    cluster = Cluster()

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        await client.put(KEY, "seen", None, node)
        seen = await client.get(KEY, node)
        await client.put(KEY, "unseen", None, node)
        await client.delete(KEY, seen.context, node)
        assert (await client.get(KEY, node)).values == ["unseen"]

    cluster.play(story())


@pytest.mark.parametrize("mode", MODES)
def test_deleting_nothing_leaves_a_cluster_at_rest(mode):
    """M1: all replicas report the same digests, and no round of exchange repairs anything any more."""
    cluster = Cluster(mode=mode)

    async def story():
        client = cluster.client()
        await client.delete(KEY, (await client.get(KEY, "n1")).context, "n1")
        await cluster.settle()
        before = [await cluster.deployment.state(owner) for owner in cluster.owners()]
        index = str(cluster.node("n1").ring.range_of(KEY))
        assert len({facts["digests"][index] for facts in before}) == 1
        await cluster.settle()
        after = [await cluster.deployment.state(owner) for owner in cluster.owners()]
        assert [facts["repairs"] for facts in after] == [facts["repairs"] for facts in before]

    cluster.play(story())
