"""Bugs of clocks, versions and actors (B01 to B08, B30, B33)."""

import hashlib
from contextlib import ExitStack, contextmanager

from reference.coordinator import Coordinator
from reference.replica import Replica
from reference.versions.dotted import Dotted, DottedState
from reference.versions.last_writer import LastWriter
from reference.versions.siblings import Event
from tests.planted.bug import Bug, around, lane, patched

FAST_WIPES = lane("wipe", quiet_s=(0.1, 0.5), hold_s=(0.05, 0.3), max_nodes=1)


def common_entries_only():
    """`descends` where a clock has no entry for an actor: the actor is left out, not counted as 0."""

    def merge(self, left, right):
        def unseen(dot, by):
            return not by or (dot[0] in by and dot[1] > by[dot[0]])

        versions = {
            dot: value
            for state, other in ((left, right), (right, left))
            for dot, value in state.versions.items()
            if dot in other.versions or unseen(dot, other.vector)
        }
        actors = sorted({*left.vector, *right.vector})
        vector = {a: max(left.vector.get(a, 0), right.vector.get(a, 0)) for a in actors}
        merged = DottedState(vector, versions)
        return left if merged == left else right if merged == right else merged

    return patched(Dotted, "merge", merge)


def less_for_at_most():
    """A put does not cover the version whose counter is equal to its context's."""

    def write(original, self, state, value, clock, event):
        return original(self, state, value, {a: c - 1 for a, c in (clock or {}).items()}, event)

    return around(Dotted, "write", write)


def stale_put_keeps_all():
    """A context that is not the whole clock replaces nothing."""

    def write(original, self, state, value, clock, event):
        stale = clock is not None and any(clock.get(a, 0) < c for a, c in state.vector.items())
        return original(self, state, value, None if stale and value is not None else clock, event)

    return around(Dotted, "write", write)


def one_actor_for_ever():
    """The node's name is its actor, whatever its disk has lost; fallbacks' single puts stay fresh."""

    def begin(original, self, runtime, *parts):
        original(self, runtime, *parts)
        self._actor = f"{runtime.name}@always"

    return around(Coordinator, "__init__", begin)


def epoch_of_whole_seconds():
    """Two incarnations that begin within one second share their actor."""

    def begin(original, self, runtime, *parts):
        original(self, runtime, *parts)
        self._actor = f"{runtime.name}@{runtime.wall() // 1_000_000_000}"

    return around(Coordinator, "__init__", begin)


def epoch_drawn_only_when_coordinating():
    """A replicated put after the amnesia brings the key back, and with it the old actor's entry."""

    def coordinate(original, self, key, value, clock, event, *rest):
        known = key in self.copies or key in self._newest
        event = event._replace(actor=f"{event.node}@always") if known else event
        return original(self, key, value, clock, event, *rest)

    return around(Replica, "coordinate", coordinate)


def fallbacks_extend_their_own_entry():
    """A fallback counts on in the actor of its incarnation, though it does not hold the key's state."""

    def fresh(original, self):
        return self._actor if hasattr(self, "_actor") else original(self)

    return around(Coordinator, "_fresh_actor", fresh)


@contextmanager
def equal_stamps_keep_the_local_value():
    def merge(self, left, right):
        if right.stamp is None or (left.stamp is not None and right.stamp[0] <= left.stamp[0]):
            return left
        return right

    def coarse(original, self, actor):
        event = original(self, actor)
        return Event(event.actor, event.node, event.wall // 10_000_000 * 10_000_000)

    with ExitStack() as stack:
        stack.enter_context(patched(LastWriter, "merge", merge))
        stack.enter_context(around(Coordinator, "_event", coarse))
        yield


def digest_in_order_of_arrival():
    """Equal siblings that came in another order have another hash."""

    def digest(self):
        shown = repr((list(self.vector.items()), list(self.versions.items())))
        return hashlib.blake2b(shown.encode(), digest_size=16).digest()

    return patched(DottedState, "digest", digest)


BUGS = (
    Bug(
        "B01",
        "descends compares common entries only",
        "GoVector#60 (kin)",
        "two coordinators, concurrent puts",
        ("lost-write",),
        common_entries_only,
    ),
    Bug("B02", "< for <=", "voldemort#21 (kin)", "sequential puts", ("false-sibling",), less_for_at_most),
    Bug(
        "B03",
        "one clock per value, no dots (the mode paper-clock)",
        "DVV README",
        "two stale contexts through one coordinator",
        ("lost-write", "zombie", "resurrection"),
        ExitStack,
        config={"mode": "paper-clock"},
        clean={"mode": "dotted"},
        promise="mvr-sloppy",
    ),
    Bug(
        "B04",
        "a stale put keeps all siblings",
        "riak_kv PR 746",
        "interleaved read-modify-writes",
        ("false-sibling",),
        stale_put_keeps_all,
    ),
    Bug(
        "B05",
        "the actor is kept after a wipe",
        "riak_kv#679",
        "kill, wipe, write before repair",
        ("lost-write",),
        one_actor_for_ever,
        lanes=(FAST_WIPES,),
    ),
    Bug(
        "B07",
        "the epoch is whole seconds",
        "riak_kv PR 1027",
        "two restarts within one second, with loss",
        ("lost-write",),
        epoch_of_whole_seconds,
        lanes=(lane("wipe", quiet_s=(0.02, 0.2), hold_s=(0.02, 0.05), max_nodes=1),),
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "B08",
        "the epoch is drawn only when coordinating",
        "riak_kv PR 1643",
        "wipe, a replicated put, then coordinate",
        ("lost-write",),
        epoch_drawn_only_when_coordinating,
        lanes=(FAST_WIPES, lane("link", "loss", "reorder", max_ratio=0.6)),
    ),
    Bug(
        "V2a",
        "a fallback extends an entry of its own",
        "rule V2",
        "owners unreachable, several puts at one fallback",
        ("lost-write",),
        fallbacks_extend_their_own_entry,
        lanes=(lane("partition", "preference-list", "halves"),),
    ),
    Bug(
        "B30",
        "equal timestamps keep the local value",
        "nessie#6332 (kin)",
        "writes within one tick",
        ("convergence",),
        equal_stamps_keep_the_local_value,
        config={"mode": "last-writer"},
        workload={"keys": 1, "rate_per_s": 100.0},
    ),
    Bug(
        "B33",
        "digests over siblings in the order of their arrival",
        "riak_kv#1189",
        "concurrent writes, then idle",
        ("quiescence",),
        digest_in_order_of_arrival,
    ),
)
