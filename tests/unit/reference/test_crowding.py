"""V3: blind puts are concurrent and all stay; their number has a limit, and an error that helps."""

import pytest

from harness.errors import Refused
from reference.config import ConfigError, NodeConfig
from tests.unit.reference.cluster import KEY, Cluster

MODES = ("dotted", "paper-clock", "last-writer")


def test_blind_puts_are_refused_at_the_limit_and_their_context_makes_room():
    cluster = Cluster(max_siblings=3)

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        for number in range(3):
            await client.put(KEY, str(number), None, node)
        with pytest.raises(Refused, match="3 values stand side by side: get them, put with their context"):
            await client.put(KEY, "one too many", None, node)
        read = await client.get(KEY, node)
        assert sorted(read.values) == ["0", "1", "2"]
        await client.put(KEY, "merged", read.context, node)
        await client.put(KEY, "beside it", None, node)
        assert sorted((await client.get(KEY, node)).values) == ["beside it", "merged"]

    cluster.play(story())


def test_a_refusal_leaves_nothing_behind():
    cluster = Cluster(max_siblings=1)

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        await client.put(KEY, "first", None, node)
        with pytest.raises(Refused):
            await client.put(KEY, "second", None, node)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("first")
        assert cluster.hints() == {}

    cluster.play(story())


def test_deletes_are_never_refused():
    cluster = Cluster(max_siblings=1)

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        await client.put(KEY, "first", None, node)
        await client.delete(KEY, (await client.get(KEY, node)).context, node)
        assert (await client.get(KEY, node)).values == []

    cluster.play(story())


@pytest.mark.parametrize("mode", MODES)
def test_without_a_limit_a_hundred_blind_puts_are_taken(mode):
    cluster = Cluster(mode=mode)

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        for number in range(100):
            await client.put(KEY, str(number), None, node)
        assert len((await client.get(KEY, node)).values) == (100 if mode == "dotted" else 1)

    cluster.play(story())


def test_a_negative_limit_is_no_limit_at_all():
    with pytest.raises(ConfigError, match="max_siblings: -1 must be 0 or between"):
        NodeConfig(max_siblings=-1)
