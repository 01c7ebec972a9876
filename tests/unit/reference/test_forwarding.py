"""X1: any node accepts a write, one of the first N healthy coordinates it, a forward is tried at one node."""

import pytest

from harness.errors import Refused, Unanswered
from reference.messages import ClientWrite, Forward, Ping, WriteDone
from tests.unit.reference.cluster import KEY, Cluster


def outsider(cluster: Cluster) -> str:
    return cluster.fallbacks()[0]


def test_a_node_outside_the_list_hands_the_write_to_the_first_that_answers():
    """X1: and its own entry never grows in the clock (B10)."""
    cluster = Cluster()

    async def story():
        await cluster.client().put(KEY, "v", None, outsider(cluster))
        ((source, target, _),) = cluster.messages(Forward)
        assert (source, target) == (outsider(cluster), cluster.owners()[0])
        (actor,) = cluster.state(cluster.owners()[0]).clock()
        assert actor.startswith(f"{cluster.owners()[0]}@")

    cluster.play(story())


def test_an_owner_coordinates_itself():
    cluster = Cluster()

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[2])
        assert cluster.messages(Forward) == []
        (actor,) = cluster.state(cluster.owners()[2]).clock()
        assert actor.startswith(f"{cluster.owners()[2]}@")

    cluster.play(story())


def test_a_silent_owner_is_passed_over_before_anything_is_sent_to_it():
    """X1's rule: a ping decides, so that the write itself is tried at one node only."""
    cluster = Cluster()

    async def story():
        first, second, _ = cluster.owners()
        await cluster.cut_off(first)
        await cluster.client().put(KEY, "v", None, outsider(cluster))
        assert next((s, t) for s, t, _ in cluster.messages(Ping)) == (outsider(cluster), first)
        assert [target for _, target, _ in cluster.messages(Forward)] == [second]

    cluster.play(story())


def test_a_forward_without_an_answer_is_not_tried_elsewhere():
    """X1's pitfall: a retry at the next node makes a second version of one put; its fate is open (X3)."""
    cluster = Cluster()
    cluster.lose = lambda source, target, message: (
        isinstance(message, WriteDone) and target == outsider(cluster)
    )

    async def story():
        with pytest.raises(Unanswered, match="did not answer a forwarded write"):
            await cluster.client().put(KEY, "v", None, outsider(cluster))
        assert len(cluster.messages(Forward)) == 1
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_duplicated_forward_is_one_write():
    """X1's rule: a forward carries a request id; without it one put makes two siblings."""
    cluster = Cluster()

    async def story():
        await cluster.client().put(KEY, "v", None, outsider(cluster))
        ((source, target, forward),) = cluster.messages(Forward)
        cluster._transmit(source, target, forward)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_forward_for_an_earlier_incarnation_is_dropped():
    """X1's rule: the one that remembered the request id is dead."""
    cluster = Cluster()

    async def story():
        first = cluster.owners()[0]
        putting = cluster.testbed.spawn(cluster.client().put(KEY, "v", None, outsider(cluster)), "put")
        while not cluster.messages(Forward):
            await cluster.sleep(0.0001)
        await cluster.restart(first)
        await cluster.settle()
        assert cluster.copies() == {}
        with pytest.raises(Unanswered):
            await putting

    cluster.play(story())


def test_a_forward_is_never_forwarded_again():
    """Q9: zero-hop, so no chains; whoever gets one coordinates it."""
    cluster = Cluster()

    async def story():
        from_node, to_node = cluster.fallbacks()
        cluster.testbed.network.send(from_node, to_node, Forward((99, 1), KEY, b"v", None))
        await cluster.settle()
        assert cluster.messages(Forward) == [(from_node, to_node, cluster.messages(Forward)[0][2])]
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_refusal_of_the_coordinator_is_a_refusal():
    """history.md: refused before any write, in every attempt, so the client may call it a fail."""
    cluster = Cluster(nodes=4, sloppy=False)

    async def story():
        first, *others = cluster.owners()
        await cluster.cut_off(*others)
        for other in others:  # the owner knows, the outsider does not
            await cluster.node(first).peers.reachable(other)
        with pytest.raises(Refused, match="fewer than W=2 healthy"):
            await cluster.client().put(KEY, "v", None, outsider(cluster))
        assert cluster.copies() == {}

    cluster.play(story())


def test_in_strict_mode_with_no_owner_in_reach_nothing_happens():
    cluster = Cluster(sloppy=False)

    async def story():
        await cluster.cut_off(*cluster.owners())
        with pytest.raises(Refused, match="no node that may coordinate"):
            await cluster.client().put(KEY, "v", None, outsider(cluster))
        assert cluster.messages(Forward) == []
        assert cluster.hints() == {}

    cluster.play(story())


def test_every_node_takes_every_request():
    """Q7: symmetry; no node is a leader, and all give the same answer."""
    cluster = Cluster()

    async def story():
        client = cluster.client()
        for name in cluster.nodes:
            seen = await client.get(KEY, name)
            await client.put(KEY, name, seen.context, name)
            await cluster.sleep(0.05)
        for name in cluster.nodes:
            assert (await client.get(KEY, name)).values == [cluster.nodes[-1]]

    cluster.play(story())


@pytest.mark.parametrize("via", ["owner", "outsider"])
def test_a_context_is_good_for_its_own_key_only(via):
    """A1's pitfall: a context bound to no key. Refused at any node, and nothing is written."""
    cluster = Cluster()

    async def story():
        node = cluster.owners()[0] if via == "owner" else outsider(cluster)
        other = await cluster.client().get("other", node)
        with pytest.raises(Refused, match="the context belongs to key other"):
            await cluster.client().put(KEY, "v", other.context, node)
        assert cluster.copies() == {}

    cluster.play(story())


def test_a_delete_without_a_context_is_refused():
    """D1's rule (428): it would cover nothing or too much."""
    cluster = Cluster()

    async def story():
        await cluster.client().put(KEY, "v", None, "n1")
        with pytest.raises(Refused, match="a delete needs the context of a get"):
            await cluster.client().delete(KEY, None, "n1")
        assert (await cluster.client().get(KEY, "n1")).values == ["v"]

    cluster.play(story())


def test_large_objects_are_refused():
    """Q1: objects below a limit, which is the instance's."""
    cluster = Cluster(max_object_bytes=10)

    async def story():
        await cluster.client().put(KEY, "x" * 10, None, "n1")
        with pytest.raises(Refused, match="larger than 10 bytes"):
            await cluster.client().put(KEY, "x" * 11, None, "n1")

    cluster.play(story())


def test_values_are_opaque_bytes():
    """Q1's pitfall: text or JSON in between mangles them."""
    cluster = Cluster()
    blob = bytes(range(256))

    async def story():
        assert isinstance(await cluster.write(outsider(cluster), KEY, blob), WriteDone)
        assert (await cluster.read("n1")).values == (blob,)
        assert isinstance(await cluster.write("n1", "empty", b""), WriteDone)
        assert (await cluster.read("n2", "empty")).values == (b"",)

    cluster.play(story())


def test_only_the_client_message_is_a_write_of_a_client():
    """Q4 (kin): no message but ClientWrite and Forward makes a version."""
    cluster = Cluster()

    async def story():
        for name in cluster.nodes:
            await cluster.client().get(KEY, name)
        await cluster.settle()
        assert cluster.messages(ClientWrite) == []
        assert cluster.copies() == {}

    cluster.play(story())
