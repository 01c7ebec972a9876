"""A cluster that reaps, and what its tests look at."""

from typing import Any

from reference.messages import Confirm
from tests.unit.reference.cluster import KEY, Cluster

REAP_S = 2.0
PATIENCE_S = 2.5 * REAP_S + 1


def reaping(**options: Any) -> Cluster:
    return Cluster(**{"reap_tombstones_s": REAP_S, "floor_s": 600.0, **options})


async def put_and_delete(cluster: Cluster, node: str, value: str = "v") -> Any:
    """The state that held the value, on which the delete was built."""
    client = cluster.client()
    await client.put(KEY, value, None, node)
    await cluster.sleep(0.1)
    alive = cluster.state(cluster.owners()[0])
    await client.delete(KEY, (await client.get(KEY, node)).context, node)
    return alive


async def agreed(cluster: Cluster, node: str, digest: bytes | None = None) -> tuple[str, ...]:
    """To what a node says yes when it is asked about the first owner's state."""
    first = cluster.owners()[0]
    digest = digest or cluster.state(first).digest()
    view = cluster.node(first).members.view.id
    return (await cluster.ask(node, Confirm, view, ((KEY, digest, ()),))).keys


def clocks(cluster: Cluster, key: str = KEY) -> list[list[str]]:
    """The actors that each owner's copy knows."""
    return [list(cluster.state(owner, key).vector) for owner in cluster.owners(key)]


def roots(cluster: Cluster) -> list[dict[int, int]]:
    """Merkle roots that two nodes could compare, a node."""
    found = []
    for name in cluster.nodes:
        tree = cluster.node(name).antientropy
        ranges = cluster.node(name).members.ring.ranges(cluster.config.n)
        found.append({index: tree.root(index) for index, owners in enumerate(ranges) if name in owners})
    return found
