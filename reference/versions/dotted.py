"""Dotted version vectors: exact siblings with one entry per actor.

A state is a version vector (everything it has ever seen, as a counter per actor) and the versions still
alive, each under the dot (actor, counter) of its own put. A put replaces exactly what its context covers;
a merge keeps a version unless the other side has seen its dot and no longer holds it. What was deleted is
remembered by the vector, which is kept for ever: the tombstone costs one counter.

After Preguica, Baquero, Almeida et al., "Dotted Version Vectors" (2010). It departs from the paper's
server-side clocks because those lose concurrent writes that meet at one coordinator (`paper_clock.py`).
"""

from __future__ import annotations

import hashlib

from reference.versions.siblings import Event

Vector = dict[str, int]
Dot = tuple[str, int]


class DottedState:
    """Immutable by convention: nobody changes the dictionaries of a state that exists."""

    __slots__ = ("_digest", "vector", "versions")

    def __init__(self, vector: Vector, versions: dict[Dot, bytes]) -> None:
        self.vector = vector
        self.versions = versions
        self._digest: bytes | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DottedState):
            return NotImplemented
        return self.vector == other.vector and self.versions == other.versions

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"DottedState({sorted(self.vector.items())}, {sorted(self.versions.items())})"

    def digest(self) -> bytes:
        """A hash over sorted entries: the order of arrival does not show."""
        if self._digest is None:
            self._digest = hashlib.blake2b(repr(self).encode(), digest_size=16).digest()
        return self._digest

    def values(self) -> list[bytes]:
        """The siblings, in the order of their dots."""
        versions = self.versions
        if len(versions) == 1:
            return list(versions.values())
        return [versions[dot] for dot in sorted(versions)]

    def clock(self) -> Vector:
        """Everything seen."""
        return self.vector


class Dotted:
    """The mode `dotted`."""

    empty = DottedState({}, {})

    def write(
        self, state: DottedState, value: bytes | None, clock: Vector | None, event: Event
    ) -> DottedState:
        """A put gets the next dot of its actor. A delete needs none: joining its context is enough."""
        covered = clock or {}
        versions = {
            (actor, counter): kept
            for (actor, counter), kept in state.versions.items()
            if counter > covered.get(actor, 0)
        }
        vector = _join(state.vector, covered)
        if value is not None:
            counter = vector.get(event.actor, 0) + 1
            vector[event.actor] = counter
            versions[event.actor, counter] = value
        return DottedState(vector, versions)

    def counter(self, state: DottedState, clock: Vector | None, event: Event) -> int:
        """One more than anybody has seen of this actor."""
        return 1 + max(state.vector.get(event.actor, 0), (clock or {}).get(event.actor, 0))

    def merge(self, left: DottedState, right: DottedState) -> DottedState:
        """Keep what both hold, and what one holds that the other has never seen."""
        if left is right:
            return left
        mine, theirs = left.vector, right.vector
        versions = {
            dot: value
            for dot, value in left.versions.items()
            if dot in right.versions or dot[1] > theirs.get(dot[0], 0)
        }
        for dot, value in right.versions.items():
            if dot[1] > mine.get(dot[0], 0):
                versions[dot] = value
        vector = _join(mine, theirs)
        if vector == mine and versions == left.versions:
            return left
        if vector == theirs and versions == right.versions:
            return right
        return DottedState(vector, versions)


def _join(left: Vector, right: Vector) -> Vector:
    """The larger counter of each actor, as a new vector."""
    vector = dict(left)
    for actor, counter in right.items():
        if counter > vector.get(actor, 0):
            vector[actor] = counter
    return vector
