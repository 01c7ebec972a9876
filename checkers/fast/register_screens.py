"""Screens of single-value histories under the promise to be linearizable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checkers.fast.index import FAIL, OK
from checkers.fast.lagging import lag
from checkers.fast.measuring import availability, main_phase
from checkers.fast.registers import WRITE, Registers
from checkers.fast.window import by_key, counted
from checkers.formats.columnar.columns import NONE
from checkers.model.rounds import REMEDY
from checkers.verdict import Finding, Verdict, valid

Screen = Callable[[Registers], Finding | None]


def _local(clean: Callable[[Registers], bool]) -> Screen:
    def screen(of: Registers) -> Finding | None:
        answers = int((of.values != NONE).sum())
        return valid(answers, answers=answers, affected=0) if clean(of) else None

    return screen


def _none_aborted(of: Registers) -> bool:
    return not np.any(of.columns.type[of.written[of.written >= 0]] == FAIL)


def _none_from_the_future(of: Registers) -> bool:
    real = of.written >= 0
    return not np.any(of.columns.inv[of.written[real]] > of.columns.ret[of.reads[real]])


def _linearizable(of: Registers) -> Finding | None:
    if not of.is_linearizable or not of.operations:
        return None
    none = dict.fromkeys(("keys_by_search", "keys_by_revision", "keys_left_out", "states", "broken"), 0)
    stats = {"keys_by_zones": len(of.keys), **none}
    return Finding(Verdict.VALID, of.operations, (), "", stats)


def _k_atomicity(of: Registers) -> Finding | None:
    if not of.is_linearizable or not of.operations:
        return None
    atomic = len(np.unique(of.zones.key))
    return valid(of.operations, keys={"atomic": atomic, "two_atomic": 0, "worse": 0}, least_k=1)


def _delta_atomicity(of: Registers) -> Finding | None:
    if not of.is_linearizable or not of.operations:
        return None
    return valid(of.operations, delta_ms=0.0, infinite=False, stale_keys=0)


def _staleness(of: Registers) -> Finding | None:
    if not of.is_linearizable:
        return None
    columns = of.columns
    acked = of.writes[columns.type[of.writes] == OK]
    reads = tuple(column[of.reads].astype(np.int64) for column in (columns.key, columns.inv))
    first, ends = by_key(columns.key[acked], columns.ret[acked], len(columns.keys))
    return lag(of.case, first, ends, reads[0], reads[1], "a lower bound")


def _convergence(of: Registers) -> Finding | None:
    """Without final reads every key with an acknowledged write is a reason not to know."""
    columns = of.columns
    acked = np.zeros(len(columns.keys), np.bool_)
    acked[columns.key[of.writes[columns.type[of.writes] == OK]]] = True
    keys = [columns.keys[key] for key in of.keys.tolist() if acked[key]]
    if not keys:
        return None
    more = f"; and {len(keys) - 1} more keys" if len(keys) > 1 else ""
    reason = f"key `{keys[0]}` has no complete round of final reads: {REMEDY}{more}"
    return Finding(Verdict.UNKNOWN, 0, (), reason, {"keys": 0, "diverged": 0})


def _availability(of: Registers) -> Finding | None:
    return availability(of.case, of.columns, [WRITE])


SCREENS: dict[str, Screen] = {
    "phantom": _local(lambda of: not np.any(of.written == -2)),
    "aborted-read": _local(_none_aborted),
    "future-read": _local(_none_from_the_future),
    "linearizable": _linearizable,
    "k-atomicity": _k_atomicity,
    "delta-atomicity": _delta_atomicity,
    "staleness": _staleness,
    "convergence": _convergence,
    "availability": _availability,
}


def chances(of: Registers) -> dict[str, Any] | None:
    """What `checkers.chances.vacuity` counts; None where reads may be stale and only the plain way counts."""
    history, columns = of.case.history, of.columns
    if any(fault.effective is not None for fault in history.faults) or of.case.config.get("anti_entropy_s"):
        return None
    counts, within = main_phase(of.case, columns)
    acked = of.writes[(columns.type[of.writes] == OK) & within[of.writes]]
    first, ends = by_key(columns.key[acked], columns.ret[acked], len(columns.keys))
    key, inv = columns.key[acked].astype(np.int64), columns.inv[acked].astype(np.int64)
    over = counted(first, ends, key, inv, False)
    before = np.empty(len(acked), np.int64)
    by_first = np.argsort(key, kind="stable")
    before[by_first] = np.arange(len(acked)) - first[key[by_first]]
    keys = len(np.unique(columns.key[of.writes[columns.type[of.writes] == OK]]))
    pairs = int((before - over).sum())
    return {**counts, "conflicts": pairs, "stale_reads": 0, **_faults(of), "keys": keys, "finals": 0}


def _faults(of: Registers) -> dict[str, int]:
    faults = of.case.history.faults
    verified = sum(fault.verified is not None for fault in faults)
    return {"faults": len(faults), "effective": 0, "verified": verified}
