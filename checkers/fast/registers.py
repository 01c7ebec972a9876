"""Histories of single-value registers with unique writes, from arrays: zones of a million operations at once.

Needs numpy alone. The definitions are those of `checkers.registers.clusters` and `checkers.registers.zones`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.case import Case
from checkers.fast.index import FAIL, OK, Flags, Ints
from checkers.formats.columnar.columns import LIST, NONE, Columns
from checkers.formats.events import FUNCTIONS
from checkers.registers.clusters import BEGINNING

READ, WRITE = FUNCTIONS.index("read"), FUNCTIONS.index("write")


@dataclass(slots=True)
class Zones:
    """Clusters of all keys: each one's key and its two times."""

    key: Ints
    first_end: Ints
    last_start: Ints

    def clash(self) -> bool:
        """Whether two clusters of one key must each come before the other."""
        _, rank = np.unique(np.concatenate([self.first_end, self.last_start]), return_inverse=True)
        count = len(self.key)
        # One number for (key, time), so that what is sorted or accumulated never crosses keys.
        base = self.key * (2 * count + 1)
        first, last = base + rank[:count], base + rank[count:]
        forward = first < last
        by_first = np.argsort(first[forward], kind="stable")
        starts = first[forward][by_first]
        widest = np.maximum.accumulate(last[forward][by_first])
        if np.any(widest[:-1] > starts[1:]):
            return True
        at = np.searchsorted(starts, last[~forward], side="left") - 1
        return bool(np.any(widest[at[at >= 0]] > first[~forward][at >= 0]))


class Registers:
    """One history of reads and writes, without final reads."""

    def __init__(self, case: Case, columns: Columns) -> None:
        self.case = case
        self.columns = columns
        self.writes = np.flatnonzero(columns.f == WRITE)
        """Rows of writes."""
        self.reads = np.flatnonzero((columns.f == READ) & (columns.type == OK))
        """Rows of answered reads, in order of invocation."""

    @cached_property
    def written(self) -> Ints:
        """Read -> the row of its value's write; NONE: nothing, or the initial value; -2: nobody wrote it."""
        columns = self.columns
        span = len(columns.values) + 1
        code = columns.key[self.writes].astype(np.int64) * span + columns.value[self.writes]
        order = np.argsort(code)
        code, rows = code[order], self.writes[order]
        value = self.values
        wanted = columns.key[self.reads].astype(np.int64) * span + value
        at = np.minimum(np.searchsorted(code, wanted), max(0, len(code) - 1))
        hit = (code[at] == wanted) if len(code) else np.zeros(len(wanted), np.bool_)
        found = np.where(hit, rows[at] if len(rows) else NONE, -2)
        return np.where(value == self.initial, NONE, found)

    @cached_property
    def values(self) -> Ints:
        """Read -> the number of its value in the pool; NONE for nothing."""
        columns = self.columns
        some = columns.shape[self.reads] > 0
        found = np.full(len(self.reads), NONE, np.int64)
        found[some] = columns.returned[columns.offsets[self.reads[some]]]
        return found

    @cached_property
    def initial(self) -> int:
        """The number of the initial value in the pool."""
        value = self.case.history.meta.get("initial")
        if value is None:
            return NONE
        same = [number for number, one in enumerate(self.columns.values) if one == value]
        return same[0] if same else -3

    @cached_property
    def is_linearizable(self) -> bool:
        """Whether every key is, told by zones."""
        columns, written = self.columns, self.written
        if np.any(written == -2):
            return False
        real = written >= 0
        writer = written[real]
        if np.any(columns.type[writer] == FAIL):
            return False
        if np.any(columns.ret[self.reads[real]] < columns.inv[writer]):
            return False
        return not self.zones.clash()

    @cached_property
    def zones(self) -> Zones:
        """The clusters of every key, those of the initial value included where it was read."""
        columns, written = self.columns, self.written
        real = written >= 0
        end, start = columns.ret.astype(np.int64), columns.inv.astype(np.int64)
        np.minimum.at(end, written[real], columns.ret[self.reads[real]])
        np.maximum.at(start, written[real], columns.inv[self.reads[real]])
        of_writes = self.writes[self.in_cluster]
        first = self.reads[written == NONE]
        latest = np.full(len(columns.keys), BEGINNING, np.int64)
        np.maximum.at(latest, columns.key[first], columns.inv[first])
        keys = np.unique(columns.key[first])
        return Zones(
            np.concatenate([columns.key[of_writes], keys]).astype(np.int64),
            np.concatenate([end[of_writes], np.full(len(keys), BEGINNING)]),
            np.concatenate([start[of_writes], latest[keys]]),
        )

    @cached_property
    def in_cluster(self) -> Flags:
        """Writes that count: acknowledged, or read."""
        columns = self.columns
        is_read = np.zeros(columns.rows, np.bool_)
        is_read[self.written[self.written >= 0]] = True
        found: Flags = (columns.type[self.writes] == OK) | is_read[self.writes]
        return found

    @property
    def operations(self) -> int:
        """How many operations the clusters hold."""
        return int(self.in_cluster.sum()) + len(self.reads)

    @cached_property
    def keys(self) -> Ints:
        """Keys that anybody touched, in order of first appearance."""
        found, first = np.unique(self.columns.key, return_index=True)
        return found[np.argsort(first)].astype(np.int64)


def registers_of(case: Case, columns: Columns) -> Registers | None:
    """None where the history is not one of plain reads, and writes of unique values that were sent once."""
    if not columns.rows or not np.isin(columns.f, [READ, WRITE]).all() or case.history.finals:
        return None
    if np.any(columns.attempts > 1) or np.any(columns.shape == LIST) or not (columns.key >= 0).all():
        return None
    if any(few.keys() - {"error"} for few in columns.sparse.values()):
        return None
    kinds = {type(value) for value in columns.values}
    if not (kinds <= {int} or kinds <= {str}):
        return None
    found = Registers(case, columns)
    value = columns.value[found.writes].astype(np.int64)
    code = np.sort(columns.key[found.writes].astype(np.int64) * (len(columns.values) + 1) + value)
    if np.any(value == NONE) or np.any(value == found.initial) or np.any(code[1:] == code[:-1]):
        return None
    return found
