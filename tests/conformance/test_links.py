"""Links: block and shape by fault id, one way and both ways, overlapping, and probes that see it."""

import pytest

from harness.errors import Outcome, Unanswered
from harness.testbeds.testbed import LinkShape


def test_every_link_is_open_at_first(place):
    async def story():
        assert await place.open_links() == place.links

    place.play(story())


def test_a_block_is_one_way(place):
    place.needs("partition")

    async def story():
        await place.testbed.block("f1", [("n1", "n2")])
        assert await place.open_links() == [link for link in place.links if link != ("n1", "n2")]
        await place.testbed.unblock("f1")
        assert await place.open_links() == place.links

    place.play(story())


def test_a_partition_cuts_both_ways_and_only_there(place):
    place.needs("partition")

    async def story():
        cut = [link for link in place.links if "n1" in link]
        await place.testbed.block("f1", cut)
        assert await place.open_links() == [link for link in place.links if link not in cut]
        assert await place.testbed.alive("n1") == "serving"  # the process itself is well
        await place.client.put("k", "v", None, "n2")

    place.play(story())


def test_a_store_meets_what_probes_say(place):
    """A probe must take the way of messages, or a fault that never bit would be called verified."""
    place.needs("partition")

    async def story():
        await place.testbed.block("f1", [link for link in place.links if "n1" in link])
        with pytest.raises(Outcome):  # W = 2 and nobody else in reach
            await place.client.put("k", "v", None, "n1")
        await place.testbed.unblock("f1")
        await place.testbed.sleep(1.0)
        await place.client.put("k", "v", None, "n1")

    place.play(story())


def test_unblocking_touches_only_its_own_fault(place):
    place.needs("partition")

    async def story():
        await place.testbed.block("f1", [("n1", "n2"), ("n2", "n3")])
        await place.testbed.block("f2", [("n1", "n2")])
        await place.testbed.unblock("f1")
        assert await place.open_links() == [link for link in place.links if link != ("n1", "n2")]
        await place.testbed.unblock("f2")
        assert await place.open_links() == place.links

    place.play(story())


def test_a_block_and_a_shape_of_one_link_hold_together(place):
    place.needs("link")

    async def story():
        await place.testbed.shape("f1", [("n1", "n2")], LinkShape(delay_ms=1))
        await place.testbed.block("f2", [("n1", "n2")])
        await place.testbed.unblock("f1")
        assert ("n1", "n2") not in await place.open_links()
        await place.testbed.unblock("f2")
        assert await place.open_links() == place.links

    place.play(story())


def test_healing_is_idempotent(place):
    place.needs("partition")

    async def story():
        await place.testbed.unblock("never was")
        for _ in range(2):
            await place.testbed.block("f1", [("n1", "n2")])
        for _ in range(2):
            await place.testbed.unblock("f1")
        assert await place.open_links() == place.links

    place.play(story())


def test_a_restart_does_not_heal_a_link(place):
    """Links belong to the testbed: a fresh process meets the partition of the old one."""
    place.needs("partition")

    async def story():
        await place.testbed.block("f1", [("n1", "n2")])
        await place.testbed.kill("n1")
        await place.testbed.start("n1")
        assert ("n1", "n2") not in await place.open_links()

    place.play(story())


def test_a_probe_reaches_the_host_of_a_dead_process(place):
    """A node that is down is no partition: the two faults are told apart."""
    place.needs("partition")

    async def story():
        await place.testbed.kill("n2")
        assert await place.open_links() == place.links

    place.play(story())


def test_a_client_can_be_cut_off_alone(place):
    place.needs("partition")

    async def story():
        await place.testbed.block("f1", [("c0", "n1"), ("n1", "c0")])
        with pytest.raises(Unanswered):
            await place.client.get("k", "n1")
        await place.client.get("k", "n2")
        assert await place.open_links() == place.links

    place.play(story())


def test_loss_loses_some(place):
    place.needs("link")

    async def story():
        await place.testbed.shape("f1", [("n1", "n2")], LinkShape(loss=0.5))
        arrived = await place.testbed.probe_links([("n1", "n2"), ("n2", "n1")], packets=200)
        assert 50 < arrived["n1", "n2"] < 150
        assert arrived["n2", "n1"] == 200

    place.play(story())


def test_duplication_doubles_some(place):
    place.needs("link")

    async def story():
        await place.testbed.shape("f1", [("n1", "n2")], LinkShape(duplicate=1.0))
        await place.testbed.sleep(0.05)
        arrived = await place.testbed.probe_links([("n1", "n2")], packets=50)
        assert 50 < arrived["n1", "n2"] <= 100

    place.play(story())


def test_delay_delays(place):
    place.needs("link")

    async def story():
        async def took() -> float:
            began = place.testbed.now()
            await place.client.get("k", "n1")
            return (place.testbed.now() - began) / 1e6

        quick = await took()
        await place.testbed.shape("f1", [("c0", "n1")], LinkShape(delay_ms=100))
        assert await took() >= quick + 90
        await place.testbed.unblock("f1")
        assert await took() < 90

    place.play(story())
