"""Which puts a store owed, which it failed, and how long answers took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checkers.conditions.reach import MS, Reach
from checkers.model.history import History, Op
from checkers.model.phases import Phases
from checkers.numbers.percentiles import latencies

PUTS = frozenset({"put", "write", "incr"})
GETS = frozenset({"get", "read", "total"})


@dataclass(slots=True)
class Tally:
    """One phase: owed puts, those not acknowledged, puts not owed, and the longest gap of one client."""

    owed: list[Op] = field(default_factory=list)
    failed: list[Op] = field(default_factory=list)
    not_owed: int = 0
    gap_ns: int = 0
    gap_ops: tuple[int, ...] = ()

    def stats(self) -> dict[str, Any]:
        """As a report shows it; `success` is None where nothing was owed."""
        owed, ok = len(self.owed), len(self.owed) - len(self.failed)
        return {
            "owed": owed,
            "ok": ok,
            "success": ok / owed if owed else None,
            "longest_gap_s": self.gap_ns / 1e9,
            "not_owed": self.not_owed,
        }


def due(op: Op) -> int:
    """When the operation was meant to start (ns): an open loop's schedule, else its invocation."""
    return op.inv if op.due is None else op.due


def ended(op: Op) -> int | None:
    """When the client had its answer or gave up (ns); None if the history ends before."""
    return op.ret if op.type != "info" else op.gave_up


def tally(history: History) -> dict[str, Tally]:
    """Phase -> its puts, in order of time. Inner puts of a cart count: they are what the store was asked.

    A put counts in the phase that it was invoked in. One that the history cut off is not owed.
    """
    owes = _Owes(history)
    phases = Phases(history)
    tallies: dict[str, Tally] = {}
    gaps: dict[tuple[str, int], _Gap] = {}
    for op in history.ops:
        if op.f not in PUTS:
            continue
        name = phases.of(op.inv)
        phase = tallies.setdefault(name, Tally())
        gap = gaps.setdefault((name, owes.client(op)), _Gap(phase))
        if not owes(op):
            phase.not_owed += 1
            gap.close(op)
            continue
        phase.owed.append(op)
        if op.ok:
            gap.close(op)
        else:
            phase.failed.append(op)
            gap.extend(op)
    return tallies


class _Owes:
    """Whether a put had to be acknowledged (docs/promises.md, Availability)."""

    def __init__(self, history: History) -> None:
        config = history.config
        self._reach = Reach(history, int((config.get("detect_ms") or 0) * MS))
        self._votes = config.get("w") or 1
        self._primaries: dict[str, list[str]] | None = None
        if not config.get("sloppy", history.promise != "mvr-strict"):
            self._primaries = {}
            for final in history.finals:
                self._primaries.setdefault(final.key, []).append(final.node)
        clients = history.meta.get("clients")
        self._clients = clients if isinstance(clients, int) and clients > 0 else 0

    def client(self, op: Op) -> int:
        """Whose operation it is; retired ids are followed where `meta.clients` says how many there are."""
        return op.process % self._clients if self._clients else op.process

    def __call__(self, op: Op) -> bool:
        end = ended(op)
        if end is None:
            return False
        if self._reach.calm:
            return True
        voters = None if self._primaries is None else sorted(set(self._primaries.get(op.key or "", ())))
        return self._reach.owes(op, self._votes, voters, (op.inv, end))


class _Gap:
    """A run of owed puts of one client that all failed, up to the end of the first that did not."""

    def __init__(self, phase: Tally) -> None:
        self._phase = phase
        self._run: list[Op] = []

    def extend(self, op: Op) -> None:
        self._run.append(op)
        self._keep(ended(op) or op.inv)

    def close(self, op: Op) -> None:
        if self._run and op.ok:
            self._keep(op.ret)
        self._run = []

    def _keep(self, end: int) -> None:
        length = end - due(self._run[0])
        if length > self._phase.gap_ns:
            self._phase.gap_ns = length
            self._phase.gap_ops = tuple(op.id for op in self._run)


def latency_table(history: History) -> dict[str, dict[str, dict[str, Any]]]:
    """f -> phase (and `all`) -> percentiles of the acknowledged operations, inner ones included."""
    phases = Phases(history)
    samples: dict[str, dict[str, list[int]]] = {}
    for op in history.ops:
        if op.ok and op.f in PUTS | GETS:
            table = samples.setdefault(op.f, {"all": []})
            took = op.ret - due(op)
            table["all"].append(took)
            table.setdefault(phases.of(op.inv), []).append(took)
    return {f: {name: latencies(times) for name, times in samples[f].items()} for f in sorted(samples)}
