"""Screens of what is measured: siblings, availability, last-writer-wins; and the counted chances of a run."""

from __future__ import annotations

from typing import Any

import numpy as np

from checkers.case import Case
from checkers.chances.vacuity import why_unverified
from checkers.checks.siblings import PAPER, PAPER_REMAINDER
from checkers.conditions.availability import GETS, PUTS, Tally
from checkers.fast import reach
from checkers.fast.facts import Facts
from checkers.fast.index import FAIL, INFO, OK, PUT, Flags
from checkers.fast.local import Screen
from checkers.formats.columnar.columns import NONE, Columns
from checkers.formats.events import FUNCTIONS
from checkers.model.history import OPEN
from checkers.model.phases import Phases
from checkers.numbers.percentiles import latencies
from checkers.verdict import Finding, Verdict, valid


def _phase_names(case: Case, times: Any) -> tuple[list[str], Any]:
    """The names of the phases (`main` first), and the number of that in which each time lies."""
    history = case.history
    names = Phases(history).names
    starts = np.array([time for time, _ in history.phases], np.int64)
    numbers = np.array([0, *(names.index(name) for _, name in history.phases)])
    return names, numbers[np.searchsorted(starts, times, side="right")]


def _siblings(of: Facts, _: str) -> Finding | None:
    index = of.index
    if not of.no_duplicates or not of.no_false_siblings:
        return None
    sizes = np.diff(index.cell_at)
    some = np.flatnonzero(sizes > 0)
    if not len(some):
        return None
    sizes, rows = sizes[some], index.gets[some]
    names, phase = _phase_names(of.case, of.columns.inv[rows])
    most = int(sizes.max())
    largest = rows[sizes == most]
    largest = largest[np.lexsort((largest, of.appeared[of.columns.key[largest]]))][0]
    table = _table(sizes)
    limit = of.case.config.get("max_siblings")
    several = int((sizes > 1).sum())
    stats: dict[str, Any] = {
        "histogram": table,
        "percent": {size: 100 * count / len(sizes) for size, count in table.items()},
        "paper_percent": PAPER,
        "paper_remainder_percent": PAPER_REMAINDER,
        "phases": {
            name: _table(sizes[phase == number])
            for number, name in enumerate(names)
            if np.any(phase == number)
        },
        "causes": {"concurrent": several, "false": 0},
        "max": most,
        "max_op": int(of.columns.id[largest]),
        "max_siblings": limit,
    }
    if limit and most > limit:
        stats["warning"] = f"op {stats['max_op']} returned {most} siblings; max_siblings is {limit}"
    return valid(len(sizes), **stats)


def _table(sizes: Any) -> dict[str, int]:
    found, counts = np.unique(sizes, return_counts=True)
    return {str(size): count for size, count in zip(found.tolist(), counts.tolist(), strict=True)}


def _availability(of: Facts, _: str) -> Finding | None:
    return availability(of.case, of.columns, [PUT])


def availability(case: Case, columns: Columns, puts: list[int]) -> Finding | None:
    """The numbers alone, where no fault excuses anything, no target is set, and every put of these functions
    was acknowledged or cut off."""
    names = ("put_success_min", "max_gap_s", "latency_p999_ms")
    targets = {name: case.config.get(name) or None for name in names}
    is_put = np.isin(columns.f, puts)
    is_cut = is_put & (columns.type == INFO) & (columns.gave_up == NONE)
    if any(targets.values()) or case.history.interruptions:
        return None
    if np.any(is_put & (columns.type != OK) & ~is_cut):
        return None
    rows = np.flatnonzero(is_put)
    phases, phase = _phase_names(case, columns.inv[rows])
    numbers, begins = np.unique(phase, return_index=True)
    table = {}
    for number in numbers[np.argsort(begins)].tolist():
        cut = int(is_cut[rows[phase == number]].sum())
        tally = Tally(not_owed=cut)
        owed = int((phase == number).sum()) - cut
        success = 1.0 if owed else None
        table[phases[number]] = {**tally.stats(), "owed": owed, "ok": owed, "success": success}
    stats = {"puts": table, "latency": _latencies(case, columns), "targets": targets}
    owed = len(rows) - int(is_cut.sum())
    return Finding(Verdict.NOT_APPLICABLE, owed, reason="no target is set", stats=stats)


def _latencies(case: Case, columns: Columns) -> dict[str, dict[str, dict[str, Any]]]:
    table: dict[str, dict[str, dict[str, Any]]] = {}
    took = columns.ret - np.where(columns.due == NONE, columns.inv, columns.due)
    for f in sorted(PUTS | GETS):
        rows = np.flatnonzero((columns.f == FUNCTIONS.index(f)) & (columns.type == OK))
        if not len(rows):
            continue
        names, phase = _phase_names(case, columns.inv[rows])
        numbers, begins = np.unique(phase, return_index=True)
        by_phase = {"all": latencies(np.sort(took[rows]).tolist())}
        for number in numbers[np.argsort(begins)].tolist():
            by_phase[names[number]] = latencies(np.sort(took[rows[phase == number]]).tolist())
        table[f] = by_phase
    return table


def _lww_inversion(of: Facts, check: str) -> Finding | None:
    """Clean if no acknowledged write began after the winner returned, by the controller's clock."""
    index, held = of.index, of.held(check)
    skewed = any(fault.fault in ("skew", "freeze") for fault in of.case.history.faults)
    if held is None or skewed or np.any(of.marks.gone(held) & of.marks.acked_puts):
        return None
    count = 0
    for key, round, agrees in zip(held.keys, held.rounds, held.agreeing, strict=True):
        writes = slice(int(index.first[key]), int(index.first[key + 1]))
        acked = index.type[writes] == OK
        if not agrees or not acked.any():
            continue
        count += 1
        if len(round.values) == 1:
            kept = index.writer(key, round.values[0])
            if kept == NONE or np.any(index.inv[writes][acked] > index.ret[kept]):
                return None
        elif not round.values:
            puts = acked & index.is_put[writes]
            deletes = ~index.is_put[writes] & (index.type[writes] != FAIL)
            latest = index.ret[writes][deletes].max(initial=-1)
            if np.any(index.inv[writes][puts] > latest):
                return None
        elif of.case.promise == "lww":
            return None
    return valid(count, keys=count, overwritten_unseen=0)


def main_phase(case: Case, columns: Columns) -> tuple[dict[str, Any], Flags]:
    """What was acknowledged in the main phase, as `checkers.chances.vacuity` counts it, and its rows."""
    history = case.history
    main = history.phase_start("main")
    start = 0 if main is None else main
    later = [time for time, name in history.phases if main is not None and name != "main" and time >= main]
    end = min(later, default=OPEN)
    within: Flags = (columns.inv >= start) & (columns.inv < end)
    by_f: dict[str, int] = {}
    functions, begins = np.unique(columns.f[within], return_index=True)
    for f in functions[np.argsort(begins)].tolist():
        by_f[FUNCTIONS[f]] = int((within & (columns.f == f) & (columns.type == OK)).sum())
    drawn = case.config.get("functions")
    functions_drawn = list(drawn) if isinstance(drawn, list) else list(by_f)
    counts = {"main": main is not None, "ok": sum(by_f.values()), "by_f": by_f, "functions": functions_drawn}
    return counts, within


def chances(of: Facts) -> dict[str, Any] | None:
    """What `checkers.chances.vacuity.chances` counts; None if it takes too many steps."""
    columns, index, history = of.columns, of.index, of.case.history
    counts, within = main_phase(of.case, columns)
    counted = (index.type == OK) | ((index.type == INFO) & of.marks.observed)
    counted &= within[index.row]
    pairs = int(
        reach.conflicts(index.first, counted, index.inv, index.ret, index.parent_at, index.parents, of.budget)
    )
    stale = _stale_reads(of)
    if pairs < 0 or stale is None:
        return None
    acked_keys = np.unique(columns.key[index.row[index.type == OK]]).tolist()
    read = {key for key, rounds in of.marks.rounds.items() if any(round.complete for round in rounds)}
    return {
        **counts,
        "conflicts": pairs,
        "stale_reads": stale,
        "faults": len(history.faults),
        "effective": sum(fault.effective is not None for fault in history.faults),
        "verified": sum(fault.verified is not None for fault in history.faults),
        **why_unverified(history.faults),
        "keys": len(acked_keys),
        "finals": sum(columns.keys[key] in read for key in acked_keys),
    }


def _stale_reads(of: Facts) -> int | None:
    """Without faults and without anti-entropy no read counts as possibly stale; else the plain way counts."""
    history = of.case.history
    bitten = any(fault.effective is not None for fault in history.faults)
    return None if bitten or (of.case.config.get("anti_entropy_s") or 0) > 0 else 0


SCREENS: dict[str, Screen] = {
    "siblings": _siblings,
    "availability": _availability,
    "lww-inversion": _lww_inversion,
}
