"""G1: changes are a history that everybody orders alike, whatever the clocks and the order of arrival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.membership import GONE, JOINING, LEAVING, UP, Change, Member, View

FIVE = View.initial([Member(f"n{number}", UP, 4, "", "") for number in range(1, 6)])

changes = st.lists(
    st.builds(
        Change,
        epoch=st.integers(1, 6),
        author=st.sampled_from(["n1", "n2", "n3"]),
        status=st.sampled_from([JOINING, UP, LEAVING, GONE]),
        node=st.sampled_from(["n4", "n5", "n6"]),
        tokens=st.integers(0, 3),
    ),
    max_size=12,
)


@given(changes, st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(history, random):
    """G1's pitfall: the last to arrive, or the latest clock, wins."""
    shuffled = list(history)
    random.shuffle(shuffled)
    one_by_one = FIVE
    for change in shuffled:
        one_by_one = one_by_one.with_changes([change])
    at_once = FIVE.with_changes(history)
    assert one_by_one.id == at_once.id
    assert one_by_one.members == at_once.members


@given(changes, changes)
def test_merging_is_idempotent_and_commutative(left, right):
    both = FIVE.with_changes(left).with_changes(right)
    assert both.id == FIVE.with_changes(right).with_changes(left).id
    assert both.with_changes(left) is both


def test_a_life_from_joining_to_gone_and_back():
    view = FIVE
    for status in (JOINING, UP, LEAVING, GONE, JOINING, UP):
        view = view.with_changes([view.decide("n1", status, "n6", tokens=8)])
        assert view.members["n6"].status == status
        assert view.members["n6"].tokens == 8
    assert [change.epoch for change in view.changes if change.epoch] == [1, 2, 3, 4, 5, 6]


def test_a_node_that_is_down_is_still_a_member():
    """G1: only an operator's decision removes; there is no change called down."""
    assert [member.name for member in FIVE.having(UP)] == ["n1", "n2", "n3", "n4", "n5"]
    with pytest.raises(ValueError, match="n1 is up: it cannot become joining"):
        FIVE.decide("n2", JOINING, "n1")


def test_two_decisions_that_did_not_know_each_other_end_alike_everywhere():
    """One epoch, two authors: by name. Here a join and a leave of one node; the later one has no effect."""
    first = FIVE.decide("n1", JOINING, "n6")
    view = FIVE.with_changes([first])
    up, gone = view.decide("n1", UP, "n6"), view.decide("n2", GONE, "n6")
    assert up.epoch == gone.epoch == 2
    assert view.with_changes([gone, up]).members["n6"].status == GONE
    assert view.with_changes([up, gone]).id == view.with_changes([gone, up]).id
