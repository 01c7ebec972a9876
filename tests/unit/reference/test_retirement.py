"""D1, V2: reaping of tombstones and retiring of actors in a whole cluster. The mode is off by default."""

import pytest

from reference.config import ConfigError, NodeConfig
from reference.messages import Confirm, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster
from tests.unit.reference.reaping import PATIENCE_S, REAP_S, agreed, clocks, put_and_delete, reaping, roots


def test_by_default_nothing_is_forgotten():
    cluster = Cluster()

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(20)
        assert cluster.messages(Confirm) == []
        assert cluster.copies() == cluster.everywhere()

    cluster.play(story())


def test_a_deleted_key_is_forgotten_by_all_and_leaves_the_merkle_trees():
    cluster = reaping()

    async def story():
        before = roots(cluster)
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(REAP_S / 2)
        assert cluster.copies() == cluster.everywhere()
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}
        assert roots(cluster) == before

    cluster.play(story())


def test_a_value_that_is_alive_stays_and_its_clock_is_cut():
    """V4's cure without its harm: entries of actors that are gone leave, the living dot's stays."""
    cluster = reaping()

    async def story():
        client = cluster.client()
        for turn in range(12):
            node = cluster.owners()[turn % 3]
            await client.put(KEY, str(turn), (await client.get(KEY, node)).context, node)
            await cluster.restart(node)
            await cluster.sleep(0.2)
        assert len(clocks(cluster)[0]) == 12
        await cluster.sleep(PATIENCE_S)
        (first, *others) = clocks(cluster)
        assert len(first) == 1
        assert others == [first, first]
        assert cluster.copies() == cluster.everywhere("11")

    cluster.play(story())


def test_clocks_stay_bounded_over_many_restarts():
    cluster = reaping()

    async def story():
        client, sizes = cluster.client(), []
        for turn in range(15):
            for step in range(3):
                node = cluster.owners()[(turn + step) % 3]
                await client.put(KEY, f"{turn}.{step}", (await client.get(KEY, node)).context, node)
                await cluster.restart(node)
                await cluster.sleep(0.2)
            await cluster.sleep(PATIENCE_S)
            sizes.append(len(cluster.state(cluster.owners()[0]).vector))
        assert max(sizes) <= 3

    cluster.play(story())


@pytest.mark.parametrize("silent", ["owner", "outsider"])
def test_one_member_that_does_not_answer_stops_it(silent):
    """D1's pitfall: what it holds is not known, whether or not it is an owner."""
    cluster = reaping()

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(0.2)
        down = cluster.owners()[1] if silent == "owner" else cluster.fallbacks()[0]
        await cluster.testbed.kill(down)
        await cluster.sleep(3 * PATIENCE_S)
        assert len(cluster.copies()) >= 2
        await cluster.testbed.start(down)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_one_hint_stops_it():
    """D1's rule: an old value may be in it. The hint's owner cannot be reached by its holder alone."""
    cluster = reaping(anti_entropy_s=100.0)

    async def story():
        first, _, third = cluster.owners()
        holder = cluster.fallbacks()[0]
        await put_and_delete(cluster, first)
        await cluster.sleep(0.2)
        links = [(holder, third), (third, holder)]
        old = await cluster.write(first, "other", b"x")
        assert old is not None
        await cluster.testbed.block("cut", links)
        state = cluster.state(first)
        cluster.testbed.network.send(first, holder, ReplicaPut((9, 9), KEY, state, third))
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.hints() == {holder: [third]}
        assert len(cluster.copies()) == 3
        await cluster.testbed.unblock("cut")
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_who_agrees_has_forgotten_its_hints_for_good():
    """D1's rule: durable. The end of a delivered hint is noted, and would be lost in a power cut."""
    cluster = reaping(reap_tombstones_s=500.0, anti_entropy_s=100.0)

    async def story():
        first, _, third = cluster.owners()
        holder = cluster.fallbacks()[0]
        fault = await cluster.cut_off(third)
        await cluster.suspect(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(0.2)
        assert third in cluster.hints()[holder]
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert await agreed(cluster, holder) == (KEY,)
        await cluster.testbed.power_cut(holder)
        await cluster.testbed.start(holder)
        assert cluster.hints() == {}

    cluster.play(story())


def test_a_copy_at_a_node_that_is_no_owner_stops_it():
    """It had it under an earlier ring, and has yet to hand it over."""
    cluster = reaping(reap_tombstones_s=500.0)

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        outsider = cluster.fallbacks()[0]
        assert await agreed(cluster, outsider) == (KEY,)
        await cluster.node(outsider).replica.merge(KEY, cluster.state(cluster.owners()[0]))
        assert await agreed(cluster, outsider) == ()

    cluster.play(story())


def test_an_owner_agrees_to_exactly_what_it_holds():
    cluster = reaping(reap_tombstones_s=500.0)

    async def story():
        first, second, _ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(0.2)
        assert await agreed(cluster, second) == (KEY,)
        assert await agreed(cluster, second, alive.digest()) == ()
        await cluster.testbed.kill(second)
        await cluster.testbed.wipe(second)
        await cluster.testbed.start(second)
        assert await agreed(cluster, second) == (), "it lost its disk: it holds less"

    cluster.play(story())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "last-writer"}, "needs mode: dotted"),
        ({"engine": "memory"}, "needs mode: dotted, a disk"),
        ({"durability": "buffer"}, "durability: fsync"),
        ({"anti_entropy_s": 0.0}, "needs anti-entropy"),
        ({"reap_tombstones_s": 0.1}, "between 2 x request_timeout_s and floor_s"),
        ({"floor_s": 1.0}, "between 2 x request_timeout_s and floor_s"),
    ],
)
def test_where_it_cannot_work_it_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        NodeConfig(**{"reap_tombstones_s": REAP_S, **options})
