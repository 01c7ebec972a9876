"""Seeded histories of a store that behaves, as arrays, a million operations in a few seconds.

Clients are always busy: they read a key, then write it upon what they read. An operation takes effect at one
moment between its invocation and its return, so the multi-value history is one of correct siblings, and the
single-value one is linearizable; `crashes` and `lost` spoil it.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from heapq import heapify, heapreplace
from random import Random
from typing import Any

import numpy as np

from checkers.formats.columnar.columns import LIST, NARROW, NO_RESULT, NONE, ONE, TYPES, Columns
from checkers.formats.events import FUNCTIONS
from checkers.model.history import OPEN

OK, INFO = TYPES.index("ok"), TYPES.index("info")
GET, PUT, DELETE, READ, WRITE = (FUNCTIONS.index(f) for f in ("get", "put", "delete", "read", "write"))
STEP_NS = 1_000_000
"""The longest of the four waits of an operation: before it begins, takes effect, is answered."""
BEHIND = 100
"""How many writes the stale read lies behind: more than any clients can have under way."""
NODES = ["n1", "n2", "n3"]


@dataclass(frozen=True)
class Shape:
    """What a history looks like. `crashes`: the share of writes that are never answered."""

    operations: int
    keys: int
    clients: int
    single: bool = False
    reads: float = 0.5
    blind: float = 0.01
    deletes: float = 0.01
    crashes: float = 0.0
    lost: bool = False
    """Whether one read at 90 % of the history returns a long overwritten value (single-value only)."""


@dataclass(slots=True)
class Drawn:
    """What happened, in order of effect: one cell an operation in each list."""

    rows: dict[str, list[int]]
    answers: list[list[int]]
    held: list[list[int]]


def make(shape: Shape, seed: int = 1) -> Columns:
    """The history of this shape: same shape and seed, same arrays."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _columns(shape, _draw(shape, Random(seed).random))
    finally:
        if was_enabled:
            gc.enable()


def _draw(shape: Shape, uniform: Any) -> Drawn:
    names = ("process", "f", "type", "key", "value", "inv", "ret", "context")
    drawn = Drawn({name: [] for name in names}, [], [[] for _ in range(shape.keys)])
    columns = [drawn.rows[name].append for name in names]
    answers, held_by = drawn.answers, drawn.held
    processes, intent = list(range(shape.clients)), [(NONE, NONE)] * shape.clients
    fresh, values = shape.clients, 0
    spoil = int(shape.operations * 0.9) if shape.lost else shape.operations
    older: dict[int, list[int]] = {}
    upon = min(1.0, (1 - shape.reads) / shape.reads)
    queue = [(int(uniform() * STEP_NS), client, 0) for client in range(shape.clients)]
    heapify(queue)
    for number in range(shape.operations):
        effect, client, inv = queue[0]
        ret = effect + 1 + int(uniform() * STEP_NS)
        process, value, type, answer = processes[client], NONE, OK, _NOTHING
        key, context = intent[client]
        intent[client] = (NONE, NONE)
        is_blind = key == NONE and uniform() < shape.blind
        if key == NONE:
            key = int(uniform() * shape.keys)
        held = held_by[key]
        if context == NONE and not is_blind:
            f, answer = (READ if shape.single else GET), held
            if number >= spoil and len(older.get(key, ())) > BEHIND:
                answer, spoil = [older[key][-BEHIND]], shape.operations
            if uniform() < upon:
                intent[client] = (key, number)
        else:
            f = WRITE if shape.single else DELETE if held and uniform() < shape.deletes else PUT
            if f == DELETE and context == NONE:
                f = PUT
            is_applied = True
            if uniform() < shape.crashes:
                type, is_applied = INFO, uniform() < 0.5
                processes[client], fresh = fresh, fresh + 1
            if f != DELETE:
                value, values = values, values + 1
            if is_applied and held and shape.lost:
                older.setdefault(key, []).append(held[0])
            if is_applied:
                covered = held if shape.single else answers[context] if context != NONE else _NOTHING
                kept = [one for one in held if one not in covered]
                held_by[key] = kept if f == DELETE else [*kept, value]
            if shape.single:
                context = NONE
        cells = (
            process,
            f,
            type,
            key,
            value,
            inv,
            OPEN if type == INFO else ret,
            NONE if f == GET else context,
        )
        for append, cell in zip(columns, cells, strict=True):
            append(cell)
        answers.append(answer)
        begin = ret + 1 + int(uniform() * STEP_NS)
        heapreplace(queue, (begin + 1 + int(uniform() * STEP_NS), client, begin))
    return drawn


_NOTHING: list[int] = []


def _columns(shape: Shape, drawn: Drawn) -> Columns:
    count = shape.operations
    rows = {name: np.array(column, np.int64) for name, column in drawn.rows.items()}
    order = np.argsort(rows["inv"], kind="stable")
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    arrays: dict[str, Any] = {
        name: column[order].astype(NARROW.get(name, np.int64)) for name, column in rows.items()
    }
    is_blind = arrays["context"] == NONE
    arrays["context"] = np.where(is_blind, NONE, place[arrays["context"]]).astype(np.int32)
    answers = [drawn.answers[row] for row in order.tolist()]
    lengths = np.fromiter(map(len, answers), np.int64, count)
    has_result = (lengths > 0) if shape.single else (arrays["f"] == GET)
    arrays["shape"] = np.where(has_result, ONE if shape.single else LIST, NO_RESULT).astype(np.uint8)
    values = [f"v{number}" for number in range(int(arrays["value"].max(initial=NONE)) + 1)]
    keys = [f"k{number}" for number in range(shape.keys)]
    return Columns(
        id=np.arange(count),
        gave_up=np.full(count, NONE, np.int64),
        attempts=np.ones(count, np.int32),
        node=np.full(count, NONE, np.int16),
        due=np.full(count, NONE, np.int64),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        returned=np.fromiter((value for answer in answers for value in answer), np.int32, int(lengths.sum())),
        keys=keys,
        nodes=NODES,
        values=values,
        sparse={},
        rest=_rest(shape, drawn, keys, values, int(rows["ret"][rows["type"] == OK].max()) + 1),
        **arrays,
    )


def _rest(shape: Shape, drawn: Drawn, keys: list[str], values: list[str], end: int) -> dict[str, Any]:
    promise = "linearizable" if shape.single else "mvr-sloppy"
    meta = {"version": 1, "promise": promise, "nodes": NODES, "config": {"n": 3, "r": 2, "w": 2}}
    finals = [
        [end, node, key, [values[value] for value in held], 1]
        for key, held in zip(keys, drawn.held, strict=True)
        for node in NODES
    ]
    empty: dict[str, Any] = {name: [] for name in ("notes", "failures", "warnings", "faults", "states")}
    return {"meta": meta, "phases": [], "finals": [] if shape.single else finals, **empty}
