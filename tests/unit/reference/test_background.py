"""T1 and B39 in a cluster: hints and exchanges yield to clients, are limited, and get done all the same."""

import pytest

from reference.config import NodeConfig
from reference.messages import CompareRoots, ReplicaPut
from tests.unit.reference.cluster import KEY, Cluster

HINTS = 60


class Outage:
    """Three nodes; n3 misses HINTS writes, and comes back. `moments` is when each was delivered to it."""

    def __init__(self, **options) -> None:
        self.cluster = Cluster(nodes=3, anti_entropy_s=0.0, sync_ms=(2.0, 4.0), **options)
        self.moments: list[float] = []
        self.cluster.lose = self._look
        self._healed = False

    def _look(self, source: str, target: str, message) -> bool:
        if self._healed and isinstance(message, ReplicaPut) and target == "n3" and message.key != KEY:
            self.moments.append(self.cluster.testbed.now() / 1e9)
        return False

    async def happen(self) -> None:
        fault = await self.cluster.cut_off("n3")
        await self.cluster.suspect("n3", key=KEY)
        for number in range(HINTS):
            await self.cluster.client().put(f"h{number}", "v", None, "n1")
        await self.cluster.testbed.unblock(fault)
        self._healed = True

    async def load(self, seconds: float) -> None:
        """Puts of one client, one after the other: each waits for two disks and a round trip."""
        client, until = self.cluster.client(), self.cluster.testbed.now() + seconds * 1e9
        while self.cluster.testbed.now() < until:
            await client.put(KEY, "v", (await client.get(KEY, "n1")).context, "n1")

    async def delivered(self) -> float:
        """Wait until nothing is owed any more; how long the deliveries took (s)."""
        deadline = self.cluster.testbed.now() + 60e9
        while self.cluster.hints():
            assert self.cluster.testbed.now() < deadline, "starved"
            await self.cluster.sleep(0.05)
        return self.moments[-1] - self.moments[0]


def outage(load_s: float, **options) -> tuple[float, list[float]]:
    story = Outage(**options)

    async def told() -> float:
        await story.happen()
        if load_s:
            await story.load(load_s)
        return await story.delivered()

    return story.cluster.play(told()), story.moments


def test_a_node_that_comes_back_does_not_drown_in_hints():
    """B39: never more in any tenth of a second than the ceiling, with what may be saved up."""
    _, moments = outage(0.0, background_per_s=100.0)
    assert len(moments) >= HINTS
    busiest = max(sum(moment <= other < moment + 0.1 for other in moments) for moment in moments)
    assert 5 < busiest <= 10 + 2 + 1


def test_a_load_that_nears_the_limit_shrinks_background_work_and_repair_still_ends():
    """T1: the same hints, once in peace and once while clients' p99 is over the limit."""
    limits = {"background_per_s": 200.0, "latency_limit_s": 0.004, "latency_window_s": 1.0}
    in_peace, _ = outage(0.0, **limits)
    under_load, moments = outage(4.0, **limits)
    assert under_load > 4 * in_peace
    assert len(moments) >= HINTS, "the least is not nothing"


def test_a_load_that_is_far_from_the_limit_shrinks_nothing():
    relaxed = {"background_per_s": 200.0, "latency_limit_s": 1.0}
    assert outage(2.0, **relaxed)[0] < 1.5 * outage(0.0, **relaxed)[0]


def test_repair_goes_on_under_a_load_that_never_ends():
    """T1's pitfall: with a floor of zero a wiped replica would stay empty for ever."""
    cluster = Cluster(nodes=3, background_per_s=20.0, latency_limit_s=0.001, anti_entropy_s=0.3)

    async def load() -> None:
        while True:
            await cluster.client().put("other", "v", None, "n1")

    async def story():
        await cluster.client().put(KEY, "v", None, "n1")
        await cluster.sleep(0.5)
        await cluster.testbed.kill("n3")
        await cluster.testbed.wipe("n3")
        await cluster.testbed.start("n3")
        task = cluster.testbed.spawn(load(), "load")
        await cluster.sleep(6.0)
        assert cluster.node("n1").peers.admission.share < 0.1
        assert cluster.copies() == cluster.everywhere("v")
        task.cancel()

    cluster.play(story())
    assert cluster.messages(CompareRoots)


@pytest.mark.parametrize("slices", [50.0, 1000.0])
def test_the_settle_bound_covers_a_backlog(slices):
    """promises.md, settled: or a cluster that is still delivering would be accused of not having agreed."""
    config = NodeConfig(background_per_s=slices)
    assert config.settle_bound_s >= NodeConfig(background_per_s=1e9).settle_bound_s + 100 / slices - 0.001
