"""V2: a node extends its own entry only while it has held the whole state; otherwise a fresh actor."""

import pytest

from tests.unit.reference.cluster import KEY, Cluster


def actors(cluster: Cluster, node: str) -> list[str]:
    return list(cluster.state(node).clock())


async def put_twice(cluster: Cluster, node: str, between: str | None) -> None:
    client = cluster.client()
    await client.put(KEY, "1", None, node)
    if between is not None:
        await (cluster.testbed.power_cut if between == "power-cut" else cluster.testbed.kill)(node)
        if between == "wipe":
            await cluster.testbed.wipe(node)
        await cluster.testbed.start(node)
    await client.put(KEY, "2", None, node)
    await cluster.settle()


def test_one_incarnation_extends_its_own_entry():
    cluster = Cluster()
    cluster.play(put_twice(cluster, cluster.owners()[0], None))
    ((actor, counter),) = cluster.state(cluster.owners()[0]).clock().items()
    assert actor.startswith(f"{cluster.owners()[0]}@")
    assert counter == 2


@pytest.mark.parametrize("between", ["kill", "power-cut", "wipe"])
def test_every_start_has_an_actor_of_its_own(between):
    """V2's pitfall (B05): an id reused after disk loss makes an event that others believe to know."""
    cluster = Cluster()
    node = cluster.owners()[0]
    cluster.play(put_twice(cluster, node, between))
    assert len(actors(cluster, node)) == 2
    assert all(actor.startswith(f"{node}@") for actor in actors(cluster, node))
    assert sorted(cluster.copies()[node]) == ["1", "2"]


def test_a_write_after_a_wipe_and_before_any_repair_is_not_lost():
    """V2, B05: the measured case. Three versions, disk lost, a new write acknowledged; then all meet."""
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        client, (first, *_) = cluster.client(), cluster.owners()
        for value in ("1", "2", "3"):
            seen = await client.get(KEY, first)
            await client.put(KEY, value, seen.context, first)
        await cluster.sleep(0.05)
        await cluster.testbed.kill(first)
        await cluster.testbed.wipe(first)
        await cluster.testbed.start(first)
        await client.put(KEY, "new", None, first)
        await cluster.settle()
        await client.get(KEY, first)
        await cluster.settle()
        assert cluster.copies() == cluster.everywhere("3", "new")

    cluster.play(story())


def test_epochs_are_drawn_not_counted():
    """V2's rule: 64 random bits of a stream labelled (node, incarnation): no wiped disk, no clock (B07)."""

    def epochs(seed: int) -> list[str]:
        cluster = Cluster(seed=seed)
        node = cluster.owners()[0]
        cluster.play(put_twice(cluster, node, "wipe"))
        return [actor.partition("@")[2] for actor in actors(cluster, node)]

    assert epochs(1) == epochs(1)
    drawn = epochs(1) + epochs(2)
    assert len(dict.fromkeys(drawn)) == 4
    assert all(len(epoch) == 16 for epoch in drawn)


def test_the_papers_clocks_know_no_epochs():
    """promises.md, mvr-paper: node names as actors, the paper as written."""
    cluster = Cluster(mode="paper-clock")
    node = cluster.owners()[0]
    cluster.play(put_twice(cluster, node, "kill"))
    assert [entry[0] for entry in cluster.state(node).clock()] == [node]


def test_stamps_of_one_node_rise_though_its_clock_jumps_back():
    """B29's guard: within one incarnation a bumped clock is not followed down."""
    cluster = Cluster(mode="last-writer")

    async def story():
        client, node = cluster.client(), cluster.owners()[0]
        await cluster.testbed.set_clock(node, 500.0)
        await client.put(KEY, "1", None, node)
        await cluster.testbed.set_clock(node, -500.0)
        await client.put(KEY, "2", None, node)
        assert (await client.get(KEY, node)).values == ["2"]

    cluster.play(story())


def test_a_skewed_clock_of_another_node_wins():
    """U1: what last-writer promises, and no more: the later write of the slower clock is dropped."""
    cluster = Cluster(mode="last-writer")

    async def story():
        client, (first, second, _) = cluster.client(), cluster.owners()
        await cluster.testbed.set_clock(first, 500.0)
        await client.put(KEY, "ahead", None, first)
        await cluster.sleep(0.05)
        await client.put(KEY, "later", None, second)
        await cluster.settle()
        assert (await client.get(KEY, second)).values == ["ahead"]

    cluster.play(story())


def test_clock_skew_touches_nothing_but_stamps():
    """Runtime: timers run on the monotonic clock, so dotted versions do not see skew at all."""

    def told(offset_ms: float) -> list[tuple[str, str, str]]:
        cluster = Cluster()

        async def story():
            await cluster.testbed.set_clock(cluster.owners()[0], offset_ms)
            await cluster.client().put(KEY, "v", None, cluster.owners()[0])
            await cluster.settle()

        cluster.play(story())
        return [(source, target, repr(message)) for source, target, message in cluster.sent]

    assert told(0.0) == told(60_000.0)
