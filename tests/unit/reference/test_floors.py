"""D1: what arrives late, or was not told, brings nothing back that was forgotten."""

from typing import Any

import pytest

from reference.messages import Compact, ReplicaPut
from tests.unit.reference.cluster import KEY
from tests.unit.reference.reaping import PATIENCE_S, REAP_S, clocks, put_and_delete, reaping


@pytest.mark.parametrize("restarted", [False, True], ids=["", "after a restart"])
def test_a_late_copy_of_what_was_forgotten_revives_nothing(restarted):
    """D1's pitfall (riak_kv#226), B27: the floor is durable with what was forgotten."""
    cluster = reaping()

    async def story():
        first, *_ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == {}
        if restarted:
            for name in cluster.nodes:
                await cluster.restart(name)
        for owner in cluster.owners():
            cluster.testbed.network.send(first, owner, ReplicaPut((9, 9), KEY, alive))
        cluster.testbed.network.send(first, cluster.fallbacks()[0], ReplicaPut((9, 9), KEY, alive, first))
        await cluster.sleep(1)
        assert (await cluster.read(first)).values == ()
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.copies() == {}, "what came back of its clock is forgotten again"

    cluster.play(story())


def test_after_the_floor_is_gone_a_late_copy_would_come_back():
    """Why the mode is off by default, and that it is the floor which holds until then."""
    cluster = reaping(floor_s=REAP_S)

    async def story():
        first, *_ = cluster.owners()
        alive = await put_and_delete(cluster, first)
        await cluster.sleep(PATIENCE_S + 2 * REAP_S)
        assert cluster.copies() == {}
        cluster.testbed.network.send(first, first, ReplicaPut((9, 9), KEY, alive))
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_key_that_was_forgotten_is_written_again_under_a_fresh_actor():
    """V2, B28: a context from before would cover a counter that begins anew, and the write be lost."""
    cluster = reaping()

    async def story():
        first, *_ = cluster.owners()
        client = cluster.client()
        await client.put(KEY, "1", None, first)
        old = await client.get(KEY, first)
        before = clocks(cluster)[0]
        await client.delete(KEY, old.context, first)
        await cluster.sleep(PATIENCE_S)
        await client.put(KEY, "2", None, first)
        await cluster.sleep(0.1)
        assert not [actor for actor in clocks(cluster)[0] if actor in before]
        await client.put(KEY, "3", old.context, first)
        assert sorted((await client.get(KEY, first)).values) == ["2", "3"]

    cluster.play(story())


def test_a_context_from_before_the_cut_still_covers_what_it_covered():
    cluster = reaping()

    async def story():
        first, second, _ = cluster.owners()
        client = cluster.client()
        await client.put(KEY, "1", None, first)
        await cluster.restart(first)
        await client.put(KEY, "2", (await client.get(KEY, second)).context, second)
        seen = await client.get(KEY, second)
        await cluster.sleep(PATIENCE_S)
        assert len(clocks(cluster)[0]) == 1
        await client.put(KEY, "3", seen.context, first)
        assert (await client.get(KEY, first)).values == ["3"]

    cluster.play(story())


def test_an_owner_that_was_not_told_gives_the_entries_back_until_all_are():
    """The worst that may happen: they come back, all agree on them, and they go again."""
    cluster = reaping()
    deaf: list[str] = [cluster.owners()[2]]
    cluster.lose = lambda source, target, message: isinstance(message, Compact) and target in deaf

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        await cluster.sleep(3 * PATIENCE_S)
        assert cluster.messages(Compact)
        assert cluster.state(deaf[0]).versions == {}
        deaf[0] = "nobody"
        await cluster.sleep(2 * PATIENCE_S)
        assert cluster.copies() == {}

    cluster.play(story())


def test_a_write_between_the_agreement_and_the_cut_is_kept():
    """Each owner looks once more at what it drops."""
    cluster = reaping()
    late: list[tuple[str, str, Any]] = []

    def hold_back(source: str, target: str, message: Any) -> bool:
        if isinstance(message, Compact) and len(late) < 4:
            late.append((source, target, message))
            return True
        return False

    cluster.lose = hold_back

    async def story():
        await put_and_delete(cluster, cluster.owners()[0])
        while not late:
            await cluster.sleep(0.05)
        client = cluster.client()
        await client.put(KEY, "new", None, cluster.owners()[1])
        await cluster.sleep(0.2)
        for source, target, message in late:
            cluster._transmit(source, target, message)
        await cluster.sleep(PATIENCE_S)
        assert cluster.copies() == cluster.everywhere("new")

    cluster.play(story())


def test_a_write_on_its_way_to_the_disk_is_not_cut_off():
    """The copy that is cut is not yet the newest: to write it would undo what is being written."""
    cluster = reaping()
    late: list[Any] = []

    def hold_back(source: str, target: str, message: Any) -> bool:
        late.extend([message] if isinstance(message, Compact) else [])
        return isinstance(message, Compact)

    cluster.lose = hold_back

    async def story():
        second = cluster.owners()[1]
        await put_and_delete(cluster, cluster.owners()[0])
        while not late:
            await cluster.sleep(0.05)
        putting = cluster.testbed.spawn(cluster.client().put(KEY, "new", None, second), "put")
        node = cluster.node(second)
        while node.replica.quiet(KEY):
            await cluster.sleep(0.0001)
        await node.retirement.compact(late[0])
        assert cluster.copies()[second] == ["new"]
        await putting

    cluster.play(story())
