"""Q5: one configuration for the whole instance; one that cannot work is refused in one line."""

import math
from dataclasses import fields

import pytest

from reference.config import OPTIONS, ConfigError, NodeConfig


def test_the_default_is_the_papers_common_choice():
    """Section 6: (N, R, W) = (3, 2, 2), always writeable."""
    config = NodeConfig()
    assert (config.n, config.r, config.w, config.sloppy) == (3, 2, 2, True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"r": 4}, "r=4 and w=2 must lie between 1 and n=3"),
        ({"w": 0}, "w=0 must lie between 1 and n=3"),
        ({"n": 0}, "n: 0 must be between 1 and 100"),
        ({"mode": "doted"}, "mode: `doted` is none of dotted, paper-clock, last-writer"),
        ({"engine": "tape"}, "engine: `tape` is none of memory, log"),
        ({"clock_limit": 3}, "needs mode: paper-clock"),
        ({"mode": "paper-clock", "clock_limit": -1}, "clock_limit: -1 must be 0 or between 1 and 10_000"),
        ({"tokens": 0}, "tokens: 0 must be between 1 and 4_096"),
        ({"anti_entropy_s": -1.0}, "anti_entropy_s"),
        ({"anti_entropy_s": math.nan}, "anti_entropy_s"),
        ({"quorum": 2}, "unknown field `quorum`"),
        ({"n": "3"}, "n: expected int, got '3'"),
        ({"n": True}, "n: expected int, got True"),
        ({"sloppy": 1}, "sloppy: expected bool, got 1"),
        ({"anti_entropy_s": "1s"}, "anti_entropy_s: expected float"),
    ],
)
def test_what_cannot_work_is_refused_by_name(options, says):
    with pytest.raises(ConfigError) as refused:
        NodeConfig.of(options)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


TIMERS = (
    "replica_timeout_s",
    "request_timeout_s",
    "probe_period_s",
    "hint_backoff_min_s",
    "hint_backoff_max_s",
)


@pytest.mark.parametrize("timer", TIMERS)
@pytest.mark.parametrize("value", [0, -0.1, 1e-10, math.inf, math.nan])
def test_a_timer_that_never_ends_or_never_begins_is_refused(timer, value):
    """A wait of nothing would ask again and again at one instant, for ever."""
    with pytest.raises(ConfigError, match=timer):
        NodeConfig.of({timer: value})


NUMBERS = [
    option.name
    for option in fields(NodeConfig)
    if type(option.default) in (int, float) and option.name not in ("r", "w", "strategy")
]


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_has_a_range_that_its_refusal_names(name):
    """A number that nobody means spins, overflows or waits for ever once it is used."""
    whole = isinstance(NodeConfig.__dataclass_fields__[name].default, int)
    low, high = NodeConfig.__dataclass_fields__[name].metadata["between"]
    for value in [-1, 10**400, 10**5000] + ([] if whole else [-0.5, 1e300, math.inf, -math.inf, math.nan]):
        with pytest.raises(ConfigError, match=rf"{name}: .* must be .*between") as refused:
            NodeConfig.of({name: value})
        assert len(str(refused.value)) < 200
    for value in (low - 0.0001, high * 1.0001) if not whole else (low - 1 or -1, high + 1):
        with pytest.raises(ConfigError, match=f"{name}: "):
            NodeConfig.of({name: value})


def test_strategy_3_needs_a_partition_for_each_copy():
    """Two partitions have two owners: three distinct nodes for a key are not among them."""
    with pytest.raises(ConfigError, match=r"partitions: under strategy 3 .* at least 3"):
        NodeConfig(strategy=3, partitions=2)
    assert NodeConfig(strategy=3, partitions=3).partitions == 3
    assert NodeConfig(strategy=2, partitions=1).partitions == 1, "there, owners are found among the tokens"


def test_a_backoff_that_shrinks_is_refused():
    with pytest.raises(ConfigError, match="hint_backoff_max_s"):
        NodeConfig(hint_backoff_min_s=0.5, hint_backoff_max_s=0.4)


def test_whole_seconds_are_seconds():
    assert NodeConfig.of({"anti_entropy_s": 2}).anti_entropy_s == 2


def test_the_settle_bound_covers_all_that_a_healed_cluster_may_wait_for():
    """promises.md, settled: back-off, probe, two rounds of exchange, a round trip with a durable write."""
    config = NodeConfig()
    least = config.hint_backoff_max_s + config.probe_period_s + 2 * config.anti_entropy_s
    assert config.settle_bound_s > least + 2 * config.replica_timeout_s
    assert NodeConfig(hint_backoff_max_s=5.0).settle_bound_s > config.settle_bound_s


def test_every_option_says_what_it_means():
    assert list(OPTIONS) == ["pattern", *NodeConfig.__dataclass_fields__]
    assert "default 3" in OPTIONS["n"]
