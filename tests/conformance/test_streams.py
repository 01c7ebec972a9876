"""Byte streams: what a fault does to a TCP connection, and what a probe of it says."""

from random import Random

import pytest

from harness.errors import HarnessError, Unanswered
from harness.nemeses.nemesis import Scene
from harness.nemeses.stream import Stream
from harness.testbeds.testbed import LinkShape

LINK = ("n1", "n2")


def test_a_plain_stream_is_quick_and_whole(place):
    place.needs("stream")

    async def story():
        seen = await place.testbed.probe_stream(LINK, 0.1)
        assert seen.arrived == seen.sent > 5
        assert seen.least_ms < 15
        assert not seen.reset

    place.play(story())


def test_a_delay_is_added_to_every_packet_of_its_direction(place):
    place.needs("stream")

    async def story():
        await place.testbed.shape("f1", [LINK], LinkShape(delay_ms=60))
        assert (await place.testbed.probe_stream(LINK, 0.1)).least_ms >= 60
        assert (await place.testbed.probe_stream(("n2", "n1"), 0.1)).least_ms < 30
        await place.testbed.unblock("f1")
        assert (await place.testbed.probe_stream(LINK, 0.1)).least_ms < 30

    place.play(story())


def test_a_clients_stream_is_delayed_too(place):
    place.needs("stream")

    async def story():
        async def took_ms() -> float:
            began = place.testbed.now()
            await place.client.get("k", "n1")
            return (place.testbed.now() - began) / 1e6

        await place.testbed.shape("f1", [("c0", "n1")], LinkShape(delay_ms=200))
        assert await took_ms() >= 200
        await place.testbed.unblock("f1")
        assert await took_ms() < 200

    place.play(story())


def test_a_throttled_stream_is_no_faster_than_its_rate(place):
    place.needs("stream")

    async def story():
        await place.testbed.shape("f1", [LINK], LinkShape(rate_kbps=64))
        arrived = await place.testbed.probe_links([LINK, ("n2", "n1")], packets=1000)
        assert 0 < arrived[LINK] < 500  # 1000 packets of 128 bits take 2 s
        assert arrived["n2", "n1"] == 1000

    place.play(story())


def test_a_split_stream_comes_in_pieces_and_complete(place):
    place.needs("stream")

    async def story():
        whole = await place.testbed.probe_stream(LINK, 0.1, burst=16)
        await place.testbed.shape("f1", [LINK], LinkShape(split_bytes=64))
        split = await place.testbed.probe_stream(LINK, 0.1, burst=16)
        assert split.pieces / split.sent > 2 * whole.pieces / whole.sent
        assert split.arrived == split.sent

    place.play(story())


def test_a_store_reads_what_comes_in_pieces(place):
    """Frames and requests cut anywhere are put together again."""
    place.needs("stream")

    async def story():
        everything = [*place.links, ("c0", "n1"), ("n1", "c0")]
        await place.testbed.shape("f1", everything, LinkShape(split_bytes=16))
        await place.client.put("k", "v" * 50, None, "n1")
        assert (await place.client.get("k", "n1")).values == ["v" * 50]

    place.play(story())


def test_a_reset_breaks_connections_and_not_the_link(place):
    place.needs("stream")

    async def story():
        await place.client.put("k", "v", None, "n1")
        probing = place.testbed.spawn(place.testbed.probe_stream(LINK, 0.5), "probe")
        await place.testbed.sleep(0.1)
        assert await place.testbed.reset_links([LINK]) >= 1
        assert (await probing).reset
        assert await place.open_links() == place.links

    place.play(story())


def test_a_reset_of_a_clients_connection_leaves_its_request_unanswered(place):
    place.needs("stream")

    async def story():
        await place.testbed.shape("f1", [("n1", "c0")], LinkShape(delay_ms=300))
        asking = place.testbed.spawn(place.client.get("k", "n1"), "get")
        await place.testbed.sleep(0.1)
        assert await place.testbed.reset_links([("n1", "c0")]) == 1
        with pytest.raises(Unanswered):
            await asking

    place.play(story())


def test_a_cut_stream_goes_silent_and_on_again(place):
    """No RST and no FIN: what was on its way arrives late, on the same connection."""
    place.needs("stream")

    async def story():
        probing = place.testbed.spawn(place.testbed.probe_stream(LINK, 0.5), "probe")
        await place.testbed.sleep(0.1)
        await place.testbed.block("f1", [LINK])
        await place.testbed.sleep(0.3)
        await place.testbed.unblock("f1")
        seen = await probing
        assert seen.arrived == seen.sent
        assert not seen.reset
        assert seen.most_ms > 250

    place.play(story())


@pytest.mark.parametrize("shape", [{"loss": 0.1}, {"duplicate": 0.1}, {"reorder": 0.1}])
def test_what_a_stream_cannot_suffer_is_refused(place, shape):
    place.needs("stream")
    if "link" in place.testbed.capabilities:
        pytest.skip("its links carry messages too")

    async def story():
        with pytest.raises(HarnessError, match="byte stream"):
            await place.testbed.shape("f1", [LINK], LinkShape(**shape))

    place.play(story())


@pytest.mark.parametrize("kind", Stream.kinds)
def test_the_nemesis_bites_is_proven_and_leaves_no_trace(place, kind):
    place.needs("stream")
    nodes = place.testbed.nodes
    scene = Scene(nodes, (nodes,), 3, (), {}, frozenset(), 1.0, 0.5)

    async def story():
        injection = Stream().plan(scene, {"kinds": [kind], "max_period_ms": 600}, Random(3))
        injection.id = "f1"
        await Stream().inject(place.testbed, injection)
        assert await Stream().verify(place.testbed, injection) is not None
        for _ in range(2):
            await Stream().heal(place.testbed, injection)
        assert await Stream().verify(place.testbed, injection) is None
        assert await place.open_links() == place.links

    place.play(story())
