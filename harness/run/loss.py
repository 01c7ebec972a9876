"""Which faults cost a node its data, and which nodes a run may cost theirs (docs/promises.md)."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any


def losses(config: dict[str, Any]) -> dict[str, str]:
    """The faults that cost data under this configuration, and what: `unsynced` data, `part` or `all`.

    A wipe always, and part of it what damages files; a power cut unless the disk is synced before the vote;
    a kill where even the operating system never had the data; everything that ends a process, if memory is
    all there is.
    """
    lost = {"wipe": "all", "truncate": "part", "bitflip": "part"}
    durability = config.get("durability", "fsync")
    if durability != "fsync":
        lost["power-cut"] = "unsynced"
    if durability in ("buffer", "none"):
        lost["kill"] = "unsynced"
    if config.get("engine") == "memory":
        lost |= dict.fromkeys(("kill", "restart", "power-cut"), "all")
    return lost


def lossy_faults(config: dict[str, Any]) -> frozenset[str]:
    """The faults that cost data under this configuration."""
    return frozenset(losses(config))


def may_lose_data(config: dict[str, Any], nodes: Sequence[str], rng: Random) -> tuple[str, ...]:
    """W-1 nodes at most, drawn once per run: more could cost an acknowledged write every copy it had."""
    most = min(int(config.get("w", 1)) - 1, len(nodes) - 1)
    drawn = rng.sample(list(nodes), max(0, most))
    return tuple(node for node in nodes if node in drawn)
