"""White-box facts of a node, for those who judge it from outside."""

from __future__ import annotations

import hashlib
from typing import Any

from reference.node import Node
from reference.ring import Ring


def state(node: Node, ring: Ring, offset_ms: float) -> dict[str, Any]:
    """Hints, repairs, clock, and per range of `ring` its owners and a digest of all that this node holds."""
    name, copies = node.runtime.name, node.replica.copies
    ranges = {str(index): owners for index, owners in enumerate(ring.ranges(node.config.n)) if name in owners}
    hashes = {index: hashlib.blake2b(digest_size=8) for index in ranges}
    for key in sorted(copies):
        index = str(ring.range_of(key))
        if index in hashes:
            hashes[index].update(key.encode() + b"\0" + copies[key].digest())
    return {
        "hints": node.replica.hint_count,
        "repairs": repairs(node),
        "transfers": node.transfer.under_way,
        "offset_ms": offset_ms,
        "digests": {index: digest.hexdigest() for index, digest in hashes.items()},
        "primaries": {index: list(owners) for index, owners in ranges.items()},
    }


def repairs(node: Node) -> int:
    """States that this node has mended, by comparison and after reads."""
    return node.antientropy.repairs + node.read_repairs


def members(node: Node) -> list[dict[str, Any]]:
    """Everybody that this node has heard of, by name."""
    known = node.members.view.members
    return [
        {
            "name": name,
            "status": known[name].status,
            "tokens": known[name].tokens or node.config.tokens,
            "center": known[name].center,
            "address": known[name].address,
        }
        for name in sorted(known)
    ]
