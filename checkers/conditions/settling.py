"""Settled: whether the store had its time, undisturbed, before its replicas were read (docs/promises.md)."""

from __future__ import annotations

from checkers.model.history import History

_SECOND = 1_000_000_000


def nothing_to_heal(history: History) -> bool:
    """No fault, `heal` or `settle` in the whole history: it counts as settled."""
    return not history.interruptions and all(name not in ("heal", "settle") for _, name in history.phases)


def settle_phase(history: History) -> tuple[int, int] | None:
    """The last settle phase as [start, end); its end is the next phase's start. None if there is none."""
    start = end = None
    for time, name in history.phases:
        if name == "settle":
            start, end = time, None
        elif start is not None and end is None:
            end = time
    if start is None:
        return None
    return start, history.end if end is None else end


def settled_at(history: History) -> int:
    """From when final reads count (ns): the settle phase's start and the store's bound later; else 0.

    Earlier rounds are polls that date convergence: what they lack may still be on its way.
    """
    phase = settle_phase(history)
    bound_s = history.config.get("settle_bound_s")
    if nothing_to_heal(history) or phase is None or bound_s is None:
        return 0
    return phase[0] + int(bound_s * _SECOND)


def settled(history: History) -> str:
    """Why the run did not settle; empty if it did."""
    if nothing_to_heal(history):
        return ""
    phase = settle_phase(history)
    if phase is None:
        return "there were faults or a heal phase, and no settle phase after them"
    start, end = phase
    bound_s = history.config.get("settle_bound_s")
    if bound_s is None:
        return "`config.settle_bound_s` is not given, so nobody can say how long settling takes"
    if end - start < int(bound_s * _SECOND):
        return f"settling lasted {(end - start) / _SECOND:.3f} s; the store needs {bound_s:g} s"
    for fault in history.interruptions:
        if fault.end > start:
            return f"{fault.fault} `{fault.id}` was active after settling began"
    return _disturbed(history, start, end)


def _disturbed(history: History, start: int, end: int) -> str:
    for op in history.ops:
        for moment in (op.inv, op.ret, op.gave_up):
            if moment is not None and start < moment < end:
                return f"operation {op.id} ({op.f}) ran while the store settled"
        if op.inv >= end and op.f not in ("get", "read", "members", "total"):
            return f"operation {op.id} ({op.f}) wrote after settling"
    for state in history.states:
        if state.time >= start and state.facts.get("transfers"):
            return f"{state.node} reported transfers under way after settling began"
    return ""
