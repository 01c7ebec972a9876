"""Ring changes that not everybody knows of yet (4.8, 4.9, B1): a key must end with all its new owners."""

from reference.membership import GONE, LEAVING
from reference.messages import Gossip, GossipAnswer, ReplicaGet, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster


def test_an_owner_that_does_not_know_that_it_is_one_keeps_what_it_is_given():
    """B1's rule: data reaches the node that takes a leaver's place before the news of the change does.

    Taken for a stray, the copy would be handed on to the owners that it knows of and forgotten; and the
    sender, whose hint was acknowledged, would owe it nothing any more.
    """
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.1)
        first, second, leaver = cluster.owners()
        newcomer = cluster.fallbacks()[0]
        ignorant = lambda source, target, message: (  # noqa: E731
            isinstance(message, Gossip | GossipAnswer) and newcomer in (source, target)
        )
        cluster.lose = lambda source, target, message: (
            ignorant(source, target, message)
            or (isinstance(message, ReplicaPut) and (source, target) == (leaver, first))
        )
        await cluster.node(first).members.decide(LEAVING, leaver)
        await cluster.node(first).members.tell(leaver)
        await cluster.sleep(2.0)
        cluster.lose = ignorant
        await cluster.sleep(3.0)
        cluster.lose = lambda source, target, message: False
        await cluster.sleep(10.0)
        assert cluster.node(newcomer).members.owners(KEY) == (first, second, newcomer)
        assert cluster.copies() == {name: ["v"] for name in sorted((first, second, newcomer))}
        assert cluster.hints() == {}

    cluster.play(story())


def test_a_read_that_ends_after_its_node_has_left_leaves_nothing_behind():
    """B1, R1: read repair at a node that is no owner any more would make a copy that nobody is owed.

    The leaver would hold it for ever, and so never be gone.
    """
    cluster = Cluster(anti_entropy_s=0.0, replica_timeout_s=2.0)

    async def story():
        client, (leaver, second, third) = cluster.client(), cluster.owners()
        await client.put(KEY, "old", None, leaver)
        await cluster.sleep(0.1)
        apart = [(leaver, node) for node in cluster.nodes if node != leaver]
        await cluster.testbed.block("apart", apart + [(b, a) for a, b in apart])
        await client.put(KEY, "new", (await client.get(KEY, second)).context, second)
        for name in cluster.nodes:
            for held in cluster.node(name).replica.hints.values():
                held.clear()
        await cluster.testbed.unblock("apart")
        cluster.lose = lambda source, target, message: (
            isinstance(message, ReplicaGet) and (source, target) == (leaver, third)
        )
        await client.get(KEY, leaver)  # answered by two; its repair waits for the third
        await cluster.node(second).members.decide(LEAVING, leaver)
        await cluster.node(second).members.tell(leaver)
        await cluster.sleep(10.0)
        assert cluster.node(second).members.status(leaver) == GONE
        assert cluster.node(leaver).replica.held() == []

    cluster.play(story())
