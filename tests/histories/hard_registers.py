"""Histories of compare-and-set that are hard to judge: few values, many clients, some never answered.

Each client does one operation after another; each takes effect at one moment between its ends, so the history
is linearizable, until `late` spoils it: a read near the end returns what nobody can have made then.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random

from checkers.model.history import OPEN, History, Op


@dataclass(frozen=True)
class Hard:
    """What such a history looks like. `unanswered`: the share of writes and cas that nobody answered."""

    operations: int
    clients: int
    values: int = 5
    reads: float = 0.33
    writes: float = 0.33
    unanswered: float = 0.0
    late: bool = False
    lucky: float = 0.0
    """The share of cas that ask for what is there: else for any value, so that most fail."""


def hard(shape: Hard, seed: int) -> History:
    """The history of this shape and seed."""
    rng = Random(seed)
    found = History({"version": 1, "nodes": ["n1"], "promise": "linearizable", "initial": 0})
    queue = [(rng.random(), client, client) for client in range(shape.clients)]
    heapify(queue)
    moments: list[tuple[float, Op]] = []
    fresh = shape.clients
    while len(moments) < shape.operations:
        begin, client, process = heappop(queue)
        effect, end = (begin + rng.random(), begin + 1 + rng.random())
        draw = rng.random()
        f = "read" if draw < shape.reads else "write" if draw < shape.reads + shape.writes else "cas"
        op = Op(len(moments), process, f, "x", None, round(begin * 1e6), round(end * 1e6), "ok")
        if f != "read" and rng.random() < shape.unanswered:
            op.type, op.ret = "info", OPEN
            process, fresh = fresh, fresh + 1
            effect += 3 * rng.random()
        moments.append((effect, op))
        heappush(queue, (end + rng.random() / 10, client, process))
    _act(rng, sorted(moments, key=lambda one: one[0]), shape)
    found.ops = sorted((op for _, op in moments), key=lambda op: (op.inv, op.id))
    for number, op in enumerate(found.ops):
        op.id = number
    if shape.late:
        _spoil(found.ops, shape)
    return found


def _act(rng: Random, moments: list[tuple[float, Op]], shape: Hard) -> None:
    value = 0
    for _, op in moments:
        is_lost = op.type == "info" and rng.random() < 0.5
        if op.f == "read":
            op.result = value
        elif op.f == "write":
            op.value = rng.randrange(shape.values)
            value = value if is_lost else op.value
        else:
            wants = value if rng.random() < shape.lucky else rng.randrange(shape.values)
            op.value = [wants, rng.randrange(shape.values)]
            if is_lost:
                continue
            if value == wants:
                value = op.value[1]
            elif op.type == "ok":
                op.type, op.error = "fail", "mismatch"


def _spoil(ops: list[Op], shape: Hard) -> None:
    """A late read returns a value that was overwritten before it began, and that nobody made since."""
    for read in (op for op in ops[len(ops) * 9 // 10 :] if op.f == "read"):
        for value in range(shape.values):
            if value != read.result and _gone(ops, value, read):
                read.result = value
                return
    raise ValueError("every value is made all the time: draw more values, or fewer clients")


def _gone(ops: list[Op], value: int, read: Op) -> bool:
    makers = [op for op in ops if _makes(op) == value and op.inv <= read.ret]
    last = max((op.ret for op in makers), default=-1)
    return any(op.f == "write" and op.value != value and last < op.inv and op.ret < read.inv for op in ops)


def _makes(op: Op) -> int | None:
    if op.f == "read" or op.type == "fail":
        return None
    made: int = op.value[1] if op.f == "cas" else op.value
    return made
