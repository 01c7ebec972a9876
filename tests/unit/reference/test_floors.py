"""D1, V2: what may leave a clock, and what meets the floor that is left in its place. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from reference.floors import Floor, Floors, floor_of, retirable, without
from reference.versions.dotted import Dotted, DottedState
from reference.versions.siblings import Event

DOTTED = Dotted()
ACTORS = ("a", "b", "c", "d")


@st.composite
def histories(draw: st.DrawFn) -> list[DottedState]:
    """One replica's states, each above the one before: puts and deletes with contexts old and new."""
    states = [DOTTED.empty]
    for number in range(draw(st.integers(1, 8))):
        read = draw(st.sampled_from([None, *states]))
        value = None if read is not None and draw(st.booleans()) else b"%d" % number
        actor = draw(st.sampled_from(ACTORS))
        states.append(DOTTED.write(states[-1], value, read.vector if read else None, Event(actor, actor, 0)))
    return states


def test_an_actor_with_a_living_version_stays():
    state = DottedState({"a": 3, "b": 1}, {("b", 1): b"v"})
    assert retirable(state) == ["a"]
    assert without(state, ["a", "b"]) == DottedState({"b": 1}, {("b", 1): b"v"})


def test_a_state_without_an_entry_is_nothing():
    assert without(DottedState({"a": 3}, {}), ["a"]) is None


def test_what_was_dead_is_dropped_and_the_clock_knows_of_it_again():
    """Late copies: without the floor, a clock that has forgotten `a` would take its dead version for new."""
    whole = DottedState({"a": 3, "b": 1}, {("b", 1): b"v"})
    cut = without(whole, ["a"])
    late = DottedState({"a": 2}, {("a", 2): b"dead"})
    assert DOTTED.merge(cut, late).values() == [b"dead", b"v"]
    floors = Floors(10)
    floors.add("k", floor_of(whole), 0)
    assert DOTTED.merge(cut, floors.above("k", late)) == whole


def test_what_was_alive_and_what_is_new_passes():
    whole = DottedState({"a": 3, "b": 1}, {("b", 1): b"v"})
    floors = Floors(10)
    floors.add("k", floor_of(whole), 0)
    for state in (
        whole,
        DottedState({"b": 2}, {("b", 2): b"new"}),
        DottedState({"c": 1}, {("c", 1): b"new"}),
    ):
        assert floors.above("k", state) is state
    late = DottedState({"a": 2}, {("a", 2): b"dead"})
    assert floors.above("another key", late) is late


def test_floors_are_kept_for_their_time():
    floors = Floors(10)
    floors.add("k", Floor((("a", 3),), ()), 0)
    floors.add("k", Floor((("b", 3),), ()), 5)
    assert floors.expire(9) == []
    assert floors.expire(12) == []
    late = DottedState({"a": 2}, {("a", 2): b"x"})
    assert floors.above("k", late) is late, "the first one is gone"
    assert floors.above("k", DottedState({"b": 2}, {("b", 2): b"x"})).values() == []
    assert floors.expire(15) == ["k"]
    assert not floors


@given(histories(), st.data())
def test_above_its_floor_a_cut_state_takes_any_old_copy_and_stays_what_it_was(states, data):
    """No version alive is lost, no dead one comes back, new writes are seen: as if nothing had been cut."""
    whole = states[-1]
    leaving = data.draw(st.lists(st.sampled_from(retirable(whole)), unique=True)) if retirable(whole) else []
    cut = without(whole, leaving) or DOTTED.empty
    floors = Floors(10)
    floors.add("k", floor_of(whole), 0)
    old = data.draw(st.sampled_from(states))
    assert DOTTED.merge(cut, floors.above("k", old)).versions == whole.versions
    fresh = Event("fresh", "fresh", 0)
    read = data.draw(st.sampled_from([None, *states]))
    clock = read.vector if read else None
    after_cut, after_whole = (DOTTED.write(state, b"new", clock, fresh) for state in (cut, whole))
    assert after_cut.versions == after_whole.versions
    assert DOTTED.merge(after_cut, floors.above("k", old)).versions == after_whole.versions


@given(histories(), st.data())
def test_a_cut_and_a_whole_copy_agree_again_when_they_meet(states, data):
    """Anti-entropy between owners of whom one was not told: entries come back, nothing else."""
    whole = states[-1]
    leaving = data.draw(st.lists(st.sampled_from(retirable(whole)), unique=True)) if retirable(whole) else []
    cut = without(whole, leaving) or DOTTED.empty
    assert DOTTED.merge(cut, whole) == DOTTED.merge(whole, cut) == whole
