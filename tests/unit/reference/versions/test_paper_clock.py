"""The mode `paper-clock`: section 4.4 as written, with what it cannot do."""

from reference.versions.paper_clock import PaperClock
from reference.versions.siblings import Event

PAPER = PaperClock()


def event(node: str, wall: int = 0) -> Event:
    return Event(f"{node}@epoch", node, wall)


def clocks(state) -> list[dict[str, int]]:
    return [{node: counter for node, counter, _ in clock} for clock, _ in state.versions]


def test_a_put_moves_its_coordinators_counter_past_all_that_it_knows():
    """V1: node names are the actors, epochs play no part (the paper has none)."""
    first = PAPER.write(PAPER.empty, b"1", None, event("Sx"))
    second = PAPER.write(first, b"2", first.clock(), event("Sx"))
    assert clocks(second) == [{"Sx": 2}]
    assert second.values() == [b"2"]


def test_a_clock_that_misses_an_entry_does_not_descend():
    """V1's pitfall (B01): comparing only the entries that both clocks have."""
    base = PAPER.write(PAPER.empty, b"base", None, event("Sx"))
    left = PAPER.write(base, b"left", base.clock(), event("Sy"))
    right = PAPER.write(base, b"right", base.clock(), event("Sz"))
    assert clocks(PAPER.merge(left, right)) == [{"Sx": 1, "Sy": 1}, {"Sx": 1, "Sz": 1}]


def test_an_equal_counter_is_enough_to_descend():
    """V1's pitfall (B02): with < for <=, a sequential put would leave its parent as a sibling."""
    base = PAPER.write(PAPER.empty, b"old", None, event("Sx"))
    new = PAPER.write(base, b"new", base.clock(), event("Sy"))
    assert PAPER.merge(base, new).values() == [b"new"]


def test_equal_clocks_with_different_values_stay():
    """V1: two nodes that lost their memory may make one clock twice; neither value may vanish silently."""
    one = PAPER.write(PAPER.empty, b"one", None, event("Sx"))
    two = PAPER.write(PAPER.empty, b"two", None, event("Sx"))
    assert PAPER.merge(one, two).values() == PAPER.merge(two, one).values() == [b"one", b"two"]


def test_two_stale_contexts_through_one_coordinator_lose_one():
    """V2, V3 (B03): the second clock descends from the first, which no client ever saw."""
    base = PAPER.write(PAPER.empty, b"base", None, event("Sx"))
    first = PAPER.write(base, b"first", base.clock(), event("Sx"))
    second = PAPER.write(first, b"second", base.clock(), event("Sx"))
    assert second.values() == [b"second"]


def test_two_blind_puts_lose_the_first():
    """V3's other side: one clock per value with server ids errs by forgetting."""
    first = PAPER.write(PAPER.empty, b"first", None, event("Sx"))
    assert PAPER.write(first, b"second", None, event("Sx")).values() == [b"second"]


def test_truncation_drops_the_entry_written_longest_ago():
    """V4: (node, counter, timestamp), oldest first; ties fall by name, so that all replicas agree."""
    state = PaperClock(2).write(PAPER.empty, b"1", None, event("Sx", wall=1))
    for wall, node in ((2, "Sy"), (3, "Sz")):
        state = PaperClock(2).write(state, b"%d" % wall, state.clock(), event(node, wall))
    assert clocks(state)[-1] == {"Sy": 1, "Sz": 1}
    tie = PaperClock(1).write(PAPER.empty, b"1", (("Sa", 1, 7),), event("Sb", wall=7))
    assert clocks(tie) == [{"Sb": 1}]


def test_truncation_makes_a_false_sibling():
    """V4's pitfall, as the paper foresees it: the parent's clock is no longer among the child's ancestors."""
    limited = PaperClock(2)
    parent = limited.write(PAPER.empty, b"1", None, event("Sx", wall=1))
    parent = limited.write(parent, b"parent", parent.clock(), event("Sy", wall=2))
    child = limited.write(parent, b"child", parent.clock(), event("Sz", wall=3))
    assert sorted(child.values()) == [b"child", b"parent"]
    assert PAPER.write(parent, b"child", parent.clock(), event("Sz", wall=3)).values() == [b"child"]


def test_a_coordinator_that_forgot_what_it_counted_loses_the_later_put():
    """Why `unreplaced` asks for a covering context where nodes may count anew (docs/promises.md).

    A fallback builds on nothing, a wiped node on nothing left: its blind put is older, to any clock, than one
    that had ended before it began. With the earlier put's context it is not.
    """
    first = PAPER.write(PAPER.empty, b"1", None, event("Sx"))
    second = PAPER.write(first, b"2", first.clock(), event("Sx"))
    blind = PAPER.write(PAPER.empty, b"3", None, event("Sx"))
    assert PAPER.merge(second, blind).values() == [b"2"]
    covering = PAPER.write(PAPER.empty, b"3", second.clock(), event("Sx"))
    assert PAPER.merge(second, covering).values() == [b"3"]


def test_merging_never_truncates():
    """V4's pitfall (B35's kin): pruning in read repair would make replicas repair each other for ever."""
    long = PAPER.empty
    for wall in range(4):
        long = PAPER.write(long, b"%d" % wall, long.clock(), event(f"S{wall}", wall))
    assert PaperClock(2).merge(PAPER.empty, long) == long


def test_a_tombstone_is_a_version_that_shows_no_value():
    """D1: a put of a tombstone; a concurrent put survives it."""
    base = PAPER.write(PAPER.empty, b"base", None, event("Sx"))
    deleted = PAPER.write(base, None, base.clock(), event("Sx"))
    kept = PAPER.write(base, b"kept", base.clock(), event("Sy"))
    assert deleted.values() == []
    assert len(deleted.versions) == 1
    assert PAPER.merge(deleted, kept).values() == [b"kept"]
