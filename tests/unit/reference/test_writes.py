"""Writes in a whole cluster: X2 (votes and hints), X4 (sloppy), X3, Q2, Q6, and strict mode."""

import pytest

from harness.errors import Refused, Unanswered
from reference.messages import ReplicaPut, WriteDone
from tests.unit.reference.cluster import KEY, Cluster


def test_a_put_is_acknowledged_with_w_durable_copies():
    """X2: the coordinator's own and W - 1 others."""
    cluster = Cluster(n=3, w=3, r=1)

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_copies_that_were_sent_are_no_votes():
    """X2's pitfall (B13): with every acknowledgement lost, a put must not be acknowledged."""
    cluster = Cluster(nodes=3)
    cluster.lose = lambda source, target, message: type(message).__name__ == "ReplicaPutDone"

    async def story():
        with pytest.raises(Unanswered, match="fewer than W=2"):
            await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        assert len(cluster.messages(ReplicaPut)) >= 2

    cluster.play(story())


def test_a_failed_write_may_still_have_happened():
    """X3: the answer is no promise either way, and hints spread what was stored."""
    cluster = Cluster(nodes=3)

    async def story():
        first, *others = cluster.owners()
        fault = await cluster.cut_off(*others)
        with pytest.raises(Unanswered):
            await cluster.client().put(KEY, "v", None, first)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_hint_stays_for_every_owner_that_has_not_acknowledged():
    """X2's rule, H1: kept by the coordinator, beside its own vote."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, second, third = cluster.owners()
        fault = await cluster.cut_off(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(0.5)
        assert cluster.hints() == {first: [third]}
        assert cluster.copies() == {name: ["v"] for name in sorted((first, second))}
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert cluster.copies()[third] == ["v"]

    cluster.play(story())


def test_the_copy_of_a_suspected_owner_goes_to_a_fallback_at_once():
    """H1: the hint names the intended owner; coordinator and fallback both hold one, and both deliver."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        fault = await cluster.cut_off(third)
        await cluster.suspect(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(0.02)
        assert cluster.hints() == {name: [third] for name in sorted((first, cluster.fallbacks()[0]))}
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_with_nobody_down_no_hint_is_left():
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.05)
        assert cluster.hints() == {}
        assert sorted(cluster.copies()) == sorted(cluster.owners())

    cluster.play(story())


def test_always_writeable_with_one_owner_left():
    """X4, U1: N healthy nodes need not be the owners; W = N with nodes down works when sloppy."""
    cluster = Cluster(n=3, w=3, r=1)

    async def story():
        first, *others = cluster.owners()
        await cluster.cut_off(*others)
        await cluster.client().put(KEY, "v", None, first)
        assert cluster.hints() == {
            first: sorted(others),
            **{fallback: [owner] for owner, fallback in zip(others, cluster.fallbacks(), strict=True)},
        }

    cluster.play(story())


def test_w_votes_are_on_w_distinct_nodes():
    """X2's rule: one fallback with two owners' hints is one disk, so W = 3 cannot be met by two nodes."""
    cluster = Cluster(nodes=4, n=3, w=3, r=1)

    async def story():
        first, *others = cluster.owners()
        await cluster.cut_off(*others)
        with pytest.raises(Unanswered):
            await cluster.client().put(KEY, "v", None, first)

    cluster.play(story())


def test_with_all_owners_down_the_fallbacks_write():
    """X4, Q6: and V2: neither of them extends an entry of its own across two puts."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        fault = await cluster.cut_off(*cluster.owners())
        await cluster.suspect(*cluster.owners())
        client = cluster.client()
        fallback = cluster.fallbacks()[0]
        await client.put(KEY, "1", None, fallback)
        await client.put(KEY, "2", None, fallback)
        assert cluster.copies() == {}
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert cluster.copies() == cluster.everywhere("1", "2")
        actors = list(cluster.state(cluster.owners()[0]).clock())
        assert len(actors) == 2
        assert all(actor.startswith(f"{fallback}@") for actor in actors)

    cluster.play(story())


def test_too_few_healthy_nodes_refuse_before_any_write():
    """history.md, fail: refused before any write is certain; nothing was stored or hinted anywhere."""
    cluster = Cluster(nodes=3)

    async def story():
        first, *others = cluster.owners()
        await cluster.cut_off(*others)
        await cluster.suspect(*others)
        written = await cluster.testbed.stored_records(first)
        with pytest.raises(Refused, match="fewer than W=2 healthy nodes"):
            await cluster.client().put(KEY, "v", None, first)
        with pytest.raises(Refused, match="fewer than R=2 healthy nodes"):
            await cluster.client().get(KEY, first)
        assert await cluster.testbed.stored_records(first) == written
        assert cluster.hints() == {}

    cluster.play(story())


def test_strict_mode_never_counts_a_fallback():
    """X4, X2's pitfall: a hinted copy is no primary's vote, or R + W > N would promise nothing."""
    cluster = Cluster(sloppy=False)

    async def story():
        first, *others = cluster.owners()
        await cluster.cut_off(*others)
        with pytest.raises(Unanswered):
            await cluster.client().put(KEY, "v", None, first)
        with pytest.raises((Unanswered, Refused)):
            await cluster.client().get(KEY, first)
        to_fallbacks = [m for m in cluster.messages(ReplicaPut) if m[1] in cluster.fallbacks()]
        assert to_fallbacks == []

    cluster.play(story())


def test_in_strict_mode_a_read_sees_every_acknowledged_write():
    """X4, STALE: with a third of the owners silent at every step, R + W > N overlaps."""
    cluster = Cluster(sloppy=False, anti_entropy_s=0.0)

    async def story():
        client, owners = cluster.client(), cluster.owners()
        for turn in range(9):
            down, up = owners[turn % 3], owners[(turn + 1) % 3]
            fault = await cluster.cut_off(down)
            seen = await client.get(KEY, up)
            await client.put(KEY, str(turn), seen.context, up)
            await cluster.testbed.unblock(fault)
            await cluster.sleep(2 * cluster.config.probe_period_s)
            fault = await cluster.cut_off(up)
            assert (await client.get(KEY, owners[(turn + 2) % 3])).values == [str(turn)]
            await cluster.testbed.unblock(fault)
            await cluster.sleep(2 * cluster.config.probe_period_s)

    cluster.play(story())


def test_concurrent_puts_never_wait_for_each_other():
    """Q2: no isolation, so no lock across replicas; both are there at once, and both stay."""
    cluster = Cluster()

    async def story():
        began = cluster.testbed.now()
        puts = [
            cluster.testbed.spawn(cluster.client().put(KEY, name, None, name), name)
            for name in cluster.owners()
        ]
        for put in puts:
            await put
        assert cluster.testbed.now() - began < 20e6
        await cluster.sleep(0.1)
        assert sorted((await cluster.client().get(KEY, "n1")).values) == sorted(cluster.owners())

    cluster.play(story())


def test_a_stale_context_is_no_reason_to_refuse():
    """Q6: always writeable; the conflict is kept for the reader."""
    cluster = Cluster()

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        empty = await client.get(KEY, node)
        await client.put(KEY, "1", empty.context, node)
        await client.put(KEY, "2", empty.context, node)
        assert sorted((await client.get(KEY, node)).values) == ["1", "2"]

    cluster.play(story())


def test_the_memory_engine_serves_the_same_protocol():
    """S1, Q5: the engine is a setting of the instance."""
    cluster = Cluster(engine="memory")

    async def story():
        assert isinstance(await cluster.write(cluster.owners()[0], KEY, b"v"), WriteDone)
        await cluster.sleep(0.05)
        assert cluster.copies() == cluster.everywhere("v")
        assert await cluster.testbed.stored_records(cluster.owners()[0]) == 0

    cluster.play(story())
