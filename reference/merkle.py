"""Merkle trees over key ranges (section 4.7): replicas find what differs without sending what does not.

A tree covers one range. Its leaves are buckets of keys, by the key's MD5 position; a leaf's hash is the sum
of its entries' hashes (so that the order of arrival cannot show and one key changes it in one step), an
inner node's is the hash of its children. Tombstones and empty states are entries like any other: only a key
that is really forgotten leaves its bucket.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from reference.ring import position

FANOUT = 16
DEPTH = 2
"""Levels below the root: 256 leaves a range."""

Path = tuple[int, ...]
"""From the root down: one child index a level; a path of DEPTH names a leaf."""
_MODULUS = 2**128


def leaf_of(key: str) -> Path:
    """The leaf that holds `key`. The low bits decide: the high ones are alike within a range."""
    bits = position(key)
    return tuple((bits >> (4 * level)) % FANOUT for level in range(DEPTH))


def _entry(key: str, digest: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode() + b"\0" + digest, digest_size=16).digest(), "big")


class MerkleTree:
    """The keys of one range and the digests of their states."""

    __slots__ = ("_digests", "_hashes", "_leaves")

    def __init__(self) -> None:
        self._digests: dict[str, bytes] = {}
        self._leaves: dict[Path, dict[str, None]] = {}
        self._hashes: dict[Path, int] = {}
        """Sums of leaves always; hashes of inner nodes until something below them changes."""

    def update(self, key: str, digest: bytes | None) -> None:
        """The key's state now has this digest; None: the key is forgotten."""
        old = self._digests.get(key)
        if old == digest:
            return
        leaf = leaf_of(key)
        total = self._hashes.get(leaf, 0)
        if old is not None:
            total -= _entry(key, old)
        if digest is None:
            del self._digests[key]
            del self._leaves[leaf][key]
        else:
            total += _entry(key, digest)
            self._digests[key] = digest
            self._leaves.setdefault(leaf, {})[key] = None
        self._hashes[leaf] = total % _MODULUS
        for level in range(DEPTH):
            self._hashes.pop(leaf[:level], None)

    def hash(self, path: Path = ()) -> int:
        """The hash at this place; 0 where nothing is."""
        found = self._hashes.get(path)
        if found is not None or len(path) >= DEPTH:
            return found or 0
        children = [self.hash((*path, child)) for child in range(FANOUT)]
        combined = 0
        if any(children):
            data = b"".join(child.to_bytes(16, "big") for child in children)
            combined = int.from_bytes(hashlib.blake2b(data, digest_size=16).digest(), "big")
        self._hashes[path] = combined
        return combined

    def differing(self, path: Path, children: Iterable[int]) -> list[Path]:
        """The children of `path` whose hash is not the one given, in order."""
        paths = [(*path, child) for child in range(FANOUT)]
        return [place for place, theirs in zip(paths, children, strict=True) if self.hash(place) != theirs]

    def children(self, path: Path) -> tuple[int, ...]:
        """The hashes one level below."""
        return tuple(self.hash((*path, child)) for child in range(FANOUT))

    def entries(self, leaf: Path) -> list[tuple[str, bytes]]:
        """The keys of a leaf with their digests, sorted."""
        return [(key, self._digests[key]) for key in sorted(self._leaves.get(leaf, ()))]

    def __len__(self) -> int:
        return len(self._digests)
