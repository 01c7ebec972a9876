"""Sections 4.2, 4.3 and 6.2: where keys go, how evenly, and who is asked when data centres fail."""

import statistics
from itertools import pairwise

from reference.config import NodeConfig
from reference.membership import UP, Member, View
from reference.placement import place
from reference.ring import POSITIONS, position

KEYS = [f"object {number}" for number in range(3000)]
NODES = 30


def rings(strategy: int, **config: int):
    """Three rings of thirty nodes each, as in Figure 8; names make the tokens."""
    for salt in "abc":
        members = [Member(f"{salt}{number}", UP, 0, "", "") for number in range(NODES)]
        yield place(View.initial(members), NodeConfig(strategy=strategy, **config))


def efficiency(strategy: int, **config: int) -> float:
    """Figure 8's measure: the average load of a node over the largest load of any, keys being uniform."""
    found = []
    for ring in rings(strategy, **config):
        held = dict.fromkeys(ring.nodes, 0)
        sizes = [(end - start) % POSITIONS for start, end in pairwise([ring.ends[-1], *ring.ends])]
        for size, owners in zip(sizes, ring.ranges(3), strict=True):
            for owner in owners:
                held[owner] += size
        found.append(statistics.mean(held.values()) / max(held.values()))
    return statistics.mean(found)


def test_md5_yields_a_128_bit_identifier():
    """4.1: "It applies a MD5 hash on the key to generate a 128-bit identifier"."""
    assert position("cart") == position(b"cart") == 0x54013BA69C196820E56801F1EF5AAD54


def test_strategy_3_is_the_most_efficient_and_strategy_2_the_least():
    """6.2: "strategy 3 achieves the best load balancing efficiency and strategy 2 has the worst"."""
    first = efficiency(1, tokens=100)
    second = efficiency(2, tokens=20, partitions=1500)
    third = efficiency(3, partitions=1500)
    assert second < first < third
    assert 0.7 < second < 0.9 < third < 1.0


def test_strategy_3_needs_far_less_to_describe_the_ring():
    """6.2: strategy 3 "reduces the size of the membership information maintained at each node".

    At about equal balance: one owner a partition, against one position of 128 bits and an owner a token.
    """
    tokens_per_node = 500
    assert abs(efficiency(1, tokens=tokens_per_node) - efficiency(3, partitions=600)) < 0.06
    assert tokens_per_node * NODES / 600 >= 25


def test_a_preference_list_skips_positions_to_hold_distinct_nodes():
    """4.3: "skipping positions in the ring to ensure that the list contains only distinct physical nodes"."""
    for ring in rings(1, tokens=20):
        assert all(len(set(owners)) == 3 for owners in ring.ranges(3))


def test_storage_nodes_are_spread_across_data_centres():
    """4.6: "each object is replicated across multiple data centers", so that one may fail whole."""
    members = [Member(f"n{number}", UP, 0, "east" if number % 2 else "west", "") for number in range(10)]
    view = View.initial(members)
    ring = place(view, NodeConfig(tokens=20))
    for key in KEYS:
        centers = {view.members[owner].center for owner in ring.preference_list(key)[:3]}
        assert centers == {"east", "west"}
