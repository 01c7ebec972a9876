"""L1, P2, P3, P4, Q8: three strategies, capacity, data centres; how much moves when a node comes or goes."""

import statistics

import pytest

from reference.config import ConfigError, NodeConfig
from reference.membership import GONE, JOINING, LEAVING, UP, Change, Member, View
from reference.placement import place

STRATEGIES = (1, 2, 3)
KEYS = [f"key{number}" for number in range(3000)]


def view_of(count: int, tokens: int = 0, centers: int = 1) -> View:
    return View.initial(
        [Member(f"n{number}", UP, tokens, f"dc{number % centers}", "") for number in range(count)]
    )


def loads(ring, n=3):
    """How many keys each node holds as a primary."""
    held = dict.fromkeys(ring.nodes, 0)
    for key in KEYS:
        for owner in ring.preference_list(key)[:n]:
            held[owner] += 1
    return held


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_key_has_n_distinct_primaries_and_everybody_behind_them(strategy):
    """P3; L1's pitfall: S does not divide Q, and the wrap repeats a node."""
    ring = place(view_of(7), NodeConfig(strategy=strategy, partitions=32))
    for key in KEYS[:300]:
        owners = ring.preference_list(key)
        assert len(set(owners)) == len(owners) == 7
    assert all(len(set(owners)) == 3 for owners in ring.ranges(3))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_capacity_is_a_number_of_tokens(strategy):
    """Q8: twice the tokens, about twice the load."""
    members = [Member(f"n{number}", UP, 64 if number == 0 else 32, "", "") for number in range(9)]
    held = loads(place(View.initial(members), NodeConfig(strategy=strategy, partitions=960)))
    others = statistics.mean(count for node, count in held.items() if node != "n0")
    assert 1.4 < held["n0"] / others < 2.6


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_preference_list_is_spread_over_data_centres(strategy):
    """P4's pitfall: N copies in one data centre although there are two."""
    view = view_of(8, centers=2)
    ring = place(view, NodeConfig(strategy=strategy, partitions=64))
    for key in KEYS[:300]:
        centers = [view.members[owner].center for owner in ring.preference_list(key)[:3]]
        assert sorted(map(centers.count, ("dc0", "dc1"))) == [1, 2]
    three = view_of(9, centers=3)
    ring = place(three, NodeConfig(strategy=strategy, partitions=64))
    for key in KEYS[:300]:
        assert len({three.members[owner].center for owner in ring.preference_list(key)[:3]}) == 3


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_joiner_takes_keys_from_many_and_moves_no_others(strategy):
    """P2's pitfall: all load of one node goes to one peer."""
    config = NodeConfig(strategy=strategy, partitions=256, tokens=32)
    view = view_of(8)
    joining = view.with_changes([view.decide("n0", JOINING, "n9")])
    before = place(joining, config)
    assert before.id == place(view, config).id  # a joining node owns nothing yet
    assert "n9" in place(joining, config, joining_too=True).nodes
    after = place(joining.with_changes([joining.decide("n9", UP, "n9")]), config)
    donors = {}
    for key in KEYS:
        old, new = before.preference_list(key)[:3], after.preference_list(key)[:3]
        if "n9" not in new:
            assert set(old) == set(new)
        for owner in set(old) - set(new):
            donors[owner] = donors.get(owner, 0) + 1
    assert len(donors) >= 6
    assert max(donors.values()) < sum(donors.values()) / 2


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_node_is_followed_by_many(strategy):
    """P2's pitfall: consecutive tokens put all fallback load on one peer."""
    ring = place(view_of(8), NodeConfig(strategy=strategy, partitions=256, tokens=32))
    followers = {}
    for owners in ring.ranges(2):
        followers.setdefault(owners[0], {})[owners[1]] = None
    assert all(len(others) >= 5 for others in followers.values())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_who_leaves_gives_its_keys_to_many(strategy):
    config = NodeConfig(strategy=strategy, partitions=256, tokens=32)
    view = view_of(8)
    left = view.with_changes([view.decide("n0", LEAVING, "n3")])
    held = loads(place(left, config))
    assert "n3" not in held
    gained = {node: held[node] - count for node, count in loads(place(view, config)).items() if node != "n3"}
    assert sum(1 for count in gained.values() if count > 0) >= 5


def test_under_strategy_3_a_return_restores_equal_shares():
    config = NodeConfig(strategy=3, partitions=120)
    view = view_of(6)
    for status in (LEAVING, GONE, JOINING, UP):
        view = view.with_changes([view.decide("n0", status, "n5")])
    ring = place(view, config)
    shares = [sum(1 for owners in ring.ranges(1) if owners == (node,)) for node in ring.nodes]
    assert shares == [20] * 6


def test_strategy_3_balances_best_and_2_worst():
    """Figure 8's order (efficiency = mean load / largest load) at 30 nodes, N = 3, three rings each."""

    def efficiency(strategy, **config):
        found = []
        for salt in range(3):
            members = [Member(f"{salt}-n{number}", UP, 0, "", "") for number in range(30)]
            held = loads(place(View.initial(members), NodeConfig(strategy=strategy, **config)))
            found.append(statistics.mean(held.values()) / max(held.values()))
        return statistics.mean(found)

    first, second = efficiency(1, tokens=100), efficiency(2, tokens=20, partitions=1500)
    assert second < first < efficiency(3, partitions=1500)


def test_a_strategy_that_does_not_exist_is_refused():
    with pytest.raises(ConfigError, match="strategy: 4 is none of 1, 2, 3"):
        NodeConfig(strategy=4)


def test_under_strategy_3_a_giant_takes_nobodys_last_partition():
    """Else a key would have fewer than N distinct owners."""
    config = NodeConfig(strategy=3, partitions=4)
    view = view_of(3)
    for status in (JOINING, UP):
        view = view.with_changes([view.decide("n0", status, "giant", tokens=4096)])
    assert all(len(owners) == 3 for owners in place(view, config).ranges(3))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_when_everybody_was_let_go_somebody_is_asked_all_the_same(strategy):
    """Two operators, each at a node that is left: neither decision knew the other."""
    view = view_of(2)
    view = view.with_changes([view.decide("n0", GONE, "n1"), view.decide("n1", GONE, "n0")])
    ring = place(view, NodeConfig(n=1, r=1, w=1, strategy=strategy))
    assert set(ring.nodes) == {"n0", "n1"}


def test_the_history_of_changes_does_not_grow_beyond_what_can_be_written():
    last = Change(2**63 - 1, "n0", JOINING, "n9")
    view = view_of(2).with_changes([last])
    with pytest.raises(ValueError, match="no change can come after the last one"):
        view.decide("n0", UP, "n9")
