"""The fault ledger: what a run's faults and phases mean for what may be asserted (docs/promises.md).

Each named condition is answered as None (it holds) or a `Doubt`: the check becomes `unknown`, or measured,
for the reason given.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal, NamedTuple

from checkers.conditions.losses import RING_CHANGES, Loss, losses
from checkers.conditions.settling import settled, settled_at
from checkers.model.history import OPEN, Fault, History, Op

MS = 1_000_000
"""Nanoseconds in a millisecond."""


class Doubt(NamedTuple):
    """Why an asserted check cannot be: `unknown` (cannot tell) or `measured` (owes nothing here)."""

    outcome: Literal["unknown", "measured"]
    reason: str


class Ledger:
    """What a history's faults mean. Everything is worked out when first asked for."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.config = history.config
        self._doubts: dict[str, Doubt | None] = {}

    @cached_property
    def losses(self) -> list[Loss]:
        """The faults that count as data loss."""
        return losses(self.history.interruptions, self.config)

    @cached_property
    def ring_changes(self) -> list[Fault]:
        """Joins and leaves; each lasts from its request to its last confirmed transfer."""
        return [fault for fault in self.history.interruptions if fault.fault in RING_CHANGES]

    @cached_property
    def settled_at(self) -> int:
        """From when final reads count as settled (ns); 0 where nothing had to heal."""
        return settled_at(self.history)

    @cached_property
    def first_loss_or_ring_change(self) -> int:
        """When the first data loss or ring change was requested; OPEN if there was none."""
        times = [loss.fault.requested for loss in self.losses]
        return min([*times, *(change.requested for change in self.ring_changes)], default=OPEN)

    def before_loss(self, get: Op) -> bool:
        """Whether the read returned before the first data loss or ring change was requested."""
        return get.ret < self.first_loss_or_ring_change

    def active(self, start: int, end: int) -> list[Fault]:
        """Faults that were requested and not yet healed at some moment of [start, end]."""
        return [
            fault for fault in self.history.interruptions if fault.requested <= end and fault.end >= start
        ]

    def doubt(self, condition: str) -> Doubt | None:
        """Why a run-level condition does not hold, or None. Those that a check applies itself always hold."""
        if condition not in self._doubts:
            self._doubts[condition] = self._doubt(condition)
        return self._doubts[condition]

    def _doubt(self, condition: str) -> Doubt | None:
        if condition == "tolerable":
            return _unknown(self._intolerable())
        if condition == "settled":
            return _unknown(settled(self.history))
        if condition == "repairing":
            return _measured(self._unrepairing())
        if condition == "no-loss":
            return _measured(self._lossy())
        if condition == "before-loss":
            return _measured(self._no_reads_before_loss())
        if condition == "finals":
            return None if self.history.finals else Doubt("measured", "the history has no final reads")
        if condition == "unreaped":
            reaped = (self.config.get("reap_tombstones_s") or 0) > 0
            return Doubt("measured", "tombstones are reaped (`reap_tombstones_s`)") if reaped else None
        if condition == "observed-remove":
            declared = self.config.get("observed_remove") is True
            return (
                None if declared else Doubt("measured", "the system does not declare an observed-remove set")
            )
        if condition == "unallowed":
            allowed = self.config.get("allow_exits") is True
            return Doubt("measured", "the plan allows nodes to end (`allow_exits`)") if allowed else None
        return None

    def epsilon_ns(self, until: int) -> tuple[int | None, str]:
        """Twice the largest distance of a node's clock from true until then, plus what it was with no fault.

        (None, why) where the history does not tell. Skews count once requested, healed or not: a monotonic
        guard keeps a bumped clock. A freeze makes a clock late by its length.
        """
        worst_ns, moved = self._clock_offsets_ns(until)
        if worst_ns is None:
            return None, moved
        sync_ms = self.config.get("clock_sync_ms")
        if sync_ms is None and moved:
            return None, f"{moved} moved a clock, and `config.clock_sync_ms` is not given"
        return 2 * worst_ns + int((sync_ms or 0) * MS), ""

    def _clock_offsets_ns(self, until: int) -> tuple[int | None, str]:
        skews: dict[str, int] = {}
        frozen: dict[str, int] = {}
        moved = ""
        for fault in self.history.interruptions:
            if fault.requested > until or fault.fault not in ("skew", "freeze"):
                continue
            moved = moved or f"{fault.fault} `{fault.id}`"
            if fault.fault == "skew":
                offset_ms = fault.details.get("max_offset_ms")
                if offset_ms is None:
                    return None, f"skew `{fault.id}` has no `max_offset_ms`"
                for node in fault.nodes:
                    skews[node] = max(skews.get(node, 0), int(abs(offset_ms) * MS))
            else:
                length = (until if fault.healed is None else fault.healed) - fault.requested
                for node in fault.nodes:
                    frozen[node] = frozen.get(node, 0) + max(0, length)
        nodes = skews.keys() | frozen.keys()
        return max((skews.get(node, 0) + frozen.get(node, 0) for node in nodes), default=0), moved

    def _intolerable(self) -> str:
        for fault in self.history.interruptions:
            if self.config.get("durability") == "buffer" and fault.fault in ("kill", "power-cut", "wipe"):
                return (
                    f"{fault.fault} `{fault.id}` under durability buffer, which acknowledges before it writes"
                )
        if not self.losses:
            return ""
        nodes = list(dict.fromkeys(node for loss in self.losses for node in loss.fault.nodes))
        w = self.config.get("w")
        if w is None:
            return f"{self.losses[0].in_words} lost data, and `config.w` is not given"
        if len(nodes) >= w:
            return f"{len(nodes)} nodes lost data ({', '.join(nodes)}); a write quorum is W = {w}"
        for change in self.ring_changes:
            for loss in self.losses:
                if loss.fault.requested <= change.end and change.requested <= loss.fault.end:
                    return f"{loss.in_words} overlaps ring change `{change.id}`"
        return ""

    def _unrepairing(self) -> str:
        anti_entropy_s = self.config.get("anti_entropy_s")
        if anti_entropy_s is None or anti_entropy_s > 0:
            return ""
        if self.losses:
            return f"anti-entropy is off and {self.losses[0].in_words} lost data"
        cut = next((fault for fault in self.history.interruptions if fault.fault == "power-cut"), None)
        return f"anti-entropy is off and power was cut (`{cut.id}`)" if cut else ""

    def _lossy(self) -> str:
        if self.losses:
            return f"{self.losses[0].in_words} lost data"
        left = next((change for change in self.ring_changes if change.fault == "leave"), None)
        return f"a node left (`{left.id}`)" if left else ""

    def _no_reads_before_loss(self) -> str:
        first = self.first_loss_or_ring_change
        if first == OPEN or any(op.returned_values is not None and op.ret < first for op in self.history.ops):
            return ""
        return "no read returned before the first data loss or ring change"


def _unknown(reason: str) -> Doubt | None:
    return Doubt("unknown", reason) if reason else None


def _measured(reason: str) -> Doubt | None:
    return Doubt("measured", reason) if reason else None
