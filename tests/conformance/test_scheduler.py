"""Time and tasks, virtual or real: what coroutines above a testbed may rely on."""

import pytest


def test_spawned_tasks_run_beside_each_other(place):
    async def story():
        log = []

        async def worker(name: str, seconds: float):
            await place.testbed.sleep(seconds)
            log.append(name)
            return name

        tasks = [
            place.testbed.spawn(worker("slow", 0.2), "slow"),
            place.testbed.spawn(worker("quick", 0.1), "q"),
        ]
        assert [await task for task in tasks] == ["slow", "quick"]
        assert log == ["quick", "slow"]
        assert all(task.done() for task in tasks)

    place.play(story())


def test_an_error_of_a_task_is_raised_where_it_is_awaited(place):
    async def story():
        async def broken():
            raise ValueError("broken")

        task = place.testbed.spawn(broken(), "broken")
        with pytest.raises(ValueError, match="broken"):
            await task

    place.play(story())


def test_a_cancelled_task_goes_no_further(place):
    async def story():
        log = []

        async def worker():
            await place.testbed.sleep(0.1)
            log.append("never")

        task = place.testbed.spawn(worker(), "worker")
        await place.testbed.sleep(0.01)
        task.cancel()
        await place.testbed.sleep(0.2)
        assert log == []
        assert task.done()

    place.play(story())


def test_time_never_goes_back(place):
    async def story():
        seen = []
        for _ in range(20):
            seen.append(place.testbed.now())
            await place.testbed.sleep(0.001)
        assert seen == sorted(seen)
        assert seen[-1] - seen[0] >= 19e6

    place.play(story())


def test_running_again_goes_on_in_the_same_world(place):
    """After an interrupt the heal phase runs on the same testbed."""

    async def put():
        await place.client.put("k", "v", None, "n1")

    async def get():
        return (await place.client.get("k", "n2")).values

    place.play(put())
    assert place.testbed.run(get()) == ["v"]


def test_a_testbed_claims_only_what_exists(place):
    known = {"partition", "link", "stream", "pause", "kill", "restart", "power-cut", "wipe"}
    known |= {"truncate", "bitflip", "skew", "membership"}
    assert place.testbed.capabilities <= known
    assert len(dict.fromkeys(place.testbed.nodes)) == len(place.testbed.nodes) == 3
