"""Places in Merkle trees, as messages name them: what no tree has is no message.

A codec knows that a path is a tuple of integers; that it leads to somewhere is checked here.
"""

from __future__ import annotations

from typing import Any

from reference.merkle import DEPTH, FANOUT, Path
from reference.messages import CompareChildren, CompareLeaves, Differing
from reference.net.peers.fields import WireError


def check_fields(message: Any) -> None:
    """Raises WireError on a message that names a place that no tree has."""
    if isinstance(message, CompareChildren):
        for _, path, children in message.nodes:
            _check_path(path, 0, DEPTH - 1)
            if len(children) != FANOUT:
                raise WireError(f"{len(children)} children of a node; every one has {FANOUT}")
    elif isinstance(message, CompareLeaves):
        for _, path in message.leaves:
            _check_path(path, DEPTH, DEPTH)
    elif isinstance(message, Differing):
        for _, path in message.places:
            _check_path(path, 0, DEPTH)


def _check_path(path: Path, least: int, most: int) -> None:
    if not least <= len(path) <= most or any(step >= FANOUT for step in path):
        raise WireError(f"a path of {len(path)} steps that no tree has")
