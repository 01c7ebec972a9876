"""S1 and DUR over crashes: what was acknowledged stays, what was shown stays, what is owed is delivered."""

import pytest

from harness.errors import Refused, Unanswered
from reference.messages import ClientValues, ReplicaPut, ReplicaState
from tests.unit.reference.cluster import KEY, Cluster

SEEDS = range(8)


class Shown:
    """Every value of the key that left a node: what it said that it holds, and what it said that exists."""

    def __init__(self, cluster: Cluster) -> None:
        self.held: dict[str, set[bytes]] = {node: set() for node in cluster.nodes}
        self.anywhere: set[bytes] = set()
        cluster.lose = self._look

    def _look(self, source: str, target: str, message) -> bool:
        if isinstance(message, ReplicaState):
            self.held[source].update(message.state.values())
        elif isinstance(message, ReplicaPut):
            self.anywhere.update(message.state.values())
        elif isinstance(message, ClientValues):
            self.anywhere.update(message.values)
        return False


def durable(cluster: Cluster, node: str) -> set[bytes]:
    """Every value that is in some record on this node's disk, of copies and hints, old ones included."""
    batches = cluster.testbed._hosts[node].disk.records()
    states = [record.state for batch in batches for record in batch if record.state is not None]
    return {value for state in states for value in state.values()}


@pytest.mark.parametrize("seed", SEEDS)
def test_after_power_cuts_every_acknowledged_write_is_there(seed):
    """S1, DUR, B17: power goes at some instant of a stream of blind puts, on all nodes at once."""
    cluster = Cluster(nodes=3, seed=seed)
    acknowledged: list[str] = []

    async def write(number: int) -> None:
        try:
            await cluster.client().put(KEY, f"{number}", None, cluster.nodes[number % 3])
        except (Refused, Unanswered):
            return
        acknowledged.append(f"{number}")

    async def story():
        puts = []
        for number in range(30):
            puts.append(cluster.testbed.spawn(write(number), f"put {number}"))
            await cluster.sleep(0.0003)
        await cluster.sleep(0.0002 * seed)
        for node in cluster.nodes:
            await cluster.testbed.power_cut(node)
        assert len(acknowledged) < 30, "the power went too late to prove anything"
        for node in cluster.nodes:
            await cluster.testbed.start(node)
        for put in puts:
            await put
        await cluster.settle()
        for values in cluster.copies().values():
            assert set(acknowledged) <= set(values)
        assert acknowledged

    cluster.play(story())


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_node_has_shown_a_power_cut_does_not_take_back(seed):
    """S1's rule: no read and no replica message shows what is not durable, in the midst of writing."""
    cluster = Cluster(nodes=3, seed=seed)
    shown = Shown(cluster)

    async def story():
        for number in range(25):
            node = cluster.nodes[number % 3]
            cluster.testbed.spawn(cluster.client().put(KEY, f"{number}", None, node), "put")
            cluster.testbed.spawn(cluster.client().get(KEY, node), "get")
            await cluster.sleep(0.0003)
        await cluster.sleep(0.0002 * seed)
        for node in cluster.nodes:
            await cluster.testbed.power_cut(node)
        assert len(shown.anywhere) > 10, "too little was shown to prove anything"
        for node in cluster.nodes:
            assert shown.held[node] <= durable(cluster, node)
        assert shown.anywhere <= set().union(*(durable(cluster, node) for node in cluster.nodes))

    cluster.play(story())


def test_a_fallback_that_restarts_still_delivers():
    """H1's pitfall (B38), and H1: fallbacks are started with what their disk owes to others."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        fault = await cluster.cut_off(*cluster.owners())
        await cluster.suspect(*cluster.owners())
        await cluster.client().put(KEY, "v", None, cluster.fallbacks()[0])
        for fallback in cluster.fallbacks():
            await cluster.restart(fallback)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


def test_a_coordinator_that_dies_owes_its_hints_when_it_is_back():
    """X2's rule: the durable hint is for exactly this."""
    cluster = Cluster(nodes=3, anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        fault = await cluster.cut_off(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.testbed.power_cut(first)
        await cluster.testbed.start(first)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")
        assert cluster.hints() == {}

    cluster.play(story())


def test_a_short_outage_is_forgiven():
    """F1's pitfall (B37): after the heal every node is healthy again to all, within a probe."""
    cluster = Cluster()

    async def story():
        fault = await cluster.cut_off("n1")
        await cluster.suspect("n1")
        assert cluster.node("n2").peers.detector.suspects("n1")
        await cluster.testbed.unblock(fault)
        await cluster.sleep(cluster.config.probe_period_s + 0.02)
        suspected = {name: cluster.node(name).peers.detector.suspected() for name in cluster.nodes}
        assert suspected == {name: [] for name in cluster.nodes}

    cluster.play(story())


def test_a_paused_node_goes_on_and_loses_nothing():
    """F1: late is not dead; what came meanwhile is done in order."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        first, _, third = cluster.owners()
        await cluster.testbed.pause(third)
        await cluster.client().put(KEY, "v", None, first)
        await cluster.sleep(1.0)
        await cluster.testbed.resume(third)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("v")
        assert cluster.hints() == {}

    cluster.play(story())
