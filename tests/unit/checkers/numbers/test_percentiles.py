from checkers.numbers.percentiles import latencies, percentile

MS = 1_000_000


def test_a_percentile_is_a_sample_by_nearest_rank():
    ordered = [10, 20, 30, 40]
    assert percentile(ordered, 0.5) == 20
    assert percentile(ordered, 0.75) == 30
    assert percentile(ordered, 0.751) == 40
    assert percentile([7], 0.999) == 7


def test_the_last_thousandth_needs_ten_thousand_samples():
    few = latencies([MS] * 9_999)
    enough = latencies([MS] * 9_990 + [5 * MS] * 10)
    assert few["p999_ms"] is None
    assert enough["p999_ms"] == 1.0
    assert latencies([MS] * 9_989 + [5 * MS] * 11)["p999_ms"] == 5.0


def test_nothing_measured_says_nothing():
    assert latencies([]) == {
        "count": 0,
        "p50_ms": None,
        "p90_ms": None,
        "p99_ms": None,
        "p999_ms": None,
        "max_ms": None,
    }
