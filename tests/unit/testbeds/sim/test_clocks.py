"""Wall clocks: an offset, a drift since it was set, and nothing of the outside."""

from harness.testbeds.sim.clocks import EPOCH_NS, WallClock

MS, S = 1_000_000, 1_000_000_000


def test_a_clock_begins_at_a_round_number():
    """No date of the outside enters a simulated history."""
    assert WallClock().read(0) == EPOCH_NS
    assert WallClock().read(5 * S) == EPOCH_NS + 5 * S


def test_an_offset_moves_it_both_ways():
    clock = WallClock()
    clock.set(S, 250.0)
    assert clock.read(2 * S) == EPOCH_NS + 2 * S + 250 * MS
    clock.set(3 * S, -250.0)
    assert clock.offset_ns(3 * S) == -250 * MS


def test_a_drift_grows_from_when_it_was_set():
    clock = WallClock()
    clock.set(10 * S, 0.0, rate_ppm=500.0)
    assert clock.offset_ns(10 * S) == 0
    assert clock.offset_ns(12 * S) == 1 * MS
    clock.set(12 * S, 1.0, rate_ppm=-500.0)
    assert clock.offset_ns(14 * S) == 0


def test_a_reset_ends_offset_and_drift():
    clock = WallClock()
    clock.set(0, 100.0, rate_ppm=1000.0)
    clock.set(S, 0.0)
    assert clock.offset_ns(100 * S) == 0
