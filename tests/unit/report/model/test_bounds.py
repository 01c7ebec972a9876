"""Bounds against published tables and against their own definition."""

import math

import pytest

from harness.report.model import bounds


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),  # the "rule of three" case: 1 - 0.025 ** (1 / 10)
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (3, 63, 0.0099, 0.1329),
        (64, 64, 0.9440, 1.0),
        (19, 64, 0.1891, 0.4242),
    ],
)
def test_clopper_pearson_agrees_with_the_tables(hits, trials, low, high):
    assert bounds.share(hits, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("events", "low", "high"),
    [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (3, 0.6187, 8.7673),
        (10, 4.7954, 18.3904),
        (100, 81.3637, 121.6271),
    ],
)
def test_poisson_bounds_agree_with_garwood(events, low, high):
    assert bounds.rate(events) == pytest.approx((low, high), abs=5e-4)


def test_a_bound_is_where_the_tail_holds_what_is_left_of_the_confidence():
    low, high = bounds.share(7, 40)
    tail = [math.comb(40, k) for k in range(41)]
    at_least = sum(tail[k] * low**k * (1 - low) ** (40 - k) for k in range(7, 41))
    at_most = sum(tail[k] * high**k * (1 - high) ** (40 - k) for k in range(8))
    assert at_least == pytest.approx(0.025, abs=1e-9)
    assert at_most == pytest.approx(0.025, abs=1e-9)


def test_large_counts_neither_overflow_nor_vanish():
    low, high = bounds.rate(100_000)
    assert low == pytest.approx(100_000 - 1.96 * math.sqrt(100_000), rel=1e-4)
    assert high == pytest.approx(100_000 + 1.96 * math.sqrt(100_000), rel=1e-4)
    low, high = bounds.share(500_000, 1_000_000)
    assert low == pytest.approx(0.5 - 1.96 * 0.0005, abs=2e-6)
    assert high == pytest.approx(0.5 + 1.96 * 0.0005, abs=2e-6)


def test_no_trials_say_nothing():
    assert bounds.share(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(hits, trials):
    with pytest.raises(ValueError, match="between 0 and trials"):
        bounds.share(hits, trials)
