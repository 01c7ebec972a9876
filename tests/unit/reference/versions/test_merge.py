"""What every mode promises of `merge`: replicas that know the same hold the same, whatever the order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.versions.last_writer import LastWriter, StampedState
from tests.unit.reference.versions.states import MODES, play, steps

every_mode = pytest.mark.parametrize("mode", MODES)
choice = st.integers(0, 1000)


@every_mode
@settings(max_examples=60, deadline=None)
@given(history=steps, a=choice, b=choice, c=choice)
def test_commutative_associative_and_idempotent(mode, history, a, b, c):
    versions = MODES[mode]
    states = play(versions, history)
    one, two, three = (states[index % len(states)] for index in (a, b, c))
    merge = versions.merge
    assert merge(one, one) == one
    assert merge(one, two) == merge(two, one)
    assert merge(merge(one, two), three) == merge(one, merge(two, three))


@every_mode
@settings(max_examples=40, deadline=None)
@given(history=steps, order=st.permutations(range(3)))
def test_values_and_digests_do_not_tell_the_order_of_arrival(mode, history, order):
    """M1, B33: a digest over arrival order would make equal replicas repair each other for ever."""
    versions = MODES[mode]
    last = play(versions, history)[-3:]
    forward = backward = versions.empty
    for index in order:
        forward = versions.merge(forward, last[index])
    for index in reversed(order):
        backward = versions.merge(last[index], backward)
    assert forward.digest() == backward.digest()
    assert forward.values() == backward.values()


@every_mode
@settings(max_examples=40, deadline=None)
@given(history=steps, a=choice, b=choice)
def test_different_states_have_different_digests(mode, history, a, b):
    states = play(MODES[mode], history)
    one, two = states[a % len(states)], states[b % len(states)]
    assert (one == two) == (one.digest() == two.digest())


@every_mode
@settings(max_examples=40, deadline=None)
@given(history=steps, a=choice)
def test_no_news_is_the_very_same_state(mode, history, a):
    """What the replica relies on to see, without comparing, that a merge brought nothing."""
    versions = MODES[mode]
    states = play(versions, history)
    one = states[a % len(states)]
    assert versions.merge(one, versions.empty) is one
    assert versions.merge(versions.empty, one) == one
    joined = versions.merge(one, states[-1])
    assert versions.merge(joined, one) is joined


def test_a_stamp_that_a_delete_and_an_empty_value_share_falls_one_way():
    """B30 (kin): a tie that keeps the local side never converges."""
    merge = LastWriter().merge
    deleted, empty = StampedState((1, "n1", "n1@1"), None), StampedState((1, "n1", "n1@1"), b"")
    assert merge(deleted, empty) == merge(empty, deleted)
