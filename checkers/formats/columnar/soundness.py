"""Whether arrays that came from a file make a history: what the reader of lines asks of every line.

Checks index these arrays by what is in them. A number that points nowhere would be a crash; one that points
at another row would be a wrong verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np

from checkers.formats.assemble import Assembler
from checkers.formats.columnar.columns import LIST, NO_RESULT, NONE, ONE, TYPES, Columns
from checkers.formats.events import FUNCTIONS, NEEDS_VALUE, Clock, Line, MetaEvent
from checkers.formats.scalars import Refusal
from checkers.formats.write_jsonl import events
from checkers.model.history import OPEN, History

_F = {name: number for number, name in enumerate(FUNCTIONS)}
_OK, _INFO = TYPES.index("ok"), TYPES.index("info")
_NEED_VALUES = [_F[name] for name in sorted(NEEDS_VALUE)]
_LISTS = [_F[name] for name in ("get", "members", "remove")]
_WRITES = [_F["put"], _F["delete"]]
_LINE = msgspec.json.Decoder(Line)


class _Few(msgspec.Struct, forbid_unknown_fields=True):
    """What `sparse` may say of a row."""

    context: int | list[int] | None = None
    reaches: list[str] | None = None
    items: list[Any] | None = None
    parent: int | None = None
    error: str | None = None
    body: bool | None = None
    order: int | None = None
    clock: Clock | None = None


def complaint(columns: Columns) -> str | None:
    """What is wrong with them, or None."""
    try:
        for right, wrong in _rules(columns):
            if not right:
                return wrong
        _rest(columns)
    except Refusal as refusal:
        return refusal.message
    except (msgspec.ValidationError, TypeError, KeyError, ValueError, IndexError) as error:
        return " ".join(str(error).split())[:200] or type(error).__name__
    return None


def _rules(all: Columns) -> Iterator[tuple[bool, str]]:
    """Each rule with its complaint, in an order in which a rule may trust those before it."""
    rows = all.rows
    uneven = [name for name in _PER_ROW if len(getattr(all, name)) != rows]
    yield not uneven, f"`{'`, `'.join(uneven)}` are not as long as `id`"
    yield len(all.offsets) == rows + 1, "`offsets` needs one entry more than there are operations"
    yield int(all.offsets[0]) == 0 and int(all.offsets[-1]) == len(all.returned), "`offsets` do not fit"
    sizes = np.diff(all.offsets)
    yield bool((sizes >= 0).all()), "`offsets` go backwards"
    pools = {"key": len(all.keys), "node": len(all.nodes), "context": rows}
    pools |= {"value": len(all.values), "returned": len(all.values)}
    for name, most in pools.items():
        yield _within(getattr(all, name), NONE, most - 1), f"`{name}` points at what is not there"
    yield _within(all.key, 0, len(all.keys) - 1), "an operation has no key"
    for name, most in (("f", len(FUNCTIONS)), ("type", len(TYPES)), ("shape", LIST + 1)):
        yield _within(getattr(all, name), 0, most - 1), f"`{name}` holds an unknown number"
    yield len(np.unique(all.id)) == rows, "ids are not unique"
    yield bool((all.inv >= 0).all() and (np.diff(all.inv) >= 0).all()), "`inv` is not in order of time"
    yield bool((all.ret >= all.inv).all()), "an operation returns before its invocation"
    info = all.type == _INFO
    yield bool((all.ret[info] == OPEN).all()), "an `info` returned"
    yield bool(((all.gave_up == NONE) | (info & (all.gave_up >= all.inv))).all()), "`gave_up` does not fit"
    yield bool((sizes[all.shape == NO_RESULT] == 0).all()), "a row without result has values"
    yield bool((sizes[all.shape == ONE] == 1).all()), "a row with one result has none, or several"
    yield bool((all.type[all.shape != NO_RESULT] == _OK).all()), "what was not acknowledged has a result"
    yield from _values(all)
    carries = all.context != NONE
    sources = all.context[carries & np.isin(all.f, _WRITES)]
    yield bool((all.shape[sources] == LIST).all()), "a context stands for no values"


def _values(all: Columns) -> Iterator[tuple[bool, str]]:
    """What was asked and answered: scalars, but for the pairs of a cas."""
    pairs = np.array([isinstance(value, list) for value in all.values], bool)
    yield _plain(all.values), "`values` holds what no history can say"
    given = all.value[all.value != NONE]
    yield bool((pairs[given] == (all.f[all.value != NONE] == _F["cas"])).all()), "a value has the wrong shape"
    yield not pairs[all.returned[all.returned != NONE]].any(), "a list came back as one value"
    needs = np.isin(all.f, _NEED_VALUES)
    yield bool((all.value[needs] != NONE).all()), "a write says nothing of what it writes"
    reads = (all.type == _OK) & np.isin(all.f, _LISTS)
    yield bool((all.shape[reads] != ONE).all()), "a read of several values came back with one"
    numbers = np.array([isinstance(one, int | float) and one is not True and one is not False
                        for one in all.values], bool)  # fmt: skip
    yield bool(numbers[all.value[all.f == _F["incr"]]].all()), "an `incr` adds no number"
    totals = np.repeat(all.f == _F["total"], np.diff(all.offsets))
    said = all.returned[totals]
    yield bool(numbers[said[said != NONE]].all()), "a `total` is no number"


_PLAIN = (str, int, float, bool, type(None))
_PER_ROW = ("process", "f", "type", "key", "value", "inv", "ret", "gave_up", "context", "attempts", "node",
            "due", "shape")  # fmt: skip


def _plain(values: list[Any]) -> bool:
    for value in values:
        parts = value if isinstance(value, list) else [value]
        if isinstance(value, list) and len(value) != 2:
            return False
        if not all(isinstance(part, _PLAIN) for part in parts):
            return False
    return True


def _within(numbers: Any, low: int, high: int) -> bool:
    return not len(numbers) or bool(numbers.min() >= low and numbers.max() <= high)


def _rest(columns: Columns) -> None:
    """Rare fields have their types; everything that is no operation passes as the lines that it would be."""
    msgspec.convert(columns.keys, list[str])
    msgspec.convert(columns.nodes, list[str])
    for row, few in columns.sparse.items():
        if not 0 <= row < columns.rows:
            raise Refusal(f"row {row} is not there")
        msgspec.convert(few, _Few)
    things: History = columns.history([])
    msgspec.convert(things.warnings, list[str])
    msgspec.convert({"version": 1, **things.meta, "kind": "meta"}, MetaEvent)
    assembler = Assembler("")
    head = msgspec.json.encode({"kind": "meta", "version": 1})
    assembler.take(_LINE.decode(head), head)
    things.meta = {}
    for number, event in enumerate(events(things)):
        if number:
            line = msgspec.json.encode(event)
            assembler.take(_LINE.decode(line), line)
