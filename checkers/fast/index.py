"""The index of one multi-value history: its writes, numbered key by key in order of invocation, and what lies
directly below each. A parent always has a smaller number than its child, so one sweep backwards closes a set
of writes downwards, and a search from a write never looks below the number it seeks: no index of dominance is
needed, and memory stays linear.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.fast.jit import kernel
from checkers.formats.columnar.columns import LIST, NONE, TYPES, Columns
from checkers.formats.events import FUNCTIONS
from checkers.model.history import OPEN

GET, PUT, DELETE = (FUNCTIONS.index(f) for f in ("get", "put", "delete"))
OK, FAIL, INFO = (TYPES.index(type) for type in ("ok", "fail", "info"))
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Index:
    """Writes by number, reads by number; `cells` are the numbers of the writes that reads returned."""

    columns: Columns
    row: Ints
    """Write -> its row."""
    first: Ints
    """Key -> number of its first write (keys + 1 entries)."""
    inv: Ints
    ret: Ints
    type: Ints
    is_put: Flags
    once: Flags
    """Whether it was sent once."""
    parent_at: Ints
    parents: Ints
    """`parents[parent_at[w]:parent_at[w + 1]]`: the writes that the context of w names."""
    gets: Ints
    """Read -> its row, in order of invocation."""
    cell_at: Ints
    cells: Ints
    numbers: dict[Any, int]
    """Value -> its number in the pool."""
    code: Ints
    """Sorted (key, value) of all puts, for look-ups."""
    coded: Ints
    """The write of each of them."""

    @property
    def count(self) -> int:
        """How many writes."""
        return len(self.row)

    def writer(self, key: int, value: Any) -> int:
        """The write of a value on a key; NONE if nobody wrote it."""
        number = self.numbers.get(value, NONE)
        if number == NONE:
            return NONE
        wanted = key * (len(self.columns.values) + 1) + number
        at = int(np.searchsorted(self.code, wanted))
        return int(self.coded[at]) if at < len(self.code) and self.code[at] == wanted else NONE

    def flags(self, writes: Any) -> Flags:
        """These writes (NONE is left out) as flags."""
        found = np.zeros(self.count, np.bool_)
        numbers = np.asarray(writes, np.int64)
        found[numbers[numbers >= 0]] = True
        return found

    def down(self, writes: Flags) -> Flags:
        """These writes and everything below them."""
        found = writes.copy()
        _down(found, self.parent_at, self.parents)
        return found

    def below(self, writes: Flags) -> Flags:
        """Everything strictly below some of these writes."""
        found = np.zeros(self.count, np.bool_)
        _parents_of(writes, found, self.parent_at, self.parents)
        _down(found, self.parent_at, self.parents)
        return found

    def earliest(self, deletes: Flags, moment: Ints) -> Ints:
        """For each write, the least `moment` of these deletes that cover it; OPEN if none does."""
        found = np.full(self.count, OPEN, np.int64)
        _earliest(deletes, moment, found, self.parent_at, self.parents)
        return found


def index_of(columns: Columns) -> Index | None:
    """The index; None where the history is not one of plain, unique puts and well-ordered contexts."""
    if columns.rows == 0 or not _plain(columns):
        return None
    is_write = (columns.f == PUT) | (columns.f == DELETE)
    rows = np.flatnonzero(is_write)
    rows = rows[np.argsort(columns.key[rows], kind="stable")].astype(np.int64)
    key = columns.key[rows].astype(np.int64)
    first = np.searchsorted(key, np.arange(len(columns.keys) + 1))
    inv, ret = columns.inv[rows].astype(np.int64), columns.ret[rows].astype(np.int64)
    is_put = columns.f[rows] == PUT
    span = len(columns.values) + 1
    puts = np.flatnonzero(is_put)
    code = key[puts] * span + columns.value[rows[puts]]
    by_code = np.argsort(code, kind="stable")
    code, coded = code[by_code], puts[by_code]
    if np.any(code[1:] == code[:-1]):
        return None  # a value written twice: not for the screens
    gets = np.flatnonzero((columns.f == GET) & (columns.type == OK))
    lengths = np.diff(columns.offsets)
    cell_row = np.repeat(np.arange(columns.rows), lengths)
    wanted = columns.key[cell_row].astype(np.int64) * span + columns.returned
    at = np.minimum(np.searchsorted(code, wanted), max(0, len(code) - 1))
    hit = (code[at] == wanted) if len(code) else np.zeros(len(wanted), np.bool_)
    writers = np.where(hit & (columns.returned != NONE), coded[at] if len(code) else NONE, NONE)
    parent_at, parents = _contexts(columns, rows, lengths, writers)
    if len(parents):
        child = np.repeat(np.arange(len(rows)), np.diff(parent_at))
        if np.any(parents >= child):
            return None  # a read of the future, or of the same moment: order of number is no order
    return Index(
        columns=columns,
        row=rows,
        first=first.astype(np.int64),
        inv=inv,
        ret=ret,
        type=columns.type[rows].astype(np.int64),
        is_put=is_put,
        once=columns.attempts[rows] == 1,
        parent_at=parent_at,
        parents=parents,
        gets=gets.astype(np.int64),
        cell_at=np.concatenate([[0], np.cumsum(lengths[gets])]).astype(np.int64),
        cells=writers[np.repeat(np.isin(np.arange(columns.rows), gets), lengths)].astype(np.int64),
        numbers={value: number for number, value in enumerate(columns.values)},
        code=code,
        coded=coded,
    )


def _plain(columns: Columns) -> bool:
    """Gets, puts and deletes of text values, without bodies, parents or merged contexts."""
    if not np.isin(columns.f, [GET, PUT, DELETE]).all() or not (columns.key >= 0).all():
        return False
    if any(few.keys() - {"error", "clock"} for few in columns.sparse.values()):
        return False
    is_get = columns.f == GET
    if np.any(is_get & (columns.type == OK) & (columns.shape != LIST)) or np.any(
        ~is_get & (columns.shape > 0)
    ):
        return False
    if not all(type(value) is str for value in columns.values):
        return False
    carried = np.flatnonzero(columns.context != NONE)
    sources = columns.context[carried]
    is_early = columns.ret[sources] <= columns.inv[carried]
    is_same = columns.key[sources] == columns.key[carried]
    is_read = is_get[sources] & (columns.type[sources] == OK)
    return bool((is_early & is_same & is_read).all() and not is_get[carried].any())


def _contexts(columns: Columns, rows: Ints, lengths: Ints, writers: Ints) -> tuple[Ints, Ints]:
    sources = columns.context[rows].astype(np.int64)
    counts = np.where(sources == NONE, 0, lengths[sources])
    at = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    begins = np.where(sources == NONE, 0, columns.offsets[:-1][sources])
    within = np.arange(int(at[-1])) - np.repeat(at[:-1], counts)
    found = writers[np.repeat(begins, counts) + within]
    known = found != NONE
    kept = np.concatenate([[0], np.cumsum(known)])[at]
    return kept.astype(np.int64), found[known].astype(np.int64)


@kernel
def _down(found: Flags, parent_at: Ints, parents: Ints) -> None:
    for write in range(len(found) - 1, -1, -1):
        if found[write]:
            for at in range(parent_at[write], parent_at[write + 1]):
                found[parents[at]] = True


@kernel
def _parents_of(writes: Flags, found: Flags, parent_at: Ints, parents: Ints) -> None:
    for write in range(len(writes)):
        if writes[write]:
            for at in range(parent_at[write], parent_at[write + 1]):
                found[parents[at]] = True


@kernel
def _earliest(deletes: Flags, moment: Ints, found: Ints, parent_at: Ints, parents: Ints) -> None:
    for write in range(len(found) - 1, -1, -1):
        least = found[write]
        if deletes[write] and moment[write] < least:
            least = moment[write]
        for at in range(parent_at[write], parent_at[write + 1]):
            if least < found[parents[at]]:
                found[parents[at]] = least
