"""T1 (section 6.5): background work yields as clients' latency nears its limit, and never stops."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.admission import BURST_NS, LEAST, NS, Admission, share_at

MS = NS // 1000
LIMIT_S, WINDOW_S, SLICES = 0.050, 1.0, 100.0
latencies = st.lists(st.integers(0, 200 * MS), min_size=1, max_size=300)


def controller() -> Admission:
    return Admission(SLICES, LIMIT_S, WINDOW_S)


def with_latency(duration_ms: float, requests: int = 100) -> Admission:
    admission = controller()
    for _ in range(requests):
        admission.took(0, int(duration_ms * MS))
    return admission


def given_in_a_second(admission: Admission, since: int) -> int:
    """How many slices somebody gets who asks for the next as soon as the last one began."""
    now = since
    count = 0
    while (now := now + admission.reserve(now)) < since + NS:
        count += 1
    return count


def test_the_share_falls_from_all_to_the_least():
    assert [share_at(load) for load in (0.0, 0.5)] == [1.0, 1.0]
    assert 0.4 < share_at(0.75) < 0.6
    assert [share_at(load) for load in (1.0, 50.0)] == [LEAST, LEAST]


@given(st.floats(0, 10), st.floats(0, 10))
def test_more_load_never_gives_more_slices(one, other):
    low, high = sorted((one, other))
    assert 0 < LEAST <= share_at(high) <= share_at(low) <= 1.0


@given(latencies)
def test_the_percentile_is_that_of_the_sorted_latencies_to_a_sixteenth_of_the_limit(durations):
    """Q3's pitfall is an approximation that hides the tail; this one errs upwards by a cell at most."""
    admission = controller()
    for duration in durations:
        admission.took(0, duration)
    exact = sorted(durations)[len(durations) - 1 - len(durations) // 100]
    cell = int(LIMIT_S * NS) // 16
    assert admission.p99(0) == min((exact // cell + 1) * cell, 2 * int(LIMIT_S * NS))


def test_one_slow_request_in_a_hundred_and_one_is_not_the_99th_percentile():
    admission = with_latency(1, requests=100)
    admission.took(0, 190 * MS)
    assert admission.p99(0) < 5 * MS
    admission.took(0, 190 * MS)
    assert admission.p99(0) > 95 * MS


@pytest.mark.parametrize(("duration_ms", "least", "most"), [(1, 99, 103), (37.5, 40, 60), (200, 6, 8)])
def test_slices_shrink_as_the_percentile_nears_the_limit(duration_ms, least, most):
    """T1's pitfalls: a ceiling, or it is a storm (B39); a floor above zero, or repair starves."""
    assert least <= given_in_a_second(with_latency(duration_ms), 0) <= most


def test_without_requests_all_slices_are_free():
    assert given_in_a_second(controller(), 0) >= SLICES


def test_slices_grow_back_once_the_window_has_passed():
    admission = with_latency(200)
    assert given_in_a_second(admission, 0) < SLICES / 10
    later = int(3 * WINDOW_S * NS)
    assert given_in_a_second(admission, later) >= SLICES - 1
    assert admission.share == 1.0


def test_a_latency_counts_for_half_a_window_at_least_and_a_window_at_most():
    admission = controller()
    admission.took(0, 40 * MS)
    assert admission.p99(int(0.49 * WINDOW_S * NS)) > 0
    assert admission.p99(int(0.99 * WINDOW_S * NS)) > 0
    assert admission.p99(int(1.01 * WINDOW_S * NS)) == 0


@given(latencies, st.lists(st.integers(0, NS), min_size=1, max_size=100))
def test_whatever_happens_there_are_slices_and_never_more_than_the_ceiling(durations, pauses):
    admission, now, first = controller(), 0, None
    for number, pause in enumerate(pauses):
        now += pause
        admission.took(now, durations[number % len(durations)])
        wait = admission.reserve(now)
        assert 0 <= wait <= NS / (SLICES * LEAST)
        now += wait
        first = now if first is None else first
    ceiling = (now - first + BURST_NS) / NS * SLICES + 1
    assert len(pauses) <= ceiling
