"""Section 4.4: clocks that grow too long lose their oldest entry, and with it a piece of the truth."""

import pytest

from tests.unit.reference.cluster import KEY, Cluster


async def coordinated_by_each(cluster: Cluster) -> None:
    """One client reads and writes through every owner in turn, as when servers fail one after the other."""
    client = cluster.client()
    for node in cluster.owners():
        seen = await client.get(KEY, node)
        await client.put(KEY, f"by {node}", seen.context, node)
        await cluster.sleep(0.05)


def test_the_oldest_pair_is_removed_at_the_threshold():
    """4.4: "the oldest pair is removed from the clock"."""
    cluster = Cluster(mode="paper-clock", clock_limit=2)
    cluster.play(coordinated_by_each(cluster))
    first, second, third = cluster.owners()
    clocks = {value.decode(): [entry[0] for entry in clock] for clock, value in cluster.state(third).versions}
    assert clocks[f"by {third}"] == sorted((second, third))
    assert first not in clocks[f"by {third}"]


@pytest.mark.parametrize(
    ("config", "siblings"),
    [
        ({"mode": "paper-clock", "clock_limit": 2}, 2),
        ({"mode": "paper-clock", "clock_limit": 10}, 1),
        ({"mode": "dotted"}, 1),
    ],
)
def test_descendants_are_no_longer_recognised(config, siblings):
    """4.4: "the descendant relationships cannot be derived accurately": the parent stays as a sibling.

    One client, one write after the other: there was no conflict. Ten entries (the paper's number) are enough
    for three servers, and dotted versions have no threshold.
    """
    cluster = Cluster(**config)
    cluster.play(coordinated_by_each(cluster))
    assert len(cluster.copies()[cluster.owners()[2]]) == siblings
