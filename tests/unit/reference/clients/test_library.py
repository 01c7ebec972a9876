"""C1: the client library, server-driven and partition-aware, over the simulated network."""

from typing import Any

import pytest

from reference.clients.aware import AwareClient
from reference.clients.library import Client, NotDone, Unknown
from reference.clients.reconcile import cart, cart_union, items
from reference.messages import (
    ClientGet,
    ClientWrite,
    Forward,
    Gossip,
    OwnerGet,
    ReplicaGet,
    ReplicaPut,
    StaleRing,
    WriteDone,
)
from tests.unit.reference.cluster import KEY, Cluster
from tests.unit.reference.library import asked, client_of

both_kinds = pytest.mark.parametrize("kind", [Client, AwareClient])


@both_kinds
def test_a_value_written_is_read_replaced_and_deleted(kind):
    cluster = Cluster()

    async def story():
        client = client_of(cluster, kind)
        empty = await client.get(KEY)
        assert empty.siblings == ()
        await client.put(KEY, b"1", empty.context)
        await client.put(KEY, b"2", (await client.get(KEY)).context)
        seen = await client.get(KEY)
        assert seen.siblings == (b"2",)
        await client.delete(KEY, seen.context)
        assert (await client.get(KEY)).siblings == ()

    cluster.play(story())


@both_kinds
def test_siblings_are_merged_by_the_client(kind):
    """U1, 4.4: an add to the cart is never lost."""
    cluster = Cluster()

    async def story():
        client = client_of(cluster, kind)
        await client.put("cart", cart([b"book"]), None)
        await client.put("cart", cart([b"pen"]), None)
        written = await client.update("cart", cart_union, lambda value: cart([*items(value), b"cup"]))
        assert written == b"book\ncup\npen"
        assert (await client.get("cart")).siblings == (written,)

    cluster.play(story())


@both_kinds
def test_what_was_refused_and_what_is_unknown_are_told_apart(kind):
    cluster = Cluster(nodes=3)

    async def story():
        client = client_of(cluster, kind, timeout_s=0.3)
        await client.get(KEY)
        with pytest.raises(NotDone, match="a delete needs the context"):
            await client.delete(KEY, None)
        cluster.lose = lambda source, target, message: isinstance(message, WriteDone) and target == "c9"
        with pytest.raises(Unknown, match="timeout"):
            await client.put(KEY, b"v", None)
        cluster.lose = lambda source, target, message: False
        for node in cluster.nodes:
            await cluster.testbed.kill(node)
        with pytest.raises(NotDone):
            await client.put(KEY, b"v", None)

    cluster.play(story())


def test_an_aware_client_asks_the_owners_itself():
    """6.4: no node coordinates its reads."""
    cluster = Cluster()

    async def story():
        client = client_of(cluster)
        await client.get(KEY)
        assert sorted(asked(cluster, OwnerGet)) == sorted(cluster.owners())
        assert cluster.messages(ClientGet) == cluster.messages(ReplicaGet) == []

    cluster.play(story())


def test_an_aware_client_writes_straight_to_an_owner():
    """6.4: no forward; and only a server counts the version (V1)."""
    cluster = Cluster()

    async def story():
        client = client_of(cluster)
        await client.put(KEY, b"v", None)
        assert asked(cluster, ClientWrite) == [cluster.owners()[0]]
        assert cluster.messages(Forward) == []
        (actor,) = cluster.state(cluster.owners()[0]).clock()
        assert actor.startswith(f"{cluster.owners()[0]}@")

    cluster.play(story())


def test_an_aware_client_writes_to_the_fastest_replier_of_its_read():
    """Section 5, without a server in between."""
    cluster = Cluster()

    async def story():
        client = client_of(cluster)
        for _ in range(5):
            seen = await client.get(KEY)
            await client.put(KEY, b"v", seen.context)
            assert asked(cluster, ClientWrite)[-1] == seen.context.coordinator

    cluster.play(story())


def test_an_aware_client_repairs_who_is_behind():
    cluster = Cluster(anti_entropy_s=0.0)
    behind = cluster.owners()[2]
    cluster.lose = lambda source, target, message: (
        isinstance(message, ReplicaPut) and target == behind and source != "c9"
    )

    async def story():
        client = client_of(cluster)
        await client.put(KEY, b"v", None, cluster.owners()[0])
        assert behind not in cluster.copies()
        await client.get(KEY)
        await cluster.sleep(0.1)
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_the_membership_is_pulled_every_ten_seconds_while_it_is_used():
    cluster = Cluster()

    async def story():
        client = client_of(cluster)
        for _ in range(50):
            await client.get(KEY)
            await cluster.sleep(0.5)
        polls = asked(cluster, Gossip)
        assert len(polls) == 3, "at 0, 10 and 20 of 25 seconds"

    cluster.play(story())


@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_server_with_another_ring_makes_the_client_look_at_once(operation):
    """C1's pitfall: a stale ring accepted by servers. It is refused, and the next try is right."""
    cluster = Cluster(nodes=6)

    async def story():
        client = client_of(cluster)
        await client.put(KEY, b"v", None)
        gone = cluster.owners()[0]
        await cluster.deployment.leave(gone)
        await cluster.sleep(8)
        assert gone not in cluster.owners()
        polls = len(asked(cluster, Gossip))
        if operation == "read":
            assert (await client.get(KEY)).siblings == (b"v",)
            assert sorted(asked(cluster, OwnerGet)[-3:]) == sorted(cluster.owners())
        else:
            await client.put(KEY, b"w", None)
            assert asked(cluster, ClientWrite)[-1] == cluster.owners()[0]
        assert [m for m in cluster.messages(StaleRing) if m[1] == "c9"]
        assert len(asked(cluster, Gossip)) == polls + 1

    cluster.play(story())


def test_a_node_that_left_and_answers_no_more_is_no_trouble():
    cluster = Cluster(nodes=6)

    async def story():
        client = client_of(cluster)
        await client.put(KEY, b"v", None)
        gone = cluster.owners()[0]
        await cluster.deployment.leave(gone)
        await cluster.sleep(8)
        await cluster.testbed.kill(gone)
        await client.put(KEY, b"w", (await client.get(KEY)).context)
        assert (await client.get(KEY)).siblings == (b"w",)

    cluster.play(story())


def test_where_rings_never_agree_a_server_decides():
    """AVAIL: awareness is an optimisation, never a requirement."""
    cluster = Cluster()

    async def story():
        client = client_of(cluster)
        await client.get(KEY)
        client._ring.id = "another"
        client._refresh = lambda node: cluster.sleep(0.001)
        await client.put(KEY, b"v", None)
        assert (await client.get(KEY)).siblings == (b"v",)
        assert asked(cluster, ClientGet)

    cluster.play(story())


@both_kinds
def test_with_an_owner_down_reads_and_writes_go_on(kind):
    cluster = Cluster()

    async def story():
        client = client_of(cluster, kind)
        await client.get(KEY)
        await cluster.testbed.kill(cluster.owners()[0])
        alive = [node for node in cluster.nodes if node != cluster.owners()[0]]
        for turn in range(6):
            node = alive[turn % len(alive)]
            seen = await client.get(KEY, node)
            await client.put(KEY, str(turn).encode(), seen.context, node)
        assert (await client.get(KEY, alive[0])).siblings == (b"5",)

    cluster.play(story())


@both_kinds
def test_an_unanswered_write_is_repeated_at_the_same_node_and_written_once(kind):
    cluster = Cluster()
    lost: list[str] = []

    def lose(source: str, target: str, message: Any) -> bool:
        if isinstance(message, WriteDone) and target == "c9" and not lost:
            lost.append(source)
            return True
        return False

    cluster.lose = lose

    async def story():
        client = client_of(cluster, kind, attempts=3)
        await client.put(KEY, b"v", None)
        assert client.attempts == 2
        assert len(dict.fromkeys(asked(cluster, ClientWrite))) == 1
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")
        assert (await client.get(KEY)).siblings == (b"v",)

    cluster.play(story())


def test_a_repetition_at_a_node_that_started_again_is_unknown():
    """It was forwarded or not: nobody knows. It is tried nowhere else."""
    cluster = Cluster()
    cluster.lose = lambda source, target, message: isinstance(message, WriteDone) and target == "c9"

    async def story():
        client = client_of(cluster, Client, attempts=2)
        outsider = cluster.fallbacks()[0]
        putting = cluster.testbed.spawn(client.put(KEY, b"v", None, outsider), "put")
        await cluster.sleep(0.1)
        await cluster.restart(outsider)
        cluster.lose = lambda source, target, message: False
        with pytest.raises(Unknown, match="cannot know"):
            await putting
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())
