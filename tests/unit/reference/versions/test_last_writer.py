"""The mode `last-writer`: the larger stamp wins, and what that costs."""

from reference.versions.last_writer import LastWriter
from reference.versions.modes import versions_for
from reference.versions.siblings import Event

LWW = LastWriter()


def put(state, value, wall, node="n1"):
    return LWW.write(state, value, None, Event(f"{node}@1", node, wall))


def test_the_largest_stamp_wins_whatever_came_last():
    """U1: a slower clock's later write is dropped; the mode promises no more."""
    ahead = put(LWW.empty, b"ahead", wall=10)
    assert put(ahead, b"later, by a slow clock", wall=9, node="n2").values() == [b"ahead"]


def test_equal_times_fall_by_node_on_every_replica():
    """B30: a tie that keeps the local value leaves replicas apart."""
    one, two = put(LWW.empty, b"one", 5, "n1"), put(LWW.empty, b"two", 5, "n2")
    assert LWW.merge(one, two).values() == LWW.merge(two, one).values() == [b"two"]


def test_a_tombstone_has_a_stamp_and_stays():
    """D1: an older put that comes late revives nothing."""
    old = put(LWW.empty, b"old", 1)
    deleted = put(old, None, 2)
    assert LWW.merge(deleted, old).values() == []
    assert LWW.merge(deleted, put(LWW.empty, b"new", 3)).values() == [b"new"]


def test_contexts_order_nothing():
    seen = put(LWW.empty, b"seen", 10)
    later = LWW.write(seen, b"later", seen.clock(), Event("n2@1", "n2", 9))
    assert later.values() == [b"seen"]


def test_modes_are_found_by_name():
    """Q5: versioning is the instance's configuration."""
    names = {mode: type(versions_for(mode, 0)).__name__ for mode in ("dotted", "paper-clock", "last-writer")}
    assert names == {"dotted": "Dotted", "paper-clock": "PaperClock", "last-writer": "LastWriter"}
    assert versions_for("paper-clock", 3).clock_limit == 3
