"""The paper's own versions (section 4.4): a vector clock per value, one entry per coordinating server.

Entries are (node, counter, wall time); a clock that grows beyond `clock_limit` drops its oldest entry. Node
names are the actors and there are no dots, as the paper has it. Two stale contexts through one coordinator
then make two clocks of which one descends from the other, and a write is lost; a truncated clock no longer
descends from its parent, and a replaced value stays as a false sibling. Both are why `dotted` is the default.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from reference.versions.siblings import Event

Entry = tuple[str, int, int]
"""(node, counter, wall time of its last write)."""
Clock = tuple[Entry, ...]
"""Sorted by node."""
Version = tuple[Clock, bytes | None]
"""None is a tombstone."""


class PaperState:
    """The siblings, sorted by clock and value."""

    __slots__ = ("_digest", "versions")

    def __init__(self, versions: tuple[Version, ...]) -> None:
        self.versions = versions
        self._digest: bytes | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PaperState):
            return NotImplemented
        return self.versions == other.versions

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"PaperState({self.versions!r})"

    def digest(self) -> bytes:
        """A hash over the sorted siblings."""
        if self._digest is None:
            self._digest = hashlib.blake2b(repr(self).encode(), digest_size=16).digest()
        return self._digest

    def values(self) -> list[bytes]:
        """The values that are not tombstones."""
        return [value for _, value in self.versions if value is not None]

    def clock(self) -> Clock:
        """The siblings' clocks as one, with which a client's next put collapses them."""
        return _join(clock for clock, _ in self.versions)


class PaperClock:
    """The mode `paper-clock`."""

    empty = PaperState(())

    def __init__(self, clock_limit: int = 0) -> None:
        self.clock_limit = clock_limit

    def write(self, state: PaperState, value: bytes | None, clock: Clock | None, event: Event) -> PaperState:
        """The context's clock with the coordinator's counter moved past all that it knows of its own."""
        counter = self.counter(state, clock, event)
        entries = [entry for entry in clock or () if entry[0] != event.node]
        entries.append((event.node, counter, event.wall))
        if self.clock_limit and len(entries) > self.clock_limit:
            entries.remove(min(entries, key=lambda entry: (entry[2], entry[0])))
        return self.merge(state, PaperState(((tuple(sorted(entries)), value),)))

    def counter(self, state: PaperState, clock: Clock | None, event: Event) -> int:
        """One more than this node's largest in the siblings and the context."""
        known = [entry for version, _ in state.versions for entry in version] + list(clock or ())
        return 1 + max((count for node, count, _ in known if node == event.node), default=0)

    def merge(self, left: PaperState, right: PaperState) -> PaperState:
        """All versions from which no other descends. Equal clocks with different values are siblings."""
        if left is right or left.versions == right.versions:
            return left
        versions = sorted(dict.fromkeys(left.versions + right.versions), key=_order)
        kept = tuple(v for v in versions if not any(_supersedes(o[0], v[0]) for o in versions))
        if kept == left.versions:
            return left
        return right if kept == right.versions else PaperState(kept)


def _order(version: Version) -> tuple[Clock, bool, bytes]:
    clock, value = version
    return clock, value is None, value or b""


def _descends(clock: Clock, ancestor: Clock) -> bool:
    """Every counter of the ancestor is at most the clock's (section 4.4); times play no part."""
    counters = {node: counter for node, counter, _ in clock}
    return all(counter <= counters.get(node, 0) for node, counter, _ in ancestor)


def _supersedes(clock: Clock, other: Clock) -> bool:
    """Descends without being equal: equal counters of different writes leave both as siblings."""
    return _descends(clock, other) and not _descends(other, clock)


def _join(clocks: Iterable[Clock]) -> Clock:
    merged: dict[str, Entry] = {}
    for clock in clocks:
        for entry in clock:
            held = merged.get(entry[0])
            if held is None or entry[1:] > held[1:]:
                merged[entry[0]] = entry
    return tuple(merged[node] for node in sorted(merged))
