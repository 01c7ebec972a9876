"""X3: a client's write that is sent twice happens once, or its node says that it cannot know."""

from random import Random
from typing import Any

import pytest

from reference.messages import ClientWrite, Failed, Forward, Ping, Rejected, WriteDone
from reference.requests import CLIENTS_REMEMBERED, WRITES_REMEMBERED, Once, Requests
from tests.unit.reference.cluster import KEY, Cluster


def dots(cluster: Cluster) -> dict[str, int]:
    """value -> how many dots it has, over all owners that hold it."""
    found: dict[bytes, dict[Any, bool]] = {}
    for name in cluster.nodes:
        program = cluster.testbed.program(name)
        for state in program.replica.copies.values() if program else ():
            for dot, value in state.versions.items():
                found.setdefault(value, {})[dot] = True
    return {value.decode(): len(of_it) for value, of_it in found.items()}


async def write(cluster: Cluster, node: str, value: str, once: Once, context: Any = None) -> Any:
    return await cluster.ask(node, ClientWrite, KEY, value.encode(), context, once)


async def epoch(cluster: Cluster, node: str) -> int:
    return (await cluster.ask(node, Ping)).epoch


@pytest.mark.parametrize("via", ["owner", "outsider"])
def test_a_repetition_joins_the_write_under_way_and_gets_its_answer(via):
    cluster = Cluster()

    async def story():
        node = cluster.owners()[0] if via == "owner" else cluster.fallbacks()[0]
        tasks = [
            cluster.testbed.spawn(write(cluster, node, "v", Once("c", 1)), f"attempt {number}")
            for number in range(3)
        ]
        assert [type(await task) for task in tasks] == [WriteDone] * 3
        assert len(cluster.messages(Forward)) == (0 if via == "owner" else 1)
        await cluster.settle()
        assert dots(cluster) == {"v": 1}

    cluster.play(story())


def test_a_repetition_after_the_end_is_answered_again():
    """And what was written since is not touched."""
    cluster = Cluster()

    async def story():
        first = cluster.owners()[0]
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), WriteDone)
        seen = await cluster.read(first)
        assert isinstance(await write(cluster, first, "w", Once("d", 1), seen.context), WriteDone)
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), WriteDone)
        await cluster.settle()
        assert dots(cluster) == {"w": 1}

    cluster.play(story())


def test_without_an_id_a_repetition_is_a_second_version():
    """X3's pitfall: why clients number their writes."""
    cluster = Cluster()

    async def story():
        for _ in range(2):
            await cluster.write(cluster.owners()[0], KEY, b"v")
        await cluster.settle()
        assert dots(cluster) == {"v": 2}

    cluster.play(story())


def test_other_numbers_and_other_clients_are_other_writes():
    cluster = Cluster()

    async def story():
        for once in (Once("c", 1), Once("c", 2), Once("d", 1)):
            await write(cluster, cluster.owners()[0], "v", once)
        await cluster.settle()
        assert dots(cluster) == {"v": 3}

    cluster.play(story())


def test_after_a_crash_the_coordinator_knows_what_it_wrote():
    """Recorded in the batch of the version: the repetition makes no second one, and ends with W copies."""
    cluster = Cluster()
    cluster.lose = lambda source, target, message: type(message).__name__ == "ReplicaPut"

    async def story():
        first = cluster.owners()[0]
        known = await epoch(cluster, first)
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), Failed)
        await cluster.restart(first)
        cluster.lose = lambda source, target, message: False
        assert isinstance(await write(cluster, first, "v", Once("c", 1, 0, known)), WriteDone)
        assert len(cluster.copies()) >= cluster.config.w
        await cluster.settle()
        assert dots(cluster) == {"v": 1}

    cluster.play(story())


def test_a_failed_write_that_is_repeated_is_completed_and_not_written_again():
    cluster = Cluster()
    cluster.lose = lambda source, target, message: type(message).__name__ == "ReplicaPut"

    async def story():
        first = cluster.owners()[0]
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), Failed)
        cluster.lose = lambda source, target, message: False
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), WriteDone)
        await cluster.settle()
        assert dots(cluster) == {"v": 1}

    cluster.play(story())


def test_a_fallback_that_coordinated_knows_it_too():
    cluster = Cluster(anti_entropy_s=0.0)

    async def story():
        owners, fallback = cluster.owners(), cluster.fallbacks()[0]
        fault = await cluster.cut_off(*owners)
        await cluster.suspect(*owners)
        known = await epoch(cluster, fallback)
        assert isinstance(await write(cluster, fallback, "v", Once("c", 1)), WriteDone)
        await cluster.restart(fallback)
        assert isinstance(await write(cluster, fallback, "v", Once("c", 1, 0, known)), WriteDone)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert isinstance(await write(cluster, fallback, "v", Once("c", 1, 0, known)), WriteDone)
        assert dots(cluster) == {"v": 1}
        assert cluster.copies() == cluster.everywhere("v")

    cluster.play(story())


@pytest.mark.parametrize("fault", ["kill", "power cut", "wipe"])
def test_what_is_not_remembered_after_a_start_cannot_be_known(fault):
    """The first sending may have been forwarded, cut off or wiped: the client has to treat it as unknown."""
    cluster = Cluster()

    async def story():
        node = cluster.owners()[0] if fault == "wipe" else cluster.fallbacks()[0]
        known = await epoch(cluster, node)
        assert isinstance(await write(cluster, node, "v", Once("c", 1)), WriteDone)
        await (cluster.testbed.power_cut if fault == "power cut" else cluster.testbed.kill)(node)
        if fault == "wipe":
            await cluster.testbed.wipe(node)
        await cluster.testbed.start(node)
        answer = await write(cluster, node, "v", Once("c", 1, 0, known))
        assert isinstance(answer, Failed)
        assert "cannot know" in answer.reason
        await cluster.settle()
        assert dots(cluster) == {"v": 1}

    cluster.play(story())


def test_a_repetition_of_what_never_arrived_is_the_first():
    """The same incarnation would remember it, so it is certain."""
    cluster = Cluster()

    async def story():
        first = cluster.owners()[0]
        known = await epoch(cluster, first)
        assert isinstance(await write(cluster, first, "v", Once("c", 1, 0, known)), WriteDone)

    cluster.play(story())


def test_a_later_copy_of_what_was_refused_is_refused_too():
    """The client was told that nothing happened, so nothing may happen any more; a new number may."""
    cluster = Cluster(nodes=3)

    async def story():
        first, *others = cluster.owners()
        fault = await cluster.cut_off(*others)
        await cluster.suspect(*others)
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), Rejected)
        await cluster.testbed.unblock(fault)
        await cluster.settle()
        assert isinstance(await write(cluster, first, "v", Once("c", 1)), Rejected)
        assert cluster.copies() == {}
        assert isinstance(await write(cluster, first, "v", Once("c", 2, 1)), WriteDone)

    cluster.play(story())


def test_a_late_copy_of_a_write_that_is_over_does_nothing():
    """The client said that number 1 is settled: its entry is gone, and its copy must not be a new write."""
    cluster = Cluster()

    async def story():
        first = cluster.owners()[0]
        await write(cluster, first, "1", Once("c", 1))
        await write(cluster, first, "2", Once("c", 2, 1))
        assert isinstance(await write(cluster, first, "1", Once("c", 1)), Failed)
        await cluster.settle()
        assert dots(cluster) == {"1": 1, "2": 1}

    cluster.play(story())


def test_a_client_costs_one_entry_however_much_it_writes():
    requests = Requests()
    for number in range(1, 1000):
        requests.written(Once("c", number, number - 1))
    assert list(requests.records()) == [Once("c", 999, 998)]


def test_a_client_that_settles_nothing_loses_its_oldest():
    requests = Requests()
    for number in range(1, WRITES_REMEMBERED + 11):
        requests.written(Once("c", number))
    assert len(list(requests.records())) == WRITES_REMEMBERED
    assert requests.entry(Once("c", 1)) is None, "over, not new"


def test_whoever_has_forgotten_a_client_says_that_it_cannot_know():
    """Bounded in number, and never wrong: the client heard of longest ago goes first."""
    requests = Requests()
    for number in range(CLIENTS_REMEMBERED):
        requests.written(Once(f"c{number}", 1))
    repetition = Once("x", 1, 0, epoch=7)
    assert requests.complete(repetition, 7)
    requests.written(Once("one more", 1))
    assert not requests.complete(repetition, 7)
    assert requests.complete(Once("x", 1), 7), "a first sending is certainly new"
    assert requests.entry(Once("c1", 1)).written


@pytest.mark.parametrize("seed", range(6))
def test_repeated_duplicated_and_with_crashes_every_write_has_one_version_at_most(seed):
    """Whatever is acknowledged is there; nothing is there twice."""
    cluster = Cluster(seed=seed)
    rng = Random(seed)
    acknowledged: list[str] = []
    doubled: dict[str, int] = {}

    async def client(number: int) -> None:
        for turn in range(1, 13):
            node, value = rng.choice(cluster.nodes), f"{number}:{turn}"
            answer = await cluster.ask(node, Ping)
            if answer is None:
                continue
            for attempt in range(3):
                once = Once(f"c{number}", turn, turn - 1, answer.epoch if attempt else None)
                patience = rng.choice((0.002, 0.05, 0.4))
                done = await attempt_for(node, value, once, patience)
                if isinstance(done, WriteDone):
                    acknowledged.append(value)
                    break

    async def attempt_for(node: str, value: str, once: Once, patience_s: float) -> Any:
        waiting = cluster.client(patience_s)
        copies = 1 + (rng.random() < 0.3)
        for _ in range(copies - 1):
            cluster.testbed.network.send(
                waiting._name, node, ClientWrite((9, 9), KEY, value.encode(), None, once)
            )
        return await waiting._ask(node, ClientWrite, KEY, value.encode(), None, once)

    async def trouble() -> None:
        for _ in range(8):
            await cluster.sleep(rng.uniform(0.05, 0.3))
            await cluster.restart(rng.choice(cluster.nodes))
            for value, count in dots(cluster).items():
                doubled[value] = max(doubled.get(value, 0), count)

    async def story():
        tasks = [cluster.testbed.spawn(client(number), "client") for number in range(4)]
        await trouble()
        for task in tasks:
            await task
        await cluster.settle()
        found = dots(cluster)
        assert set(acknowledged) <= set(found)
        assert len(acknowledged) > 10
        assert set(found.values()) | set(doubled.values()) == {1}

    cluster.play(story())
