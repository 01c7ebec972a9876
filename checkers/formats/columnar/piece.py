"""Some lines of a large history as columns: what `bulk` shares out among processes. Needs numpy.

Names (keys, nodes, values) are numbered within the piece; `Piece` says what each number stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from checkers.formats.columnar.columns import LIST, NONE
from checkers.formats.columnar.joining import FAIL, INFO, INVOKE, OK, Ends, Ints, usual
from checkers.formats.events import ABSENT, FUNCTIONS, Line, MetaEvent, OpEvent
from checkers.formats.limits import LARGEST

_DECODER = msgspec.json.Decoder(Line)
_TYPES = {"invoke": INVOKE, "ok": OK, "fail": FAIL, "info": INFO}
_FUNCTIONS = {f: FUNCTIONS.index(f) for f in ("get", "put", "delete", "read", "write")}
_GET, _READ, _WRITE = (_FUNCTIONS[f] for f in ("get", "read", "write"))
_SAID = ("ok", "fail", "info")
_FEW = {"reaches": ("invoke",), "parent": ("invoke",), "error": _SAID, "order": ("ok",)}
"""Fields that few lines have, and the types of line that say them."""
_SCALARS = {str, int, float, type(None), msgspec.UnsetType}


@dataclass(slots=True)
class Piece:
    """The operations' lines, what their numbers stand for, and the other lines as they are."""

    ends: Ends
    keys: list[Any]
    nodes: list[Any]
    values: list[Any]
    others: list[bytes]


def piece(text: bytes, is_first: bool) -> Piece:
    """These whole lines. Raises Unusual, and whatever malformed lines make of it."""
    events = _DECODER.decode_lines(text)
    usual(not is_first or type(events[0]) is MetaEvent)
    ops = [event for event in events if type(event) is OpEvent]
    others = []
    if len(ops) < len(events):
        lines = text.rstrip(b"\n").split(b"\n")
        usual(len(lines) == len(events))  # with empty lines, which text belongs to which event?
        others = [line for line, event in zip(lines, events, strict=True) if type(event) is not OpEvent]
    return _Reading(ops).piece(others)


class _Reading:
    """The lines of operations, field by field."""

    def __init__(self, ops: Sequence[OpEvent]) -> None:
        self._ops = ops
        self._types = np.array(list(map(_TYPES.__getitem__, map(attrgetter("type"), ops))), np.int8)
        self._f = np.array(list(map(_FUNCTIONS.__getitem__, map(attrgetter("f"), ops))), np.uint8)
        self._asked = [op for op in ops if op.type == "invoke"]
        self._said = [op for op in ops if op.type != "invoke"]

    def piece(self, others: list[bytes]) -> Piece:
        """All of it."""
        ops, asked = self._ops, self._asked
        usual(_is_empty(_all("items", asked)))
        wanted = _all("value", asked)
        usual(ABSENT not in wanted or not np.any(self._f[self._types == INVOKE] == _WRITE))
        shape, lengths, returned = self._answers()
        key, keys = _numbered(_all("key", ops))
        node, nodes = _numbered(_all("node", ops))
        both, values = _numbered(wanted + returned)
        ends = Ends(
            type=self._types,
            op=np.array(_all("op", ops), np.int64),
            time=np.array(_all("time", ops), np.int64),
            process=np.array(_all("process", ops), np.int64),
            f=self._f,
            key=key,
            node=node,
            attempts=np.array([given or 1 for given in _all("attempts", ops)], np.int64),
            value=both[: len(asked)],
            context=_natural(_all("context", asked)),
            due=_natural(_all("due", asked)),
            shape=shape,
            lengths=lengths,
            returned=both[len(asked) :],
            few=self._few(),
        )
        return Piece(ends, keys, nodes, values, others)

    def _answers(self) -> tuple[Ints, Ints, list[Any]]:
        """Shapes, how many values came back, and those. An ok get has a list, an ok read one or null."""
        said = self._said
        usual(not any(_all("body", said)) and _is_empty(_all("clock", said)))
        ended = self._types != INVOKE
        is_ok, f = self._types[ended] == OK, self._f[ended]
        gets, reads = np.flatnonzero(is_ok & (f == _GET)), np.flatnonzero(is_ok & (f == _READ))
        usual(not len(gets) or not len(reads))  # their values would have to be put in one order
        shape, lengths = np.zeros(len(said), np.uint8), np.zeros(len(said), np.int64)
        values = [said[place].value for place in (gets if len(gets) else reads).tolist()]
        if len(gets):
            usual(set(map(type, values)) <= {list})
            shape[gets], lengths[gets] = LIST, list(map(len, values))
            return shape, lengths, list(chain.from_iterable(values))
        usual(ABSENT not in values)
        shape[reads] = lengths[reads] = [value is not None for value in values]
        return shape, lengths, [value for value in values if value is not None]

    def _few(self) -> dict[int, dict[str, Any]]:
        """Line -> fields that few have, as far as this end of an operation says them."""
        found: dict[int, dict[str, Any]] = {}
        for name, ends in _FEW.items():
            given = _all(name, self._ops)
            for place, value in enumerate(() if _is_empty(given) else given):
                if value is not None and self._ops[place].type in ends:
                    found.setdefault(place, {})[name] = value
        return found


def _numbered(given: list[Any]) -> tuple[Ints, list[Any]]:
    """The number of each, and what has which number; what is absent is null."""
    usual(set(map(type, given)) <= _SCALARS)  # a boolean is equal to a number: it must not come in
    numbers = dict(zip(dict.fromkeys(given), count(), strict=False))
    usual(not any(type(one) is int and not -LARGEST < one < LARGEST for one in numbers))
    return np.array(list(map(numbers.__getitem__, given)), np.int64), [
        None if one is ABSENT else one for one in numbers
    ]


def _all(name: str, ops: Sequence[OpEvent]) -> list[Any]:
    return list(map(attrgetter(name), ops))


def _is_empty(given: list[Any]) -> bool:
    return given.count(None) == len(given)


def _natural(given: list[Any]) -> Ints:
    """Numbers from 0 on; None as the columns write it."""
    if _is_empty(given):
        return np.full(len(given), NONE, np.int64)
    usual(set(map(type, given)) <= {int, type(None)})
    found = np.array([NONE if one is None else one for one in given], np.int64)
    usual(np.count_nonzero(found < 0) == given.count(None))
    return found
