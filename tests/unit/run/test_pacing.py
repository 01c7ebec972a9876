from random import Random

from harness.run.pacing import SPREAD_NS, arrivals

SECOND = 1_000_000_000


def test_bursts_keep_the_mean_rate() -> None:
    last = [
        list(arrivals(500, clients=5, rate_per_s=25, start=0, rng=Random(seed)))[-1].due or 0
        for seed in range(20)
    ]
    assert 18 * SECOND < sum(last) / len(last) < 22 * SECOND


def test_arrivals_of_one_burst_are_due_within_less_than_a_round_trip() -> None:
    due: dict[int, list[int]] = {}
    for arrival in arrivals(300, clients=5, rate_per_s=25, start=SECOND, rng=Random(3)):
        assert arrival.due is not None
        assert arrival.due >= SECOND
        if arrival.burst:
            due.setdefault(arrival.burst, []).append(arrival.due)
    assert len(due) > 10
    assert all(max(times) - min(times) <= SPREAD_NS for times in due.values())
    assert all(2 <= len(times) <= 5 for times in list(due.values())[:-1])


def test_every_operation_arrives_once_also_in_a_closed_loop_and_with_one_client() -> None:
    assert len(list(arrivals(101, clients=5, rate_per_s=25, start=0, rng=Random(1)))) == 101
    closed = list(arrivals(101, clients=5, rate_per_s=0, start=0, rng=Random(1)))
    assert len(closed) == 101
    assert {arrival.due for arrival in closed} == {None}
    alone = list(arrivals(50, clients=1, rate_per_s=25, start=0, rng=Random(1)))
    assert {arrival.burst for arrival in alone} == {0}
