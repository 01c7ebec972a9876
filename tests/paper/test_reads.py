"""Sections 4.5 and 5: what a read waits for, and what it leaves behind."""

import pytest

from harness.errors import Refused, Unanswered
from tests.unit.reference.cluster import KEY, Cluster


def test_with_r_and_w_above_n_a_read_meets_the_write():
    """4.5: R + W > N "yields a quorum-like system"; with strict quorums every acknowledged write is seen."""
    cluster = Cluster(sloppy=False, anti_entropy_s=0.0)

    async def story():
        client, (first, second, third) = cluster.client(), cluster.owners()
        fault = await cluster.cut_off(third)
        await client.put(KEY, "v", None, first)
        await cluster.testbed.unblock(fault)
        await cluster.cut_off(first)
        assert (await client.get(KEY, second)).values == ["v"]

    cluster.play(story())


def test_with_sloppy_quorums_it_may_not():
    """4.6: healthy nodes vote, whoever they are: all owners down, the write is with D and E only."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        client = cluster.client()
        fault = await cluster.cut_off(*cluster.owners())
        await cluster.suspect(*cluster.owners())
        await client.put(KEY, "v", None, cluster.fallbacks()[0])
        await cluster.testbed.unblock(fault)
        assert (await client.get(KEY, cluster.owners()[0])).values == []
        await cluster.settle()
        assert (await client.get(KEY, cluster.owners()[0])).values == ["v"]

    cluster.play(story())


def test_read_repair_brings_stale_replicas_up_to_date():
    """5: "If stale versions were returned in any of the responses, the coordinator updates those nodes"."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        client, (first, _, third) = cluster.client(), cluster.owners()
        await client.put(KEY, "old", None, first)
        await cluster.sleep(0.05)
        await cluster.testbed.kill(third)
        await cluster.testbed.wipe(third)  # it lost its disk: no hint remembers what it had
        await cluster.testbed.start(third)
        await cluster.sleep(2 * cluster.config.probe_period_s)
        assert (await client.get(KEY, first)).values == ["old"]
        await cluster.sleep(0.05)
        assert cluster.copies()[third] == ["old"]

    cluster.play(story())


@pytest.mark.parametrize(
    ("r", "alive", "answers"), [(1, 1, True), (2, 1, False), (2, 2, True), (3, 2, False)]
)
def test_r_replicas_must_answer(r, alive, answers):
    """4.5: R is the least number of nodes of a successful read."""
    cluster = Cluster(nodes=3, r=r, w=1)

    async def story():
        first = cluster.owners()[0]
        await cluster.cut_off(*cluster.owners()[alive:])
        try:
            await cluster.client().get(KEY, first)
        except (Refused, Unanswered):
            assert not answers
        else:
            assert answers

    cluster.play(story())
