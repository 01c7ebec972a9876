"""What data loss is: the faults that may have destroyed what a node acknowledged (docs/promises.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.model.history import Fault

_HARMLESS = frozenset({"partition", "link", "pause", "freeze", "skew", "disk-full"})
_DESTROYING = frozenset({"wipe", "truncate", "bitflip"})
_STOPPING = frozenset({"kill", "restart", "power-cut"})
_UNSYNCED = frozenset({"buffer", "none"})
RING_CHANGES = frozenset({"join", "leave"})


@dataclass(frozen=True, slots=True)
class Loss:
    """One fault that counts as data loss, and why."""

    fault: Fault
    why: str

    @property
    def in_words(self) -> str:
        """For a reason: the fault and its nodes."""
        return f"{self.fault.fault} `{self.fault.id}` of {', '.join(self.fault.nodes)} ({self.why})"


def losses(faults: Sequence[Fault], config: Mapping[str, Any]) -> list[Loss]:
    """The faults that count as data loss, in order of request.

    A fault that was requested counts, whether or not it is known to have bitten. Where the history does not
    say what the rule needs (durability, engine, drained), the fault counts: that can only end in `unknown`.
    """
    gone: set[str] = set()
    found = []
    for fault in sorted(faults, key=lambda fault: fault.requested):
        why = _why(fault, config, gone)
        if why:
            found.append(Loss(fault, why))
        if fault.fault == "leave":
            gone.update(fault.nodes)
    return found


def _why(fault: Fault, config: Mapping[str, Any], gone: set[str]) -> str:
    """Why this fault lost data; empty if it did not."""
    durability, engine = config.get("durability"), config.get("engine")
    lost = fault.details.get("lost")
    if lost == "none":
        return ""
    if lost in ("all", "part"):
        return f"lost: {lost}"
    if lost == "unsynced":
        return (
            "" if durability == "fsync" else f"lost what was unsynced, durability {durability or 'not given'}"
        )
    kind = fault.fault
    if kind in _HARMLESS:
        return ""
    if kind in _DESTROYING:
        return "destroys stored data"
    if kind in _STOPPING:
        return _stopped(kind, durability, engine)
    if kind == "leave":
        return "" if fault.details.get("drained") is True else "left without being drained"
    if kind == "join":
        return "rejoined with an empty disk" if gone.intersection(fault.nodes) else ""
    return "what this kind of fault loses is not known: record `lost`"


def _stopped(kind: str, durability: str | None, engine: str | None) -> str:
    if engine == "memory":
        return "engine memory"
    if kind == "power-cut":
        return "" if durability == "fsync" else f"durability {durability or 'not given'}"
    if kind == "kill" and durability in _UNSYNCED:
        return f"durability {durability}"
    if engine is None and durability is None:
        return "neither engine nor durability is given"
    return ""
