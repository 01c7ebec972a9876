"""Section 4.8 and 4.9: an operator adds a node, gossip spreads it, ranges move with confirmation."""

from reference.membership import GONE, JOINING, LEAVING, UP
from tests.unit.reference.cluster import Cluster

KEYS = [f"object {number}" for number in range(20)]


async def away_and_back(cluster: Cluster, node: str) -> None:
    """The node leaves in order, which an operator may then undo."""
    other = next(name for name in cluster.nodes if name != node)
    members = cluster.node(other).members
    await members.decide(LEAVING, node)
    while members.status(node) != GONE:
        await cluster.sleep(0.2)
    await members.decide(JOINING, node, tokens=cluster.config.tokens)


def test_the_explicit_mechanism_spreads_by_gossip():
    """4.8.1: gossip "maintains an eventually consistent view of membership"."""
    cluster = Cluster()

    async def story():
        await away_and_back(cluster, "n5")
        await cluster.sleep(15)
        assert {cluster.node(name).members.status("n5") for name in cluster.nodes} == {UP}
        assert len({cluster.node(name).ring.id for name in cluster.nodes}) == 1

    cluster.play(story())


def test_an_outage_is_no_departure():
    """4.8.1: "A node outage rarely signifies a permanent departure": ranges stay where they are."""
    cluster = Cluster()

    async def story():
        before = [cluster.deployment.preference_list(key) for key in KEYS]
        await cluster.testbed.kill("n2")
        await cluster.suspect("n2")
        await cluster.sleep(10)
        assert [cluster.deployment.preference_list(key) for key in KEYS] == before

    cluster.play(story())


def test_failure_is_a_local_notion():
    """4.8.3: "a purely local notion of failure detection is entirely sufficient"."""
    cluster = Cluster()

    async def story():
        links = [("n1", "n2"), ("n2", "n1")]
        await cluster.testbed.block("between", links)
        assert await cluster.node("n1").peers.reachable("n2") is False
        assert cluster.node("n1").peers.detector.suspects("n2")
        assert not cluster.node("n3").peers.detector.suspects("n2")
        await cluster.testbed.unblock("between")
        await cluster.sleep(2 * cluster.config.probe_period_s)
        assert not cluster.node("n1").peers.detector.suspects("n2")

    cluster.play(story())


def test_existing_nodes_hand_keys_to_the_one_that_was_added():
    """4.9: nodes that need not store some of their keys any more "transfer those keys" to the new one."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        for key in KEYS:
            await cluster.client().put(key, "v", None, "n1")
        await away_and_back(cluster, "n3")
        await cluster.sleep(10)
        for key in KEYS:
            assert sorted(cluster.copies(key)) == sorted(cluster.owners(key))

    cluster.play(story())
