"""Partitioning and placement (sections 4.2, 4.3): the ring, its ranges, and who holds a key.

A key belongs to the first range whose end is clockwise of its MD5 position; its preference list is the
first N distinct physical nodes walking on from there, then every other node as fallback, in ring order. All
nodes that have the same view compute the same list. Which tokens there are is `placement.py`'s matter.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

POSITIONS = 2**128
Owners = tuple[str, ...]


def position(key: str | bytes) -> int:
    """The key's place on the ring: its 128-bit MD5 (section 4.1)."""
    data = key.encode() if isinstance(key, str) else key
    return int.from_bytes(hashlib.md5(data, usedforsecurity=False).digest(), "big")


class Ring:
    """Tokens of all nodes, sorted. Immutable; equal inputs give equal rings."""

    __slots__ = ("_cache", "_lists", "ends", "id", "nodes")

    def __init__(
        self,
        tokens: Iterable[tuple[int, str]],
        ends: Sequence[int] | None = None,
        arrange: Callable[[Owners], Owners] = lambda owners: owners,
    ) -> None:
        """`tokens` are (position, node); a node may have many, a position must not repeat.

        `ends` are where ranges end, sorted (default: at the tokens). `arrange` may reorder the distinct
        nodes of a range, to spread the first of them over data centres.
        """
        ordered = sorted(tokens)
        positions = [place for place, _ in ordered]
        if len(set(positions)) < len(ordered) or not ordered:
            raise ValueError("a ring needs at least one token, and every token a position of its own")
        owners = [node for _, node in ordered]
        self.nodes = tuple(sorted(set(owners)))
        self.ends = positions if ends is None else list(ends)
        starts = [bisect_left(positions, end) % len(owners) for end in self.ends]
        self._lists = [arrange(_walk(owners, at, len(self.nodes))) for at in starts]
        self.id = hashlib.blake2b(repr((self.ends, self._lists)).encode(), digest_size=8).hexdigest()
        """Two nodes with the same id have the same ranges and the same owners."""
        self._cache: dict[str, Owners] = {}

    @classmethod
    def of(cls, nodes: Iterable[str], tokens_per_node: int) -> Ring:
        """A ring whose tokens are drawn from the nodes' names, so that every node draws the same."""
        return cls((position(f"{node}#{index}"), node) for node in nodes for index in range(tokens_per_node))

    def preference_list(self, key: str) -> Owners:
        """Every node, in the order in which it should hold `key`: the first N are its primaries."""
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._lists[self.range_of(key)]
        return found

    def range_of(self, key: str) -> int:
        """The index of the range into which the key falls; behind the last end it wraps to the first."""
        return bisect_left(self.ends, position(key)) % len(self.ends)

    def ranges(self, primaries: int) -> list[Owners]:
        """For every range, the distinct nodes that are its first `primaries` owners."""
        return [owners[:primaries] for owners in self._lists]


def _walk(owners: list[str], at: int, nodes: int) -> Owners:
    """The distinct nodes met clockwise from this token on; it ends as soon as all have been met."""
    met: dict[str, None] = {}
    while len(met) < nodes:
        met[owners[at]] = None
        at = (at + 1) % len(owners)
    return tuple(met)
