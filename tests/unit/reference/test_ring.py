"""Partitioning and placement: A2, P1, P2, P3, and bug B40's two halves."""

import hashlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.ring import POSITIONS, Ring, position

NODES = ["n1", "n2", "n3", "n4", "n5"]


def test_a_key_sits_at_its_md5():
    """A2: 128 bits of MD5 over the key's bytes, text as UTF-8."""
    assert position("k") == int(hashlib.md5(b"k").hexdigest(), 16)
    assert position("ключ") == position("ключ".encode())
    assert 0 <= position("anything") < POSITIONS


def test_the_ring_is_the_same_in_every_process():
    """A2's pitfall: Python's own hash() differs between processes."""
    program = "from reference.ring import Ring; print(Ring.of(['n1','n2','n3'], 4).preference_list('k'))"
    lists = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(lists) == 1


def ring_around(key: str, *offsets_and_nodes: tuple[int, str]) -> Ring:
    """A ring whose tokens lie at these distances from the key's own position."""
    return Ring(((position(key) + offset) % POSITIONS, node) for offset, node in offsets_and_nodes)


def test_a_key_belongs_to_the_first_token_clockwise():
    """P1."""
    ring = ring_around("k", (-1, "behind"), (+1, "next"), (+2, "after"))
    assert ring.preference_list("k") == ("next", "after", "behind")


def test_an_equal_token_owns_the_key():
    """P1's pitfall: off by one where key and token meet."""
    ring = ring_around("k", (0, "here"), (+1, "next"))
    assert ring.preference_list("k") == ("here", "next")


def test_behind_the_last_token_the_ring_begins_again():
    """P1's pitfall (B40): keys at the tail."""
    place = position("k")
    ring = Ring([(place - 2, "first"), (place - 1, "second")])
    assert ring.preference_list("k") == ("first", "second")
    assert ring.range_of("k") == 0


def test_preference_lists_hold_distinct_physical_nodes():
    """P3's pitfall (B40): counting tokens as nodes. A node's neighbouring tokens are one disk."""
    ring = ring_around("k", (1, "a"), (2, "a"), (3, "b"), (4, "a"), (5, "c"))
    assert ring.preference_list("k") == ("a", "b", "c")


@settings(max_examples=60, deadline=None)
@given(key=st.text(), tokens=st.integers(1, 8), nodes=st.integers(1, 7))
def test_every_node_is_on_every_list_once(key, tokens, nodes):
    """P3: N primaries and then the fallbacks; a ring smaller than N repeats nobody."""
    names = [f"n{number}" for number in range(nodes)]
    assert sorted(Ring.of(names, tokens).preference_list(key)) == sorted(names)


@settings(max_examples=30, deadline=None)
@given(order=st.permutations(NODES), key=st.text(max_size=5))
def test_all_nodes_compute_one_list_whatever_order_they_learnt_of_each_other(order, key):
    """P3: same on any node with the same ring."""
    assert Ring.of(order, 4).preference_list(key) == Ring.of(NODES, 4).preference_list(key)


def test_ranges_are_what_keys_fall_into():
    ring = Ring.of(NODES, 4)
    ranges = ring.ranges(3)
    assert len(ranges) == 20
    for number in range(200):
        key = f"k{number}"
        assert ranges[ring.range_of(key)] == ring.preference_list(key)[:3]


def test_load_is_balanced_with_enough_tokens():
    """P2: with 128 tokens a node no node has twice its share."""
    ring = Ring.of(NODES, 128)
    firsts = [ring.preference_list(f"key {number}")[0] for number in range(5000)]
    assert max(firsts.count(node) for node in NODES) < 1.5 * 1000
    assert min(firsts.count(node) for node in NODES) > 0.5 * 1000


def test_a_lost_nodes_keys_spread_over_all_others():
    """P2's pitfall: consecutive tokens put the whole load of a lost node on one peer."""
    ring = Ring.of(NODES, 128)
    lists = [ring.preference_list(f"key {number}") for number in range(5000)]
    heirs = [chain[1] for chain in lists if chain[0] == "n1"]
    assert sorted(set(heirs)) == NODES[1:]
    assert max(heirs.count(node) for node in NODES[1:]) < 0.5 * len(heirs)


@pytest.mark.parametrize("tokens", [[], [(1, "a"), (1, "b")]])
def test_a_ring_needs_tokens_and_every_token_its_own_place(tokens):
    with pytest.raises(ValueError, match="at least one token"):
        Ring(tokens)
