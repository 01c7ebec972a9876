"""Partitioning and placement (sections 4.2, 4.3; strategy 1 of 6.2): a ring of random tokens.

A key belongs to the first token clockwise of its MD5 position; its preference list is the first N distinct
physical nodes from there, then every other node as fallback, in ring order. All nodes compute the same list.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable

POSITIONS = 2**128


def position(key: str | bytes) -> int:
    """The key's place on the ring: its 128-bit MD5 (section 4.1)."""
    data = key.encode() if isinstance(key, str) else key
    return int.from_bytes(hashlib.md5(data, usedforsecurity=False).digest(), "big")


class Ring:
    """Tokens of all nodes, sorted. Immutable; equal inputs give equal rings."""

    __slots__ = ("_cache", "_lists", "_positions", "nodes")

    def __init__(self, tokens: Iterable[tuple[int, str]]) -> None:
        """`tokens` are (position, node). A node may have many; a position must not repeat."""
        ordered = sorted(tokens)
        self._positions = [place for place, _ in ordered]
        if len(set(self._positions)) < len(ordered) or not ordered:
            raise ValueError("a ring needs at least one token, and every token a position of its own")
        owners = [node for _, node in ordered]
        self.nodes = tuple(sorted(set(owners)))
        self._lists = [tuple(dict.fromkeys(owners[index:] + owners[:index])) for index in range(len(owners))]
        self._cache: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, nodes: Iterable[str], tokens_per_node: int) -> Ring:
        """A ring whose tokens are drawn from the nodes' names, so that every node draws the same."""
        return cls((position(f"{node}#{index}"), node) for node in nodes for index in range(tokens_per_node))

    def preference_list(self, key: str) -> tuple[str, ...]:
        """Every node, in the order in which it should hold `key`: the first N are its primaries."""
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._lists[self.range_of(key)]
        return found

    def range_of(self, key: str) -> int:
        """The index of the range (the arc that ends in a token) into which the key falls; it wraps."""
        return bisect_left(self._positions, position(key)) % len(self._positions)

    def ranges(self, primaries: int) -> list[tuple[str, ...]]:
        """For every range, the distinct nodes that are its first `primaries` owners."""
        return [owners[:primaries] for owners in self._lists]
