"""How long replicas took to agree after healing, as far as rounds of final reads date it.

With healing at h, the last complete round that disagreed at a and the first from which all agree at b,
the time lies in (a - h, b - h]: interval-censored. A write after h starts the key's clock again.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from checkers.model.history import OPEN, History
from checkers.order.key_view import KeyView

_WRITES = frozenset({"put", "delete", "write", "cas"})


class Converging:
    """Gathers the keys' intervals (ns)."""

    def __init__(self, history: History) -> None:
        self._healed = _healed(history)
        self._low: list[int] = []
        self._high: list[int] = []
        self._unconverged = 0

    def add(self, view: KeyView) -> None:
        """Take one key's complete rounds into account."""
        rounds = [round for round in view.rounds if round.complete]
        if self._healed is None or not rounds:
            return
        writes = [op.ret for op in view.ops if op.f in _WRITES and op.type == "ok"]
        since = max([self._healed, *writes])
        agreed = len(rounds)
        while agreed and rounds[agreed - 1].agrees:
            agreed -= 1
        low = max(0, rounds[agreed - 1].start - since) if agreed else 0
        self._low.append(low)
        if agreed == len(rounds):
            self._unconverged += 1
        else:
            self._high.append(max(0, rounds[agreed].end - since))

    def stats(self) -> dict[str, Any]:
        """`time_to_converge_s`: quantile -> [more than, at most (None: not seen)]; {} if nothing dates it."""
        count = len(self._high) + self._unconverged
        if not count:
            return {}
        low, high = sorted(self._low), sorted(self._high)
        spans = {
            name: [_quantile(low, share, count), _quantile(high, share, count)]
            for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        }
        return {"time_to_converge_s": spans, "unconverged": self._unconverged}


def _quantile(times: list[int], share: float, count: int) -> float | None:
    """The smallest time within which `share` of `count` keys had converged; None if not that many did."""
    rank = max(1, ceil(share * count))
    return round(times[rank - 1] / 1e9, 6) if rank <= len(times) else None


def _healed(history: History) -> int | None:
    """When the last fault had been healed, or the heal phase began; None if neither is recorded."""
    times = [fault.end for fault in history.interruptions]
    start = history.phase_start("heal")
    if start is not None:
        times.append(start)
    found = max(times, default=OPEN)
    return None if found == OPEN else found
