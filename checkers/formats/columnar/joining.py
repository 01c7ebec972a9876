"""Both ends of operations, as columns of lines, joined into columns of operations.

The counterpart of `assemble`, for many lines at once and for the usual ones only: whatever `assemble` would
refuse, warn of or treat in a way of its own is `Unusual` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.formats.columnar.columns import LIST, NARROW, NONE, Columns, plain_rest
from checkers.formats.events import FUNCTIONS
from checkers.model.history import OPEN, History
from checkers.model.values import name_of

INVOKE, OK, FAIL, INFO = -1, 0, 1, 2
"""`Ends.type`: completions have the numbers of `columns.TYPES`."""
_PUT, _DELETE = FUNCTIONS.index("put"), FUNCTIONS.index("delete")

Ints = NDArray[Any]


class Unusual(Exception):
    """Something that only the reader line by line understands."""


@dataclass(slots=True)
class Ends:
    """One row a line of an operation; from `value` on one an invocation, from `shape` on one a completion."""

    type: Ints
    op: Ints
    time: Ints
    process: Ints
    f: Ints
    key: Ints
    node: Ints
    attempts: Ints
    value: Ints
    """What each invocation asked: number of a value."""
    context: Ints
    """The operation whose values it carried; NONE if blind."""
    due: Ints
    shape: Ints
    """What each completion brought: `columns.NO_RESULT`, ONE or LIST."""
    lengths: Ints
    """How many values."""
    returned: Ints
    """Those, one completion after the other."""
    few: dict[int, dict[str, Any]]
    """Line -> fields that few have."""

    @classmethod
    def joined(cls, parts: Sequence[Ends]) -> Ends:
        """Blocks of lines as one."""
        names = [one.name for one in fields(cls) if one.name != "few"]
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        few: dict[int, dict[str, Any]] = {}
        before = 0
        for part in parts:
            few |= {before + line: fields for line, fields in part.few.items()}
            before += len(part.type)
        return cls(**columns, few=few)


def join(
    ends: Ends, keys: Iterable[str], nodes: Sequence[Any], values: Sequence[Any], rest: History
) -> Columns:
    """The operations; `rest` has what the other lines said. Raises Unusual."""
    asked, said = np.flatnonzero(ends.type == INVOKE), np.flatnonzero(ends.type != INVOKE)
    if _overlaps(ends):
        raise Unusual("a process does two things at once: the reader of lines says which")
    inv, end = ends.time[asked], ends.time[said]
    usual(not len(ends.time) or ends.time.min() >= 0)
    usual(np.all(np.diff(inv) >= 0))
    row = _rows(ends.op[asked], ends.op[said])
    usual(np.all(asked[row] < said) and np.all(end >= inv[row]))
    for column in (ends.f, ends.process, ends.key):
        usual(np.array_equal(column[asked[row]], column[said]))
    f, key = ends.f[asked], ends.key[asked]
    usual(not np.any((f == _PUT) & (ends.value == NONE)))

    type = np.full(len(asked), INFO)
    type[row] = ends.type[said]
    answered = ends.type[said] != INFO
    ret, gave_up = np.full(len(asked), OPEN), np.full(len(asked), NONE)
    ret[row[answered]] = end[answered]
    gave_up[row[~answered]] = end[~answered]
    attempts, node = ends.attempts[asked], ends.node[asked]
    attempts[row] = np.maximum(attempts[row], ends.attempts[said])
    named = ends.node[said] != NONE
    node[row[named]] = ends.node[said][named]
    shape = np.zeros(len(asked), np.uint8)
    shape[row] = ends.shape
    context = _sources(ends, asked, said, row, shape)
    offsets, returned = _returned(ends, row, len(asked))
    found = {"id": ends.op[asked], "process": ends.process[asked], "f": f, "type": type, "key": key}
    found |= {"value": ends.value, "inv": inv, "ret": ret, "gave_up": gave_up, "context": context}
    found |= {"attempts": attempts, "node": node, "due": ends.due, "shape": shape}
    found |= {"offsets": offsets, "returned": returned}
    return Columns(
        **{name: _narrow(column, NARROW.get(name, np.int64)) for name, column in found.items()},
        keys=[name_of(key) for key in keys],
        nodes=list(nodes),
        values=list(values),
        sparse=_sparse(ends, asked, said, row),
        rest=plain_rest(rest),
        source=rest.source,
    )


def usual(holds: Any) -> None:
    """Raises Unusual where it does not hold."""
    if not holds:
        raise Unusual


def _rows(asked: Ints, said: Ints) -> Ints:
    """The row of each completion: its invocation's place. Ids are unique, and each is completed once."""
    row = _found(asked, said)
    usual(not len(row) or np.bincount(row).max() == 1)
    return row


def _found(ids: Ints, wanted: Ints) -> Ints:
    """Where each of `wanted` stands among `ids`, which are unique."""
    order = np.argsort(ids, kind="stable")
    in_order = ids[order]
    usual(np.all(np.diff(in_order) > 0))
    place = np.searchsorted(in_order, wanted)
    usual(not len(wanted) or (len(ids) and place.max() < len(ids)))
    usual(np.array_equal(in_order[place], wanted))
    found: Ints = order[place]
    return found


def _sources(ends: Ends, asked: Ints, said: Ints, row: Ints, shape: Ints) -> Ints:
    """The row of each context: an ok get of the same key, answered before the line that carries it."""
    context = ends.context
    carried = np.flatnonzero(context != NONE)
    usual(np.all(np.isin(ends.f[asked[carried]], (_PUT, _DELETE))))
    source = _found(ends.op[asked], context[carried])
    line = np.full(len(asked), OPEN)
    line[row] = said
    usual(np.all(shape[source] == LIST) and np.all(line[source] < asked[carried]))
    usual(np.array_equal(ends.key[asked[source]], ends.key[asked[carried]]))
    rows = np.full(len(asked), NONE)
    rows[carried] = source
    return rows


def _returned(ends: Ends, row: Ints, rows: int) -> tuple[Ints, Ints]:
    """Offsets, and what came back, in order of rows."""
    lengths = np.zeros(rows, np.int64)
    lengths[row] = ends.lengths
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    starts = np.cumsum(ends.lengths) - ends.lengths
    places = np.repeat(offsets[row] - starts, ends.lengths) + np.arange(len(ends.returned))
    returned = np.empty(len(ends.returned), np.int64)
    returned[places] = ends.returned
    return offsets, returned


def _narrow(column: Ints, kind: Any) -> Ints:
    if len(column):
        limits = np.iinfo(kind)
        usual(limits.min <= column.min() and column.max() <= limits.max)
    return column.astype(kind)


def _sparse(ends: Ends, asked: Ints, said: Ints, row: Ints) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    rows = np.empty(len(ends.type), np.int64)
    rows[asked], rows[said] = np.arange(len(asked)), row
    for line, few in ends.few.items():
        found.setdefault(int(rows[line]), {}).update(few)
    return found


def _overlaps(ends: Ends) -> bool:
    """Whether some completion is not of its process's latest invocation (inner operations may be so)."""
    if not len(ends.op):
        return False
    order = np.argsort(ends.process, kind="stable")
    op = ends.op[order]
    latest = np.maximum.accumulate(np.where(ends.type[order] == INVOKE, np.arange(len(op)), 0))
    return bool((op[latest] != op).any())
