"""Non-vacuity: a verdict of `valid` needs chances to fail (docs/promises.md). Counting them for one run."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from checkers.case import Case
from checkers.chances.pooling import pool
from checkers.errors import TooLarge
from checkers.model.history import OPEN, Fault, Op
from checkers.order.key_view import KeyView

__all__ = ["chances", "pool", "shortfall"]

OK_MIN, CONFLICTS_MIN, STALE_MIN = 20, 1, 1
_SECOND = 1_000_000_000
_WRITES = frozenset({"put", "delete", "write", "cas"})


def chances(case: Case) -> dict[str, Any]:
    """The counted chances of one run, as JSON:

    - `main`: whether the history has a main phase (without one the minima do not apply);
    - `ok`, `by_f`: acknowledged operations of the main phase without a parent; `functions`: the f's drawn;
    - `conflicts`, `stale_reads`: see docs/promises.md. Inner operations of carts count here: it is they that
      meet on a register;
    - `faults`, `effective`, `verified`: how many there were, took effect, and were proven to;
    - `unverified`: why a probe did not prove the first fault that says so; only where one does;
    - `keys`, `finals`: keys with acknowledged writes, and how many of those have a complete round.
    """
    history = case.history
    start, end = _main(case)
    top = [op for op in history.ops if op.parent is None and start <= op.inv < end]
    by_f: dict[str, int] = {}
    for op in top:
        by_f[op.f] = by_f.get(op.f, 0) + (op.type == "ok")
    drawn = case.config.get("functions")
    written = [view for view in case if view.acknowledged]
    return {
        "main": history.phase_start("main") is not None,
        "ok": sum(by_f.values()),
        "by_f": by_f,
        "functions": list(drawn) if isinstance(drawn, list) else list(by_f),
        "conflicts": sum(_conflicts(view, start, end) for view in case),
        "stale_reads": sum(_stale_reads(case, view, start, end) for view in case),
        "faults": len(history.faults),
        "effective": sum(fault.effective is not None for fault in history.faults),
        "verified": sum(fault.verified is not None for fault in history.faults),
        **why_unverified(history.faults),
        "keys": len(written),
        "finals": sum(view.last_round is not None for view in written),
    }


def shortfall(counted: dict[str, Any]) -> str:
    """Why a run on its own had too few chances to fail; empty if it had enough, or is no run of ours.

    Where nothing was injected nothing lags behind, so no possibly stale read is asked for.
    """
    if not counted["main"]:
        return ""
    missed = []
    if counted["ok"] < OK_MIN:
        missed.append(f"{counted['ok']} acknowledged operations, needs {OK_MIN}")
    silent = [f for f in counted["functions"] if not counted["by_f"].get(f)]
    if silent:
        missed.append(f"no acknowledged {', '.join(silent)}")
    if counted["verified"] < counted["faults"]:
        why = f" ({counted['unverified']})" if counted.get("unverified") else ""
        missed.append(
            f"{counted['faults'] - counted['verified']} of {counted['faults']} faults unverified{why}"
        )
    if counted["finals"] < counted["keys"]:
        missed.append(f"complete final reads of {counted['finals']} of {counted['keys']} keys")
    if counted["conflicts"] < CONFLICTS_MIN:
        missed.append("no conflicting writes")
    if counted["stale_reads"] < STALE_MIN and counted["faults"]:
        missed.append("no possibly stale read")
    return f"too few chances to fail: {'; '.join(missed)}" if missed else ""


def why_unverified(faults: Iterable[Fault]) -> dict[str, str]:
    """`{"unverified": reason}` of the first fault that was not proved and says why; else nothing."""
    for fault in faults:
        probe = fault.details.get("probe")
        why = probe.get("unverified") if isinstance(probe, dict) else None
        if fault.verified is None and isinstance(why, str) and why:
            return {"unverified": why}
    return {}


def _main(case: Case) -> tuple[int, int]:
    """The main phase as [start, end); the whole history where there is none."""
    start = case.history.phase_start("main")
    if start is None:
        return 0, OPEN
    later = [time for time, name in case.history.phases if name != "main" and time >= start]
    return start, min(later, default=OPEN)


def _conflicts(view: KeyView, start: int, end: int) -> int:
    """Pairs of writes, ok or observed, neither below the other, whose intervals overlap.

    Of a key that is too large none is counted: fewer chances never make a verdict better.
    """
    try:
        order, observed = view.order, view.observed if view.puts else 0
    except TooLarge:
        return 0
    writes = [op for op in view.ops if op.f in _WRITES and start <= op.inv < end]
    count = 0
    running: list[Op] = []
    for op in writes:
        versioned = op.f in ("put", "delete")
        if op.type != "ok" and not (versioned and op.type == "info" and observed & order.bit(op)):
            continue
        # A write is never above one that was invoked later, unless a read saw the future.
        running = [other for other in running if other.ret >= op.inv]
        below = order.below(op) if versioned else 0
        count += sum(not (other.f in ("put", "delete") and below & order.bit(other)) for other in running)
        running.append(op)
    return count


def _stale_reads(case: Case, view: KeyView, start: int, end: int) -> int:
    """Ok gets that began after another process's acknowledged put, in a fault or soon after it."""
    acks = sorted((op.ret, op.process) for op in view.ops if op.f in _WRITES - {"delete"} and op.type == "ok")
    if not acks:
        return 0
    period = int((case.config.get("anti_entropy_s") or 0) * _SECOND)
    bitten = [(fault.effective, fault.end) for fault in case.history.faults if fault.effective is not None]
    count = 0
    for op in view.ops:
        if op.f not in ("get", "read") or op.type != "ok" or not start <= op.inv < end:
            continue
        at = bisect_left(acks, (op.inv, -1)) - 1
        while at >= 0 and acks[at][1] == op.process:
            at -= 1
        if at >= 0 and (
            op.inv - acks[at][0] <= period
            or any(since <= op.ret and until >= op.inv for since, until in bitten)
        ):
            count += 1
    return count
