"""The same stories in the simulation and on real sockets: whoever tests one tests the other."""

import pytest

from harness.errors import Refused
from tests.parity.conftest import KEY, World


def test_what_one_node_took_every_node_returns(world):
    async def story(here: World):
        await here.client.put(KEY, "milk", None, "n1")
        for node in here.testbed.nodes:
            await here.reads(node, ["milk"])
        await here.until(["milk"])

    world().play(story)


def test_blind_puts_are_siblings_and_their_context_collapses_them(world):
    async def story(here: World):
        await here.client.put(KEY, "milk", None, here.owners[0])
        await here.client.put(KEY, "eggs", None, here.owners[1])
        await here.reads(here.stranger, ["eggs", "milk"])
        read = await here.client.get(KEY, here.stranger)
        await here.client.put(KEY, "both", read.context, here.owners[2])
        await here.reads("n1", ["both"])
        await here.until(["both"])

    world().play(story)


def test_a_stale_context_keeps_what_it_has_not_seen(world):
    async def story(here: World):
        node = here.owners[0]
        await here.client.put(KEY, "old", None, node)
        await here.reads(node, ["old"])
        read = await here.client.get(KEY, node)
        await here.client.put(KEY, "first", read.context, node)
        await here.client.put(KEY, "second", read.context, node)
        await here.reads(node, ["first", "second"])

    world().play(story)


def test_the_papers_clocks_lose_the_first_of_two_stale_writes(world):
    """Why dotted versions are the default; the simulation and the real node lose the same one."""

    async def story(here: World):
        node = here.owners[0]
        await here.client.put(KEY, "old", None, node)
        await here.reads(node, ["old"])
        read = await here.client.get(KEY, node)
        await here.client.put(KEY, "first", read.context, node)
        await here.client.put(KEY, "second", read.context, node)
        await here.reads(node, ["second"])

    world(mode="paper-clock").play(story)


def test_a_deleted_key_is_empty_and_stays_so(world):
    async def story(here: World):
        await here.client.put(KEY, "milk", None, "n1")
        await here.reads("n1", ["milk"])
        await here.client.delete(KEY, (await here.client.get(KEY, "n1")).context, "n2")
        await here.reads("n3", [])
        await here.until([])

    world().play(story)


def test_a_context_of_another_key_is_refused(world):
    async def story(here: World):
        await here.client.put("other", "x", None, "n1")
        context = (await here.client.get("other", "n1")).context
        with pytest.raises(Refused):
            await here.client.put(KEY, "milk", context, "n1")
        with pytest.raises(Refused):
            await here.client.put(KEY, "m" * 1_000_001, None, "n1")
        await here.reads("n1", [])

    world().play(story)


def test_writes_go_on_while_an_owner_is_down_and_it_gets_them_when_it_is_back(world):
    """Hints alone do it: anti-entropy is off."""

    async def story(here: World):
        first, _, third = here.owners
        await here.testbed.kill(third)
        await here.put_somehow("milk", first)
        await here.reads(first, ["milk"])
        await here.testbed.start(third)
        await here.until(["milk"])
        await here.testbed.sleep(1)
        states = [await here.deployment.state(node) for node in here.testbed.nodes]
        assert [state["hints"] for state in states if state] == [0] * 5

    world(anti_entropy_s=0.0).play(story)


def test_an_isolated_owner_catches_up(world):
    async def story(here: World):
        first, _, third = here.owners
        others = [node for node in here.testbed.nodes if node != third]
        cut = [(third, node) for node in others] + [(node, third) for node in others]
        await here.testbed.block("apart", cut)
        await here.put_somehow("milk", first)
        assert await here.deployment.final(third, KEY) == []
        await here.testbed.unblock("apart")
        await here.until(["milk"])

    world().play(story)


def test_a_wiped_disk_is_filled_by_the_other_replicas(world):
    async def story(here: World):
        await here.client.put(KEY, "milk", None, "n1")
        await here.until(["milk"])
        third = here.owners[2]
        await here.testbed.kill(third)
        await here.testbed.wipe(third)
        await here.testbed.start(third)
        await here.until(["milk"])

    world().play(story)


def test_what_was_acknowledged_survives_the_death_of_every_process(world):
    async def story(here: World):
        await here.client.put(KEY, "milk", None, "n1")
        for node in here.testbed.nodes:
            await here.testbed.kill(node)
        for node in here.testbed.nodes:
            await here.testbed.start(node)
        await here.until(["milk"])

    world().play(story)


def test_last_writer_wins_by_the_clock_of_its_coordinator(world):
    """A clock that is a minute behind loses every write to one that is not."""

    async def story(here: World):
        first, second, _ = here.owners
        await here.testbed.set_clock(second, -60_000)
        await here.client.put(KEY, "kept", None, first)
        await here.client.put(KEY, "lost", None, second)
        await here.reads(first, ["kept"])
        await here.until(["kept"])

    world(mode="last-writer").play(story)
