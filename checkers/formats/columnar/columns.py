"""A history as arrays, for judging millions of operations; `sidecar` keeps them in `history.npz`.

One row an operation, in order of invocation. What an operation returned is a slice of one long array (offsets
as in compressed sparse rows); values are numbers of a pool that holds each distinct value once. Fields of few
operations, and everything that is no operation, stay as JSON beside the arrays: nothing is lost.

Needs numpy (extra `fast`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.collecting import without_gc
from checkers.formats.events import FUNCTIONS
from checkers.model.history import Exit, Fault, Final, History, Op, State

TYPES = ("ok", "fail", "info")
NONE = -1
"""No value, no context, no node."""
NO_RESULT, ONE, LIST = 0, 1, 2
"""What came back: nothing, one value, a list of them."""
_SPARSE = ("reaches", "items", "parent", "error", "body", "order", "clock")

Ints = NDArray[np.integer[Any]]


@dataclass(slots=True)
class Columns:
    """A history as arrays: `rows` operations, by order of invocation. Times are ns; `OPEN` is never."""

    id: Ints
    process: Ints
    f: Ints
    """Index into `FUNCTIONS`."""
    type: Ints
    """Index into `TYPES`."""
    key: Ints
    """Index into `keys`."""
    value: Ints
    """What was asked: index into `values`; NONE for null. A cas asks a list, which is in the pool too."""
    inv: Ints
    ret: Ints
    gave_up: Ints
    """When an `info` was recorded; NONE if it never was."""
    context: Ints
    """The row whose returned values the write carried; NONE: blind, or several (then in `sparse`)."""
    attempts: Ints
    node: Ints
    due: Ints
    """NONE where the client had no schedule."""
    shape: Ints
    """NO_RESULT, ONE or LIST."""
    offsets: Ints
    """`returned[offsets[i]:offsets[i + 1]]` came back from row i (rows + 1 entries)."""
    returned: Ints
    """Index into `values`; NONE for null."""
    keys: list[str]
    nodes: list[str]
    values: list[Any]
    sparse: dict[int, dict[str, Any]]
    """Row -> fields that few rows have."""
    rest: dict[str, Any]
    """Everything but operations, as plain JSON."""
    source: str = ""

    @property
    def rows(self) -> int:
        """How many operations."""
        return len(self.id)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays, without the pool of values."""
        return sum(getattr(self, name).nbytes for name in ARRAYS)

    def history(self, rows: Iterable[int] | None = None) -> History:
        """The history, or that of some rows only (in order): faults, phases and finals are all kept."""
        history = History(source=self.source, **_things(self.rest))
        chosen = None if rows is None else np.fromiter(rows, np.int64)
        with without_gc():
            history.ops = self._ops(chosen)
        return history

    def _ops(self, rows: NDArray[np.int64] | None) -> list[Op]:
        def column(name: str) -> list[int]:
            array = getattr(self, name)
            return (array if rows is None else array[rows]).tolist()  # type: ignore[no-any-return]

        ids, values = self.id, [*self.values, None]
        starts, ends = self.offsets[:-1], self.offsets[1:]
        if rows is not None:
            starts, ends = starts[rows], ends[rows]
        returned = self.returned
        contexts = self.context if rows is None else self.context[rows]
        carried = np.where(contexts == NONE, NONE, ids[contexts]).tolist() if len(ids) else []
        is_blind = (contexts == NONE).tolist()
        keys, nodes, functions, types = self.keys, [*self.nodes, None], FUNCTIONS, TYPES
        slices = zip(column("shape"), starts.tolist(), ends.tolist(), strict=True)
        all_returned = returned.tolist() if rows is None else None
        ops = []
        for (
            id,
            process,
            f,
            type,
            key,
            value,
            inv,
            ret,
            gave_up,
            source,
            blind,
            attempts,
            node,
            due,
            cut,
        ) in zip(
            column("id"),
            column("process"),
            column("f"),
            column("type"),
            column("key"),
            column("value"),
            column("inv"),
            column("ret"),
            column("gave_up"),
            carried,
            is_blind,
            column("attempts"),
            column("node"),
            column("due"),
            slices,
            strict=True,
        ):
            shape, start, end = cut
            result: Any = None
            if shape:
                cells = all_returned[start:end] if all_returned is not None else returned[start:end].tolist()
                result = [values[cell] for cell in cells]
                if shape == ONE:
                    result = result[0]
            ops.append(
                Op(
                    id,
                    process,
                    functions[f],
                    keys[key] if key != NONE else None,
                    values[value],
                    inv,
                    ret,
                    types[type],
                    result,
                    None if blind else source,
                    nodes[node],
                    None if due == NONE else due,
                    attempts,
                    gave_up=None if gave_up == NONE else gave_up,
                )
            )
        if self.sparse:
            places = range(self.rows) if rows is None else rows.tolist()
            for op, row in zip(ops, places, strict=True):
                for name, given in self.sparse.get(row, {}).items():
                    setattr(op, name, given)
        return ops


ARRAYS = tuple(field.name for field in fields(Columns) if field.type == "Ints")
NARROW = {"process": np.int32, "f": np.uint8, "type": np.uint8, "key": np.int32, "value": np.int32}
NARROW |= {"attempts": np.int32, "node": np.int16, "shape": np.uint8, "returned": np.int32}
NARROW |= {"context": np.int32}


def of_history(history: History) -> Columns:
    """The arrays of a history."""
    pool = _Pool()
    keys: dict[str, int] = {}
    nodes: dict[str, int] = {}
    row_of = {op.id: row for row, op in enumerate(history.ops)}
    functions = {f: number for number, f in enumerate(FUNCTIONS)}
    types = {type: number for number, type in enumerate(TYPES)}
    found: dict[str, list[int]] = {name: [] for name in ARRAYS}
    appends = {name: column.append for name, column in found.items()}
    returned = found["returned"]
    sparse: dict[int, dict[str, Any]] = {}
    found["offsets"].append(0)
    for row, op in enumerate(history.ops):
        appends["id"](op.id)
        appends["process"](op.process)
        appends["f"](functions[op.f])
        appends["type"](types[op.type])
        appends["key"](NONE if op.key is None else keys.setdefault(op.key, len(keys)))
        appends["value"](pool.number(op.value))
        appends["inv"](op.inv)
        appends["ret"](op.ret)
        appends["gave_up"](NONE if op.gave_up is None else op.gave_up)
        one = row_of.get(op.context) if isinstance(op.context, int) else None
        appends["context"](NONE if one is None else one)
        appends["attempts"](op.attempts)
        appends["node"](NONE if op.node is None else nodes.setdefault(op.node, len(nodes)))
        appends["due"](NONE if op.due is None else op.due)
        if isinstance(op.result, list):
            appends["shape"](LIST)
            returned.extend(map(pool.number, op.result))
        elif op.result is not None:
            appends["shape"](ONE)
            returned.append(pool.number(op.result))
        else:
            appends["shape"](NO_RESULT)
        appends["offsets"](len(returned))
        few = {
            name: value for name in _SPARSE if (value := getattr(op, name)) is not None and value is not False
        }
        if one is None and op.context is not None:
            few["context"] = op.context
        if few:
            sparse[row] = few
    arrays: dict[str, Any] = {
        name: np.array(column, NARROW.get(name, np.int64)) for name, column in found.items()
    }
    lists: dict[str, Any] = {"keys": list(keys), "nodes": list(nodes), "values": pool.values}
    return Columns(**arrays, **lists, sparse=sparse, rest=plain_rest(history), source=history.source)


class _Pool:
    """Distinct values, each with its number; what is equal (1 and 1.0) has one, whatever its type."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The number of `value`, new if it was not seen before; NONE for null."""
        if value is None:
            return NONE
        name = (list, *value) if isinstance(value, list) else value  # a cas's two values
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.values)
            self.values.append(value)
        return number


def plain_rest(history: History) -> dict[str, Any]:
    """Everything but operations, as plain JSON: `Columns.rest`."""
    plain = {name: getattr(history, name) for name in ("meta", "phases", "notes", "failures", "warnings")}
    for name in ("faults", "finals", "states", "exits"):
        plain[name] = [[getattr(one, field.name) for field in fields(one)] for one in getattr(history, name)]
    return plain


def _things(rest: dict[str, Any]) -> dict[str, Any]:
    things = {name: rest[name] for name in ("meta", "notes", "failures", "warnings")}
    things["phases"] = [(time, name) for time, name in rest["phases"]]
    for name, make in (("faults", Fault), ("finals", Final), ("states", State), ("exits", Exit)):
        things[name] = [make(*given) for given in rest.get(name, ())]
    return things
