"""Wall clocks: set, drift, reset; each node's its own; and the controller's clock is not moved."""

import pytest

TOLERANCE_MS = 50.0
"""What a probe over a real network may be off by; the simulation is exact."""


def near(value: float):
    return pytest.approx(value, abs=TOLERANCE_MS)


def test_clocks_agree_at_first(place):
    async def story():
        offsets = [await place.testbed.clock_offset_ms(node) for node in place.testbed.nodes]
        assert max(offsets) - min(offsets) < TOLERANCE_MS

    place.play(story())


@pytest.mark.parametrize("offset_ms", [750.0, -750.0])
def test_a_clock_is_moved_alone(place, offset_ms):
    place.needs("skew")

    async def story():
        before, began = await place.testbed.clock_offset_ms("n1"), place.testbed.now()
        await place.testbed.set_clock("n1", offset_ms)
        assert await place.testbed.clock_offset_ms("n1") == near(offset_ms)
        assert await place.testbed.clock_offset_ms("n2") == near(before)
        assert 0 <= place.testbed.now() - began < 10e9

    place.play(story())


def test_a_drift_grows(place):
    place.needs("skew")

    async def story():
        await place.testbed.set_clock("n1", 0.0, rate_ppm=200_000)
        await place.testbed.sleep(1.0)
        assert await place.testbed.clock_offset_ms("n1") == near(200)
        await place.testbed.set_clock("n1", 0.0)
        await place.testbed.sleep(1.0)
        assert await place.testbed.clock_offset_ms("n1") == near(0)

    place.play(story())


def test_a_reset_is_idempotent(place):
    place.needs("skew")

    async def story():
        await place.testbed.set_clock("n1", 400.0)
        for _ in range(2):
            await place.testbed.set_clock("n1", 0.0)
        assert await place.testbed.clock_offset_ms("n1") == near(0)

    place.play(story())


def test_a_clock_keeps_its_offset_over_a_restart(place):
    """The clock is the machine's, not the process's."""
    place.needs("skew")

    async def story():
        await place.testbed.set_clock("n1", 400.0)
        await place.testbed.kill("n1")
        await place.testbed.start("n1")
        assert await place.testbed.clock_offset_ms("n1") == near(400)

    place.play(story())


def test_a_wait_is_as_long_as_it_says_whatever_the_wall_clocks(place):
    place.needs("skew")

    async def story():
        for node in place.testbed.nodes:
            await place.testbed.set_clock(node, -5000.0)
        began = place.testbed.now()
        await place.testbed.sleep(0.2)
        assert 0.2e9 <= place.testbed.now() - began < 5e9

    place.play(story())
