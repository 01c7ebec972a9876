"""S2 (section 6.1): writes are acknowledged from a buffer; one replica of each write has it on its disk."""

import pytest

from reference.messages import ReplicaPut
from reference.storage.buffer import Buffering
from reference.storage.engines import engine_for
from tests.unit.reference.alone import Alone
from tests.unit.reference.cluster import KEY, Cluster


class Buffered:
    """A buffer before a log whose syncs the test ends; `seen` is what readers see."""

    def __init__(self, objects: int = 3, flush_s: float = 0.1) -> None:
        self.world = Alone()
        self.seen: list = []
        self.engine = engine_for("log", self.world, self.seen.append, Buffering(flush_s, objects))

    def accept(self, *batch: str) -> bool:
        """Whether it is acknowledged at once."""
        return self.world.begin(self.engine.accept(batch)).done()

    @property
    def written(self) -> list:
        return self.world.disk.written


def test_a_write_is_acknowledged_and_seen_before_it_is_written():
    """B19: a read that bypassed the buffer would be stale."""
    buffered = Buffered()
    assert buffered.accept("a")
    assert (buffered.seen, buffered.written, buffered.engine.buffered) == ([("a",)], [], True)


def test_the_writer_writes_in_order_and_with_one_sync():
    buffered = Buffered(objects=100)
    for batch in ("a", "b", "c"):
        buffered.accept(batch)
        buffered.engine.note((batch + "'",))
    buffered.world.turn(0.1)
    assert buffered.written == [("a", "a'", "b", "b'", "c", "c'")]
    assert len(buffered.world.disk.syncing) == 1
    assert buffered.engine.buffered, "not yet durable"
    buffered.world.finish_sync()
    assert not buffered.engine.buffered
    assert buffered.seen == [("a",), ("b",), ("c",)]


def test_a_full_buffer_is_written_at_once_and_the_writer_of_its_last_object_does_not_wait():
    buffered = Buffered(objects=3)
    assert [buffered.accept(batch) for batch in "abc"] == [True, True, True]
    assert buffered.written == [("a", "b", "c")]


def test_a_buffer_that_is_full_again_before_the_disk_is_done_makes_its_writer_wait():
    """Memory stays bounded: a disk that is too slow is felt in the end."""
    buffered = Buffered(objects=2)
    assert [buffered.accept(batch) for batch in "abc"] == [True, True, True]
    waiting = buffered.world.begin(buffered.engine.accept(("d",)))
    buffered.world.finish_sync()
    assert not waiting.done()
    buffered.world.finish_sync()
    assert waiting.done()


def test_a_commit_takes_the_whole_buffer_with_it_and_ends_when_all_is_durable():
    buffered = Buffered()
    buffered.accept("a")
    commit = buffered.world.begin(buffered.engine.commit(("b",)))
    assert not commit.done()
    buffered.world.finish_sync()
    assert commit.done()
    assert buffered.written == [("a", "b")]


def test_a_commit_of_nothing_waits_for_what_is_under_way():
    buffered = Buffered()
    buffered.world.begin(buffered.engine.commit(("a",)))
    again = buffered.world.begin(buffered.engine.commit(()))
    assert not again.done()
    buffered.world.finish_sync()
    assert again.done()


# in a cluster


def buffered_cluster(**options) -> Cluster:
    return Cluster(**{"durability": "buffer", "buffer_flush_s": 60.0, **options})


def on_disk(cluster: Cluster, value: str) -> list[str]:
    """The nodes that a power cut now would leave with this value, as a copy or as a hint."""

    def synced(node: str) -> list:
        disk = cluster.testbed._hosts[node].disk
        return [record for batch in disk._written[: disk._synced] for record in batch]

    def has(record) -> bool:
        state = getattr(record, "state", None)
        return state is not None and value.encode() in state.values()

    return [node for node in cluster.nodes if any(has(record) for record in synced(node))]


def holders(cluster: Cluster, value: str) -> list[str]:
    return [node for node, values in cluster.copies().items() if value in values]


@pytest.mark.parametrize("seed", range(6))
def test_of_n_replicas_one_writes_durably(seed):
    cluster = buffered_cluster(seed=seed)

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.1)
        assert holders(cluster, "v") == sorted(cluster.owners())
        assert len(on_disk(cluster, "v")) == 1

    cluster.play(story())


def test_the_durable_replica_is_not_always_the_same():
    """One that did all the durable writes would be the slowest disk of everything."""
    cluster = buffered_cluster()

    async def story():
        for number in range(12):
            await cluster.client().put(KEY, f"{number}", None, cluster.owners()[0])
            await cluster.sleep(0.1)

    cluster.play(story())
    sure = {target for _, target, message in cluster.messages(ReplicaPut) if message.durable}
    assert sure == set(cluster.owners()[1:])


def test_w_does_not_wait_for_the_durable_write():
    """Two of three answer from memory; the third takes half a second for its disk."""
    cluster = buffered_cluster(sync_ms=(500.0, 500.0), replica_timeout_s=1.0)

    async def story():
        began = cluster.testbed.now()
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        assert cluster.testbed.now() - began < 0.05e9
        assert on_disk(cluster, "v") == []
        await cluster.sleep(1.1)
        assert len(on_disk(cluster, "v")) == 1

    cluster.play(story())


@pytest.mark.parametrize("down", [1, 2])
def test_somebody_writes_durably_when_fallbacks_stand_in(down):
    """B18: nobody was picked because one of the N was down."""
    cluster = buffered_cluster()

    async def story():
        away = cluster.owners()[-down:]
        await cluster.cut_off(*away)
        await cluster.suspect(*away)
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.2)
        assert len(on_disk(cluster, "v")) == 1
        assert not set(on_disk(cluster, "v")) & set(away)

    cluster.play(story())


def test_the_coordinator_writes_durably_if_nobody_else_says_that_it_has():
    """B18 too: the chosen one dies before it could answer."""
    cluster = buffered_cluster()
    cluster.lose = lambda source, target, message: isinstance(message, ReplicaPut) and message.durable

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.sleep(0.2)
        assert on_disk(cluster, "v") == [cluster.owners()[0]]

    cluster.play(story())


def test_a_coordinator_that_is_alone_answers_only_once_it_is_durable():
    cluster = buffered_cluster(n=1, r=1, w=1)

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        assert on_disk(cluster, "v") == [cluster.owners()[0]]

    cluster.play(story())


@pytest.mark.parametrize("crash", ["kill", "power_cut"])
@pytest.mark.parametrize("seed", range(4))
def test_a_crash_of_all_nodes_loses_at_most_what_was_not_flushed(crash, seed):
    """SIGKILL everywhere at once, no orderly stop: what one replica wrote durably comes back."""
    cluster = buffered_cluster(nodes=3, seed=seed)
    settled: list[str] = []
    acknowledged: list[str] = []

    async def story():
        for number in range(20):
            await cluster.client().put(f"k{number}", f"{number}", None, cluster.nodes[number % 3])
            acknowledged.append(f"{number}")
        settled.extend(v for v in acknowledged if on_disk(cluster, v))
        for node in cluster.nodes:
            await getattr(cluster.testbed, crash)(node)
        for node in cluster.nodes:
            await cluster.testbed.start(node)
        await cluster.settle()
        for number in range(20):
            copies = cluster.copies(f"k{number}")
            assert len(set(map(tuple, copies.values()))) <= 1, "replicas agree"
            if f"{number}" in settled:
                assert copies == cluster.everywhere(f"{number}", key=f"k{number}")

    cluster.play(story())
    assert len(settled) >= 15


def test_what_was_only_in_buffers_is_lost_by_a_kill_and_nothing_hides_it():
    """The price, shown: all three die between the acknowledgement and the end of the durable write."""
    cluster = buffered_cluster(nodes=3, sync_ms=(50.0, 50.0), replica_timeout_s=0.2)

    async def story():
        await cluster.client().put(KEY, "v", None, "n1")
        for node in cluster.nodes:
            await cluster.testbed.power_cut(node)
        for node in cluster.nodes:
            await cluster.testbed.start(node)
        await cluster.settle()
        return cluster.copies()

    lost = [cluster.play(story())]
    assert all(values in ([], ["v"]) for copies in lost for values in copies.values())
    assert cluster.deployment.config["durability"] == "buffer"


def test_a_hint_that_is_delivered_is_durable_at_its_owner():
    """What was durable at one node is not given up for a copy that is not."""
    cluster = buffered_cluster(anti_entropy_s=0.0)

    async def story():
        third = cluster.owners()[-1]
        fault = await cluster.cut_off(third)
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert cluster.hints() == {}
        assert third in on_disk(cluster, "v")

    cluster.play(story())


def test_without_a_buffer_every_vote_is_durable():
    cluster = Cluster()

    async def story():
        await cluster.client().put(KEY, "v", None, cluster.owners()[0])
        assert len(on_disk(cluster, "v")) >= 2

    cluster.play(story())
