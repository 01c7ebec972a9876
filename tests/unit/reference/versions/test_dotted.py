"""The mode `dotted` against the plainest model of causality there is: sets of events."""

from dataclasses import dataclass, field

from hypothesis import given, settings

from reference.versions.dotted import Dotted
from reference.versions.siblings import Event
from tests.unit.reference.versions.states import REPLICAS, steps

DOTTED = Dotted()


def event(actor: str) -> Event:
    return Event(f"{actor}@1", actor, 0)


@dataclass
class Known:
    """The oracle's replica: every write it has heard of, and those that are still alive."""

    seen: frozenset[int] = frozenset()
    alive: dict[int, bytes] = field(default_factory=dict)

    def write(self, number: int, value: bytes | None, covered: frozenset[int]) -> "Known":
        alive = {one: held for one, held in self.alive.items() if one not in covered}
        if value is None:
            return Known(self.seen | covered, alive)
        return Known(self.seen | covered | {number}, alive | {number: value})

    def merge(self, other: "Known") -> "Known":
        mine = {n: v for n, v in self.alive.items() if n in other.alive or n not in other.seen}
        theirs = {n: v for n, v in other.alive.items() if n in self.alive or n not in self.seen}
        return Known(self.seen | other.seen, mine | theirs)


@settings(max_examples=200, deadline=None)
@given(history=steps)
def test_agrees_with_sets_of_events(history):
    """V1, V3: after any puts, deletes and merges with any stale contexts, exactly the oracle's siblings."""
    nodes, oracle = [DOTTED.empty] * REPLICAS, [Known()] * REPLICAS
    contexts: list[tuple[dict, frozenset[int]]] = []
    for number, step in enumerate(history):
        at, other = step.replica, step.other
        clock, covered = None, frozenset()
        if contexts and step.context is not None:
            clock, covered = contexts[step.context % len(contexts)]
        if step.kind == "read":
            contexts.append((nodes[at].clock(), oracle[at].seen))
        elif step.kind == "merge":
            nodes[at] = DOTTED.merge(nodes[at], nodes[other])
            oracle[at] = oracle[at].merge(oracle[other])
        else:
            value = f"v{number}".encode() if step.kind == "put" else None
            nodes[at] = DOTTED.write(nodes[at], value, clock, event(f"n{at}"))
            oracle[at] = oracle[at].write(number, value, covered)
        assert sorted(nodes[at].values()) == sorted(oracle[at].alive.values())


def test_a_put_replaces_exactly_what_its_context_covers():
    """V3: only the siblings that the client saw."""
    seen = DOTTED.write(DOTTED.empty, b"seen", None, event("n1"))
    both = DOTTED.write(seen, b"unseen", None, event("n1"))
    assert DOTTED.write(both, b"new", seen.clock(), event("n2")).values() == [b"unseen", b"new"]


def test_two_stale_contexts_through_one_coordinator_keep_both():
    """V3, V2: the later of two concurrent writes does not swallow the earlier (B03 does)."""
    base = DOTTED.write(DOTTED.empty, b"base", None, event("n1"))
    first = DOTTED.write(base, b"first", base.clock(), event("n1"))
    second = DOTTED.write(first, b"second", base.clock(), event("n1"))
    assert second.values() == [b"first", b"second"]


def test_interleaved_read_modify_writes_do_not_explode():
    """V3's pitfall (B04): one merged clock per object keeps a hundred siblings here."""
    state = DOTTED.empty
    contexts = {"a": {}, "b": {}}
    for turn in range(100):
        client = "ab"[turn % 2]
        state = DOTTED.write(state, b"%d" % turn, contexts[client], event("n1"))
        contexts[client] = state.clock()
        assert len(state.values()) <= 2


def test_blind_puts_are_concurrent_and_all_stay():
    """V3: a hundred blind puts are a hundred siblings; a put with the merged context collapses them (V5)."""
    state = DOTTED.empty
    for turn in range(100):
        state = DOTTED.write(state, b"%d" % turn, None, event("n1"))
    assert len(state.values()) == 100
    assert DOTTED.write(state, b"one", state.clock(), event("n2")).values() == [b"one"]


def test_equal_values_are_different_versions():
    """V5's pitfall: the server reconciles by clock, never by content."""
    twice = DOTTED.write(DOTTED.write(DOTTED.empty, b"x", None, event("n1")), b"x", None, event("n1"))
    assert twice.values() == [b"x", b"x"]


def test_a_delete_leaves_a_memory_that_no_old_copy_overrides():
    """D1: the vector is the tombstone, and it is kept; a late copy of what was deleted brings nothing."""
    put = DOTTED.write(DOTTED.empty, b"x", None, event("n1"))
    deleted = DOTTED.write(put, None, put.clock(), event("n2"))
    assert deleted.values() == []
    assert deleted.clock() == {"n1@1": 1}
    assert DOTTED.merge(deleted, put).values() == []


def test_a_delete_with_a_stale_context_spares_what_it_did_not_see():
    """D1's pitfall: a delete of too much."""
    put = DOTTED.write(DOTTED.empty, b"seen", None, event("n1"))
    more = DOTTED.write(put, b"unseen", None, event("n2"))
    assert DOTTED.write(more, None, put.clock(), event("n3")).values() == [b"unseen"]


def test_an_actor_that_forgot_would_lose_an_acknowledged_write():
    """V2's pitfall: A:1..3, disk lost, A acknowledges A:1, the replica wins.

    A fresh actor keeps the new write; that is why every incarnation of a node has one.
    """
    replica = DOTTED.empty
    for value in (b"1", b"2", b"3"):
        replica = DOTTED.write(replica, value, replica.clock(), event("n1"))
    reused = DOTTED.write(DOTTED.empty, b"new", None, event("n1"))
    assert DOTTED.merge(reused, replica).values() == [b"3"]
    fresh = DOTTED.write(DOTTED.empty, b"new", None, Event("n1@2", "n1", 0))
    assert sorted(DOTTED.merge(fresh, replica).values()) == [b"3", b"new"]


def test_states_are_never_changed_in_place():
    """V1: every put makes a new immutable version."""
    before = DOTTED.write(DOTTED.empty, b"x", None, event("n1"))
    shown, digest = repr(before), before.digest()
    DOTTED.write(before, b"y", before.clock(), event("n1"))
    DOTTED.merge(before, DOTTED.write(DOTTED.empty, b"z", {"n9@1": 4}, event("n2")))
    assert (repr(before), before.digest()) == (shown, digest)
    assert (DOTTED.empty.vector, DOTTED.empty.versions) == ({}, {})
