"""C1: only timestamps let a client write without a coordinator."""

import pytest

from reference.messages import (
    ClientWrite,
)
from tests.unit.reference.cluster import KEY, Cluster
from tests.unit.reference.library import client_of


def test_only_last_writer_lets_a_client_write_by_itself():
    """C1: elsewhere servers count the versions."""
    with pytest.raises(ValueError, match="only mode last-writer"):
        client_of(Cluster(), direct_writes=True)


def test_in_last_writer_mode_a_client_stamps_and_writes_to_the_owners():
    cluster = Cluster(mode="last-writer")

    async def story():
        client = client_of(cluster, direct_writes=True)
        await client.put(KEY, b"1", None)
        await client.put(KEY, b"2", None)
        assert cluster.messages(ClientWrite) == []
        await cluster.sleep(0.1)
        assert cluster.copies() == cluster.everywhere("2")
        assert cluster.state(cluster.owners()[0]).stamp[1] == "c9"

    cluster.play(story())


def test_a_direct_write_with_an_owner_down_leaves_it_a_hint():
    cluster = Cluster(mode="last-writer", anti_entropy_s=0.0)

    async def story():
        client = client_of(cluster, direct_writes=True)
        await client.get(KEY)
        down = cluster.owners()[0]
        fault = await cluster.cut_off(down)
        await client.put(KEY, b"v", None)
        await cluster.sleep(0.2)
        assert cluster.hints() == {cluster.fallbacks()[0]: [down]}
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())
