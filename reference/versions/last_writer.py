"""Timestamp reconciliation (section 6, second pattern): the write with the largest stamp wins.

A stamp is (wall clock, node, actor): ties between nodes are broken by name, so that replicas agree. Contexts
order nothing here, and an acknowledged write is lost whenever a slower clock wrote after it: this mode does
what it promises, which is less.
"""

from __future__ import annotations

import hashlib

from reference.versions.siblings import Event

Stamp = tuple[int, str, str]


class StampedState:
    """One value (None: deleted, kept for ever as a tombstone) under its stamp; no stamp: never written."""

    __slots__ = ("_digest", "stamp", "value")

    def __init__(self, stamp: Stamp | None, value: bytes | None) -> None:
        self.stamp = stamp
        self.value = value
        self._digest: bytes | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StampedState):
            return NotImplemented
        return self.stamp == other.stamp and self.value == other.value

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"StampedState({self.stamp}, {self.value!r})"

    def digest(self) -> bytes:
        """A hash of stamp and value."""
        if self._digest is None:
            self._digest = hashlib.blake2b(repr(self).encode(), digest_size=16).digest()
        return self._digest

    def values(self) -> list[bytes]:
        """At most one."""
        return [] if self.value is None else [self.value]

    def clock(self) -> Stamp | None:
        """The stamp; a context carries it, and nothing reads it."""
        return self.stamp


class LastWriter:
    """The mode `last-writer`."""

    empty = StampedState(None, None)

    def write(
        self, state: StampedState, value: bytes | None, clock: Stamp | None, event: Event
    ) -> StampedState:
        """The new stamp competes with the old one, and may lose at once. The context is ignored."""
        del clock
        return self.merge(state, StampedState((event.wall, event.node, event.actor), value))

    def counter(self, state: StampedState, clock: Stamp | None, event: Event) -> int:
        """Nothing is counted."""
        del state, clock, event
        return 0

    def merge(self, left: StampedState, right: StampedState) -> StampedState:
        """The larger stamp; equal ones (one clock, node, actor): the larger value, a tombstone last."""
        if left is right or right.stamp is None:
            return left
        if left.stamp is None or right.stamp > left.stamp:
            return right
        if right.stamp < left.stamp:
            return left
        return right if _of_equals(right) > _of_equals(left) else left


def _of_equals(state: StampedState) -> tuple[bool, bytes]:
    return state.value is not None, state.value or b""
