"""What the four session guarantees ask of each read of a multi-value register: one walk over all sessions.

Three passes: along each session, what it had written, deleted and read of a key before each of its reads
and puts; for each put, what its session's past and the pasts of all that it superseded ask of whoever sees
it; then each read against both. Sets of writes are bit masks: O(n) operations on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.sessions import Session
from checkers.order.key_view import KeyView
from checkers.order.versions import Mask


class Past(NamedTuple):
    """What a session had done to one key: each a set of its writes."""

    wrote: Mask = 0
    """Its acknowledged puts."""
    deleted: Mask = 0
    """Everything below its acknowledged deletes."""
    read: Mask = 0
    """What its reads returned."""

    def __or__(self, other: object) -> Past:
        assert isinstance(other, Past)
        return Past(self.wrote | other.wrote, self.deleted | other.deleted, self.read | other.read)


NOTHING = Past()


@dataclass(frozen=True, slots=True)
class Reading:
    """One read and what it breaks: puts that it hides, and values that came back from a delete."""

    walk: Walk
    view: KeyView
    get: Op
    session: Session
    unseen_own: Mask
    """Read your writes: puts of this session."""
    back_own: Mask
    """Read your writes: returned, though a delete of this session covered it."""
    unseen_read: Mask
    """Monotonic reads: read earlier by this session."""
    unseen_before: Mask
    """Monotonic writes: written before something shown, by the same session."""
    back_before: Mask
    """Monotonic writes: returned, though deleted before something shown was written, by the same
    session."""
    unseen_followed: Mask
    """Writes follow reads: read by a session before it wrote something shown."""


class Walk:
    """All reads of a case, and the pasts of its puts."""

    def __init__(self, case: Case) -> None:
        self._keys = case.keys
        self.pasts: dict[int, Past] = {}
        """What the session of each put had done to the same key before it, by the put's id."""
        self.session_of: dict[int, Session] = {}
        """The session of each put that has such a past."""
        reads: list[tuple[Op, Session, Past]] = []
        for session in case.sessions:
            self._along(session, reads)
        reads.sort(key=lambda read: (read[0].inv, read[0].id))
        self._closed = {view.key: self._close(view) for view in case}
        self.readings = [self._judge(*read) for read in reads]

    def _along(self, session: Session, reads: list[tuple[Op, Session, Past]]) -> None:
        pasts: dict[str | None, Past] = {}
        for op in session:
            if op.key is None:
                continue
            view, past = self._keys[op.key], pasts.get(op.key, NOTHING)
            # A write that returns values too need not show its own: we do not know which came first.
            now = past
            if op.returned_values is not None:
                reads.append((op, session, past))
                now = now._replace(read=now.read | view.sight.acted(op))
            if op.f == "put":
                if past is not NOTHING:
                    self.pasts[op.id] = past
                    self.session_of[op.id] = session
                if op.type == "ok":
                    now = now._replace(wrote=now.wrote | view.order.bit(op))
            elif op.f == "delete" and op.type == "ok":
                now = now._replace(deleted=now.deleted | view.certain.below(op))
            pasts[op.key] = now

    def _close(self, view: KeyView) -> list[Past]:
        """For each write of the key, its session's past joined with those of all that it superseded."""
        order = view.certain
        found = [self.pasts.get(op.id, NOTHING) for op in order.writes]
        if not any(past is not NOTHING for past in found):
            return found
        forward = True
        while forward:  # once, unless a context saw the future
            forward = False
            for i, op in enumerate(order.writes):
                past, parents = found[i], order.parents(op)
                while parents:
                    lowest = parents & -parents
                    parent = lowest.bit_length() - 1
                    parents ^= lowest
                    if found[parent] is not NOTHING and parent != i:
                        wider = past | found[parent]
                        forward = forward or (parent > i and wider != past)
                        past = wider
                found[i] = past
        return found

    def _judge(self, get: Op, session: Session, past: Past) -> Reading:
        assert get.key is not None
        view = self._keys[get.key]
        closed, shown = self._closed[view.key], NOTHING
        rest = view.certain.mask(get.result)
        while rest:
            lowest = rest & -rest
            rest ^= lowest
            if (seen := closed[lowest.bit_length() - 1]) is not NOTHING:
                shown = shown | seen
        wanted = past.wrote | past.read | shown.wrote | shown.read
        hidden = wanted & ~view.sight.accounted(get) if wanted else 0
        deleted = past.deleted | shown.deleted
        back = deleted & view.sight.single(get) if deleted else 0
        return Reading(
            self,
            view,
            get,
            session,
            unseen_own=past.wrote & hidden,
            back_own=past.deleted & back,
            unseen_read=past.read & hidden,
            unseen_before=shown.wrote & hidden,
            back_before=shown.deleted & back,
            unseen_followed=shown.read & hidden,
        )


_WALKS: WeakKeyDictionary[Case, Walk] = WeakKeyDictionary()


def walk(case: Case) -> Walk:
    """The walk of a case, made once."""
    found = _WALKS.get(case)
    if found is None:
        found = _WALKS[case] = Walk(case)
    return found


def shown_by(reading: Reading, wanted: Mask) -> list[Op]:
    """From the nearest put among `wanted` that a read shows, up to one that it returned: each below the
    next."""
    order = reading.view.certain
    above: dict[int, Op | None] = {op.id: None for op in order.ops(order.mask(reading.get.result))}
    level = list(order.ops(order.mask(reading.get.result)))
    while level:
        for op in level:
            if order.bit(op) & wanted:
                return list(_up(op, above))
        following = []
        for op in level:
            for lower in order.ops(order.parents(op)):
                if lower.id not in above:
                    above[lower.id] = op
                    following.append(lower)
        level = following
    return []


def _up(op: Op, above: dict[int, Op | None]) -> Iterator[Op]:
    at: Op | None = op
    while at is not None:
        yield at
        at = above[at.id]
