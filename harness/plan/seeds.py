"""One seed, a tree of named streams: the same names give the same numbers under any PYTHONHASHSEED.

Every random choice of a run comes from a stream that is named after what it decides, so that adding a
consumer never shifts another's numbers.
"""

from __future__ import annotations

import hashlib
from random import Random


def derive(seed: int, *path: object) -> int:
    """A 64-bit seed for the stream that `path` names below `seed`."""
    text = "/".join([str(seed), *map(str, path)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def stream(seed: int, *path: object) -> Random:
    """The random stream that `path` names below `seed`."""
    return Random(derive(seed, *path))
