"""Reads a large history of lines straight into arrays: what most lines are, and nothing else.

Puts, gets, deletes, reads and writes of values that are no booleans, well formed and in order of time. At
the first thing that is otherwise (`Unusual`) the reader line by line takes over, from the beginning: it knows
all there is, and says what is wrong with it. So nothing here explains anything, and whatever it gives is what
the other would have given: a test compares them. Needs numpy (extra `fast`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import current_process, get_all_start_methods, get_context
from typing import Any

import msgspec
import numpy as np

from checkers.formats.assemble import Assembler
from checkers.formats.columnar.columns import NONE, Columns
from checkers.formats.columnar.joining import Ends, Unusual, join, usual
from checkers.formats.columnar.lazy import ColumnHistory
from checkers.formats.columnar.piece import Piece, piece
from checkers.formats.events import Line
from checkers.formats.limits import BOM
from checkers.formats.scalars import Refusal

PIECE_BYTES = 2_000_000
"""Decoded at a time: so many events live at once, whatever the file's size."""
MOST_JOBS = 4
_DECODER = msgspec.json.Decoder(Line)
_data = b""
"""What forked processes read: handed over by being there when they fork."""


def read(path: str, data: bytes) -> ColumnHistory | None:
    """The history in these lines; None if it has to be read line by line."""
    try:
        return ColumnHistory(_columns(path, data))
    except (Unusual, Refusal, OverflowError, KeyError, TypeError, ValueError, RecursionError):
        return None  # msgspec's errors are ValueErrors


def _columns(path: str, data: bytes) -> Columns:
    assembler = Assembler(path)
    keys: dict[Any, int] = {}
    nodes: dict[Any, int] = {}
    values: dict[Any, int] = {}
    ends = []
    for one in _pieces(data):
        for line in one.others:
            assembler.take(_DECODER.decode(line), line)
        usual(set(map(type, one.keys)) <= {str})
        _renumber(one.ends, ("key",), keys, one.keys)
        _renumber(one.ends, ("node",), nodes, one.nodes)
        _renumber(one.ends, ("value", "returned"), values, one.values)
        ends.append(one.ends)
    return join(Ends.joined(ends), list(keys), list(nodes), list(values), assembler.finish())


def _renumber(ends: Ends, columns: tuple[str, ...], pool: dict[Any, int], given: list[Any]) -> None:
    """From the numbers of a piece to those of the whole; null has none."""
    places = np.array([NONE if one is None else pool.setdefault(one, len(pool)) for one in given], np.int64)
    for name in columns:
        setattr(ends, name, places[getattr(ends, name)])


def _pieces(data: bytes) -> Iterator[Piece]:
    """The file, piece by piece in its order; several processes decode where there are processors for them."""
    places = list(_places(data, len(BOM) if data.startswith(BOM) else 0))
    jobs = min(MOST_JOBS, os.cpu_count() or 1, len(places))
    if jobs == 1 or "fork" not in get_all_start_methods() or current_process().daemon:
        yield from (piece(data[start:end], not number) for number, (start, end) in enumerate(places))
        return
    global _data
    _data = data
    try:
        with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
            yield from pool.map(_piece, range(len(places)), places)
    finally:
        _data = b""


def _piece(number: int, place: tuple[int, int]) -> Piece:
    return piece(_data[slice(*place)], not number)


def _places(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Where pieces begin and end: each is whole lines."""
    while start < len(data):
        newline = data.find(b"\n", min(start + PIECE_BYTES, len(data)) - 1)
        end = len(data) if newline < 0 else newline + 1
        yield start, end
        start = end
