"""What was alive and what was dead when a key's clock was cut down: copies that come late meet this floor.

A clock that has forgotten an actor can no longer tell a dead version of that actor from a new one. The floor
can, for as long as it is kept: it is the whole state as all owners held it, without the values. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reference.versions.dotted import Dot, DottedState


class Floor(NamedTuple):
    """Of one key: whatever the vector covers is dead, but for the dots that were alive."""

    vector: tuple[tuple[str, int], ...]
    alive: tuple[Dot, ...]


def floor_of(state: DottedState) -> Floor:
    """The floor that this state is."""
    return Floor(tuple(sorted(state.vector.items())), tuple(sorted(state.versions)))


def without(state: DottedState, actors: Iterable[str]) -> DottedState | None:
    """The state without these entries of its vector, as far as they may go; None if nothing is left."""
    leaving = dict.fromkeys(actors)
    keeping = dict.fromkeys(actor for actor in state.vector if actor not in leaving)
    keeping.update(dict.fromkeys(actor for actor, _ in state.versions))
    vector = {actor: counter for actor, counter in state.vector.items() if actor in keeping}
    return DottedState(vector, state.versions) if vector else None


def retirable(state: DottedState) -> list[str]:
    """Actors of whom no version is alive, sorted: those that may go, unless they may yet count."""
    counting = {actor for actor, _ in state.versions}
    return [actor for actor in sorted(state.vector) if actor not in counting]


class Floors:
    """The floors of one node, each kept for `keep_ns`."""

    def __init__(self, keep_ns: int) -> None:
        self._keep_ns = keep_ns
        self._floors: dict[str, list[tuple[int, Floor]]] = {}
        """key -> (until when, floor), in the order of their coming."""

    def __bool__(self) -> bool:
        return bool(self._floors)

    def add(self, key: str, floor: Floor, now: int) -> None:
        """One more, from now on."""
        kept = [(until, other) for until, other in self._floors.get(key, ()) if other != floor]
        self._floors[key] = [*kept, (now + self._keep_ns, floor)]

    def of(self, key: str) -> tuple[Floor, ...]:
        """The floors of this key, the oldest first."""
        return tuple(floor for _, floor in self._floors.get(key, ()))

    def recover(self, key: str, floors: Iterable[Floor] | None, now: int) -> None:
        """After a start: these, with all their time anew, since nobody knows how long it was down."""
        self._floors.pop(key, None)
        for floor in floors or ():
            self.add(key, floor, now)

    def expire(self, now: int) -> list[str]:
        """Forget those whose time is over; keys that have none any more."""
        gone = []
        for key, floors in list(self._floors.items()):
            left = [(until, floor) for until, floor in floors if until > now]
            if left:
                self._floors[key] = left
            else:
                del self._floors[key]
                gone.append(key)
        return gone

    def above(self, key: str, state: DottedState) -> DottedState:
        """The state without versions that are dead; if there were any, its vector knows of them again.

        Not of actors of whom a version was alive: to know of those and not to hold them means that they are
        dead.
        """
        for _, floor in self._floors.get(key, ()):
            covered, alive = dict(floor.vector), floor.alive
            living = [actor for actor, _ in alive]
            dead = [dot for dot in state.versions if dot[1] <= covered.get(dot[0], 0) and dot not in alive]
            if dead:
                versions = {dot: value for dot, value in state.versions.items() if dot not in dead}
                vector = dict(state.vector)
                for actor, counter in floor.vector:
                    if actor not in living:
                        vector[actor] = max(counter, vector.get(actor, 0))
                state = DottedState(vector, versions)
        return state
