from random import Random

import pytest

from harness.nemeses import grudges
from harness.testbeds.testbed import Link

FIVE = ("n1", "n2", "n3", "n4", "n5")


def heard_by(node: str, blocked: list[Link], nodes: tuple[str, ...] = FIVE) -> set[str]:
    return {peer for peer in nodes if peer == node or (peer, node) not in blocked}


def groups(blocked: list[Link]) -> set[frozenset[str]]:
    return {frozenset(heard_by(node, blocked)) for node in FIVE}


@pytest.mark.parametrize("seed", range(5))
def test_halves_are_two_sides(seed: int) -> None:
    two = groups(grudges.halves(FIVE, [], Random(seed)))
    assert sorted(len(side) for side in two) == [2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_isolate_one_leaves_four_together(seed: int) -> None:
    assert sorted(len(side) for side in groups(grudges.isolate_one(FIVE, [], Random(seed)))) == [1, 4]


@pytest.mark.parametrize("nodes", [FIVE[:3], FIVE[:4], FIVE])
def test_in_a_majorities_ring_each_hears_a_majority_and_no_two_the_same(nodes: tuple[str, ...]) -> None:
    blocked = grudges.majorities_ring(nodes, [], Random(1))
    majorities = {frozenset(heard_by(node, blocked, nodes)) for node in nodes}
    assert len(majorities) == len(nodes)
    assert {len(majority) for majority in majorities} == {len(nodes) // 2 + 1}


@pytest.mark.parametrize("seed", range(5))
def test_a_bridge_is_one_node_that_hears_all(seed: int) -> None:
    blocked = grudges.bridge(FIVE, [], Random(seed))
    assert sorted(len(heard_by(node, blocked)) for node in FIVE) == [3, 3, 3, 3, 5]


@pytest.mark.parametrize("seed", range(5))
def test_one_way_blocks_no_link_in_both_directions(seed: int) -> None:
    blocked = grudges.one_way(FIVE, [], Random(seed))
    assert blocked
    assert not {(target, source) for source, target in blocked} & set(blocked)


@pytest.mark.parametrize("seed", range(5))
def test_a_preference_list_is_cut_through_its_primaries(seed: int) -> None:
    owners = ("n2", "n3", "n4")
    blocked = grudges.preference_list(FIVE, [owners], Random(seed))
    together = {frozenset(heard_by(owner, blocked)) & set(owners) for owner in owners}
    assert len(together) == 2


def test_every_shape_but_one_way_and_ring_cuts_both_directions() -> None:
    for name in ("halves", "isolate-one", "bridge", "preference-list"):
        blocked = grudges.SHAPES[name](FIVE, [FIVE[:3]], Random(2))
        assert {(target, source) for source, target in blocked} == set(blocked), name
