"""Screens of how far reads lag (safe, staleness), where no read is stale; and of checks of single values."""

from __future__ import annotations

import numpy as np

from checkers.case import Case
from checkers.checks.staleness import EDGES_MS, GROUPS, Group
from checkers.fast.facts import Facts
from checkers.fast.index import FAIL, Flags, Ints
from checkers.fast.local import Screen
from checkers.fast.window import by_key, counted
from checkers.verdict import Finding, not_applicable, valid


def _by_key(of: Facts, writes: Flags, times: Ints) -> tuple[Ints, Ints]:
    """(offsets by key, times of these writes sorted within each key)."""
    chosen = np.flatnonzero(writes)
    return by_key(of.columns.key[of.index.row[chosen]], times[chosen], len(of.columns.keys))


def _reads(of: Facts) -> tuple[Ints, Ints, Ints]:
    """Key, invocation and return of every read."""
    rows = of.index.gets
    columns = of.columns
    key, inv, ret = (column[rows].astype(np.int64) for column in (columns.key, columns.inv, columns.ret))
    return key, inv, ret


def _safe(of: Facts, _: str) -> Finding | None:
    """Where no read is stale, none is that no write overlaps."""
    if not len(of.index.gets) or not of.is_regular:
        return None
    key, inv, ret = _reads(of)
    may_act = of.index.type != FAIL
    began = counted(*_by_key(of, may_act, of.index.inv), key, ret, True)
    ended = counted(*_by_key(of, may_act, of.index.ret), key, inv, False)
    quiet = int((began == ended).sum())
    if not quiet:
        return not_applicable("no read ran while nobody wrote its key")
    return valid(quiet, stale_reads=0, stale_share=0.0)


def _staleness(of: Facts, _: str) -> Finding | None:
    if not len(of.index.gets) or not of.is_regular:
        return None
    key, inv, _ret = _reads(of)
    first, ends = _by_key(of, of.marks.acked_puts, of.index.ret)
    return lag(of.case, first, ends, key, inv, "exact")


def lag(case: Case, first: Ints, ends: Ints, key: Ints, inv: Ints, k_is: str) -> Finding:
    """The finding of `staleness` on reads (key and invocation of each) of which none is stale.

    `ends[first[k]:first[k + 1]]`: when key k's acknowledged writes returned, sorted.
    """
    place = counted(first, ends, key, inv, False)
    late = place > 0
    if not late.any():
        return not_applicable("no read began after a write of its key was acknowledged")
    age_ms = (inv[late] - ends[first[key[late]] + place[late] - 1]) / 1e6
    bucket = np.searchsorted(np.array(EDGES_MS), age_ms, side="right") - 1
    is_faulty = np.zeros(int(late.sum()), np.bool_)
    for fault in case.history.interruptions:
        is_faulty |= ((fault.effective or fault.requested) <= inv[late]) & (inv[late] <= fault.end)
    parts = {}
    for name, chosen in zip(GROUPS, (~is_faulty, is_faulty), strict=True):
        reads = int(chosen.sum())
        if reads:
            group = Group(reads=reads, ks={0: reads})
            group.total = np.bincount(bucket[chosen], minlength=len(EDGES_MS)).tolist()
            group.visible = list(group.total)
            parts[name] = group.stats()
    return valid(int(late.sum()), stale_reads=0, stale_share=0.0, k_is=k_is, reads=parts)


def _of_single_values(of: Facts, check: str) -> Finding | None:
    """A read of siblings: unless it was promised that there are none, these checks have no meaning here."""
    if of.case.terms(check).asserted:
        return None
    sizes = np.diff(of.index.cell_at)
    several = of.index.gets[sizes > 1]
    if not len(several):
        return None
    op = int(several[np.lexsort((several, of.appeared[of.columns.key[several]]))][0])
    count = int(of.columns.offsets[op + 1] - of.columns.offsets[op])
    name = of.columns.id[op]
    return not_applicable(f"op {name} returned {count} values at once: siblings, not a single value")


SCREENS: dict[str, Screen] = {
    "safe": _safe,
    "staleness": _staleness,
    "lww-regular": _of_single_values,
    "linearizable": _of_single_values,
    "k-atomicity": _of_single_values,
    "delta-atomicity": _of_single_values,
}
