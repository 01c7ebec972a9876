"""Processes and disks: what each fault does, what it leaves alone, and probes that tell the truth."""

import pytest

from harness.errors import HarnessError, Outcome, Refused


def test_a_started_node_serves(place):
    async def story():
        assert [await place.testbed.alive(node) for node in place.testbed.nodes] == ["serving"] * 3
        await place.client.put("k", "v", None, "n1")
        assert (await place.client.get("k", "n2")).values == ["v"]

    place.play(story())


def test_a_killed_node_is_down_and_its_disk_stays(place):
    place.needs("kill")

    async def story():
        await place.client.put("k", "v", None, "n1")
        await place.testbed.sleep(0.2)
        before = await place.testbed.stored_records("n1")
        assert before > 0
        await place.testbed.kill("n1")
        assert await place.testbed.alive("n1") == "down"
        assert await place.testbed.stored_records("n1") == before
        with pytest.raises(Refused):
            await place.client.get("k", "n1")
        await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"
        assert (await place.client.get("k", "n1")).values == ["v"]

    place.play(story())


def test_others_do_not_notice_a_kill(place):
    place.needs("kill")

    async def story():
        await place.testbed.kill("n1")
        assert await place.testbed.alive("n2") == "serving"
        await place.client.put("k", "v", None, "n2")

    place.play(story())


def test_a_paused_node_is_silent_and_goes_on(place):
    place.needs("pause")

    async def story():
        await place.testbed.pause("n1")
        assert await place.testbed.alive("n1") == "paused"
        with pytest.raises(Outcome):
            await place.client.get("k", "n1")
        await place.testbed.resume("n1")
        assert await place.testbed.alive("n1") == "serving"
        await place.client.get("k", "n1")

    place.play(story())


def test_a_paused_nodes_clock_runs_on(place):
    place.needs("pause")

    async def story():
        before = await place.testbed.clock_offset_ms("n1")
        await place.testbed.pause("n1")
        await place.testbed.sleep(0.5)
        await place.testbed.resume("n1")
        assert abs(await place.testbed.clock_offset_ms("n1") - before) < 50

    place.play(story())


def test_a_power_cut_keeps_what_was_acknowledged(place):
    """The node syncs before it answers, so nothing of an idle node's data is lost."""
    place.needs("power-cut")

    async def story():
        await place.client.put("k", "v", None, "n1")
        await place.testbed.sleep(0.5)
        for node in place.testbed.nodes:
            await place.testbed.power_cut(node)
        assert [await place.testbed.alive(node) for node in place.testbed.nodes] == ["down"] * 3
        for node in place.testbed.nodes:
            await place.testbed.start(node)
        assert (await place.client.get("k", "n1")).values == ["v"]

    place.play(story())


def test_a_wipe_erases_one_disk(place):
    place.needs("wipe")

    async def story():
        await place.client.put("k", "v", None, "n1")
        await place.testbed.sleep(0.2)
        others = await place.testbed.stored_records("n2")
        await place.testbed.kill("n1")
        await place.testbed.wipe("n1")
        assert await place.testbed.stored_records("n1") == 0
        assert await place.testbed.stored_records("n2") == others
        await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"

    place.play(story())


def test_a_running_node_is_not_wiped(place):
    place.needs("wipe")

    async def story():
        await place.client.put("k", "v", None, "n1")
        await place.testbed.sleep(0.2)
        with pytest.raises(HarnessError, match="n1"):
            await place.testbed.wipe("n1")
        assert await place.testbed.stored_records("n1") > 0

    place.play(story())


@pytest.mark.parametrize("action", ["start", "resume"])
def test_healing_a_healthy_node_changes_nothing(place, action):
    async def story():
        await place.client.put("k", "v", None, "n1")
        for _ in range(2):
            await getattr(place.testbed, action)("n1")
        assert await place.testbed.alive("n1") == "serving"
        assert (await place.client.get("k", "n1")).values == ["v"]

    place.play(story())


@pytest.mark.parametrize("action", ["kill", "power_cut", "pause"])
def test_a_fault_may_be_repeated(place, action):
    place.needs(action.replace("_", "-"))

    async def story():
        for _ in range(2):
            await getattr(place.testbed, action)("n1")
        assert await place.testbed.alive("n1") == ("paused" if action == "pause" else "down")
        for _ in range(2):
            await place.testbed.resume("n1")
            await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"

    place.play(story())


@pytest.mark.parametrize("action", ["pause", "resume"])
def test_pausing_a_node_that_is_down_does_nothing(place, action):
    place.needs("pause")

    async def story():
        await place.testbed.kill("n1")
        await getattr(place.testbed, action)("n1")
        assert await place.testbed.alive("n1") == "down"
        await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"

    place.play(story())


def test_a_kill_ends_a_paused_node_too(place):
    """Overlapping faults: SIGKILL reaches a stopped process, and its successor is not stopped."""
    place.needs("pause")

    async def story():
        await place.testbed.pause("n1")
        await place.testbed.kill("n1")
        assert await place.testbed.alive("n1") == "down"
        await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"

    place.play(story())


def test_a_kill_during_a_start_leaves_nobody_waiting(place):
    place.needs("kill")

    async def story():
        await place.testbed.kill("n1")
        starting = place.testbed.spawn(place.testbed.start("n1"), "start")
        await place.testbed.sleep(0.0001)
        await place.testbed.kill("n1")
        await starting
        await place.testbed.start("n1")
        assert await place.testbed.alive("n1") == "serving"

    place.play(story())
