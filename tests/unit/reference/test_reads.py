"""Reads and read repair: A1, R1, X2's reading half, and bugs B35 and B36."""

import pytest

from harness.errors import Unanswered
from reference.messages import ReplicaGet, ReplicaPut, ReplicaState
from tests.unit.reference.cluster import KEY, Cluster


async def stale_third_owner(cluster: Cluster, hints: bool = False) -> None:
    """An update that the third owner missed; unless `hints`, nobody remembers that it did."""
    first, second, third = cluster.owners()
    client = cluster.client()
    await client.put(KEY, "old", None, first)
    await cluster.sleep(0.05)
    fault = await cluster.cut_off(third)
    seen = await client.get(KEY, first)
    await client.put(KEY, "new", seen.context, first)
    await cluster.sleep(0.05)
    if not hints:
        for name in (first, second, *cluster.fallbacks()):
            for held in cluster.node(name).replica.hints.values():
                held.clear()
    await cluster.testbed.unblock(fault)
    await cluster.sleep(2 * cluster.config.probe_period_s)
    assert cluster.copies()[third] == ["old"]


def test_a_missing_key_has_no_values_and_a_context():
    """A1's pitfall: without a context a client could not write after a delete."""
    cluster = Cluster()

    async def story():
        client = cluster.client()
        missing = await client.get(KEY, "n1")
        assert missing.values == []
        assert missing.context is not None
        await client.put(KEY, "v", missing.context, "n2")
        assert (await client.get(KEY, "n3")).values == ["v"]

    cluster.play(story())


def test_a_read_returns_all_siblings_and_their_context_collapses_them():
    """A1, V5: get(key) -> (values, context); reconciliation is the client's."""
    cluster = Cluster()

    async def story():
        client = cluster.client()
        await client.put(KEY, "a", None, cluster.owners()[0])
        await client.put(KEY, "b", None, cluster.owners()[1])
        await cluster.sleep(0.05)
        both = await client.get(KEY, "n1")
        assert sorted(both.values) == ["a", "b"]
        await client.put(KEY, "a+b", both.context, "n2")
        await cluster.sleep(0.05)
        assert (await client.get(KEY, "n3")).values == ["a+b"]

    cluster.play(story())


def test_a_read_repairs_the_stale_owner_though_the_first_two_agree():
    """R1, and its pitfall (B36): whom a read repairs is decided by all answers, not by the first R."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await stale_third_owner(cluster)
        assert (await cluster.client().get(KEY, cluster.owners()[0])).values == ["new"]
        await cluster.sleep(0.05)
        assert cluster.copies() == cluster.everywhere("new")

    cluster.play(story())


def test_a_missing_replica_is_repaired_too():
    """R1: a wiped disk."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        third = cluster.owners()[2]
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.05)
        await cluster.testbed.kill(third)
        await cluster.testbed.wipe(third)
        await cluster.testbed.start(third)
        await cluster.sleep(2 * cluster.config.probe_period_s)
        await cluster.client().get(KEY, cluster.owners()[0])
        await cluster.sleep(0.05)
        assert cluster.copies()[third] == ["v"]

    cluster.play(story())


@pytest.mark.parametrize("mode", ["dotted", "paper-clock", "last-writer"])
def test_repair_makes_no_version(mode):
    """R1's pitfall (B35): a repair that moves a counter writes for ever. Reading alone reaches rest."""
    cluster = Cluster(mode=mode, anti_entropy_s=0.0)

    async def story():
        await stale_third_owner(cluster)
        before = cluster.state(cluster.owners()[0])
        for _ in range(5):
            await cluster.client().get(KEY, cluster.owners()[0])
            await cluster.sleep(0.05)
        assert [cluster.state(owner) for owner in cluster.owners()] == [before] * 3
        cluster.sent.clear()
        await cluster.client().get(KEY, cluster.owners()[1])
        await cluster.sleep(0.05)
        assert cluster.messages(ReplicaPut) == []

    cluster.play(story())


def test_a_fallback_is_read_but_never_repaired():
    """R1's pitfall: a repaired fallback without a hint keeps a copy that nobody owns."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        await cluster.client().put(KEY, "v", None, first)
        await cluster.cut_off(third)
        await cluster.suspect(third)
        cluster.sent.clear()
        await cluster.client().get(KEY, first)
        await cluster.sleep(0.1)
        fourth = cluster.fallbacks()[0]
        assert fourth in [target for _, target, _ in cluster.messages(ReplicaGet)]
        assert cluster.messages(ReplicaPut) == []
        assert sorted(cluster.copies()) == sorted(cluster.owners())

    cluster.play(story())


def test_repair_comes_after_the_reply():
    """R1: the client does not wait for it, nor for the slowest replica."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(0.05)
        await cluster.cut_off(third)
        began = cluster.testbed.now()
        await cluster.client().get(KEY, first)
        assert cluster.testbed.now() - began < cluster.config.replica_timeout_s * 1e9

    cluster.play(story())


def test_duplicated_answers_are_one_nodes():
    """X2's pitfall (B12): R = 3 is not met by two nodes of which one speaks twice."""
    cluster = Cluster(nodes=3, r=3, w=1)

    async def story():
        first, _, third = cluster.owners()
        await cluster.cut_off(third)
        reading = cluster.testbed.spawn(cluster.client().get(KEY, first), "get")
        while not cluster.messages(ReplicaState):
            await cluster.sleep(0.0001)
        source, target, answer = cluster.messages(ReplicaState)[0]
        cluster._transmit(source, target, answer)
        with pytest.raises(Unanswered, match="fewer than R=3 nodes answered"):
            await reading

    cluster.play(story())


def test_every_repair_is_counted_though_reads_overlap():
    """quiescence: a count that overlapping reads can turn back is no evidence of rest."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        keys = [key for key in (f"key{n}" for n in range(400)) if cluster.owners(key) == cluster.owners()][:4]
        for key in keys:
            await cluster.client().put(key, "v", None, first)
        await cluster.sleep(0.05)
        await cluster.testbed.kill(third)
        await cluster.testbed.wipe(third)
        await cluster.testbed.start(third)
        await cluster.sleep(2 * cluster.config.probe_period_s)
        reads = [cluster.testbed.spawn(cluster.client().get(key, first), key) for key in keys]
        for read in reads:
            await read
        await cluster.sleep(0.1)
        assert cluster.node(first).read_repairs == len(keys) == 4

    cluster.play(story())
