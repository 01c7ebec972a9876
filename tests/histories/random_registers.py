"""Small histories of one single-value register, from a seed: unique writes, or compare-and-set of any
values.

Each operation takes effect at a moment of its own; then some answers are replaced by another value, so that
about half of the histories are linearizable. Writes may go unanswered, having acted or not.
"""

from __future__ import annotations

from random import Random
from typing import Any

from checkers.model.history import OPEN, History, Op


def history(rng: Random, operations: int = 7, spoilt: float = 0.25) -> History:
    """Reads and writes; every written value is unique."""
    return _history(rng, ("read", "write"), operations, spoilt, None)


def cas_history(rng: Random, operations: int = 7, spoilt: float = 0.15) -> History:
    """Reads, writes and compare-and-set on the values 0 to 2, initially 0."""
    return _history(rng, ("read", "write", "cas", "cas"), operations, spoilt, 0)


def chain_history(rng: Random, operations: int = 7, spoilt: float = 0.2) -> History:
    """Reads, writes and compare-and-set; every value is made once, and some cas are from what was there."""
    found = _history(rng, ("read", "write", "cas", "cas"), operations, 0, 0)
    value: Any = 0
    moments = sorted(found.ops, key=lambda op: (rng.uniform(op.inv, min(op.ret, op.inv + 6)), op.id))
    for op in moments:
        if op.f == "read":
            op.result = value
        elif op.f == "write":
            op.value = f"v{op.id}"
            value = value if op.type == "info" and rng.random() < 0.5 else op.value
        else:
            op.value, op.error = [value, f"v{op.id}"], None
            op.type = "ok" if op.type == "fail" else op.type
            value = value if op.type == "info" and rng.random() < 0.5 else op.value[1]
    made = [0, *(f"v{op.id}" for op in found.ops if op.f != "read")]
    for op in found.ops:
        if rng.random() < spoilt and op.f == "read":
            op.result = rng.choice(made)
        elif rng.random() < spoilt / 2 and op.f == "cas":
            op.value[0] = rng.choice(made)
    return found


def _history(rng: Random, kinds: tuple[str, ...], operations: int, spoilt: float, initial: Any) -> History:
    found = History({"version": 1, "nodes": ["n1"], "initial": initial})
    free = [0, 0, 0]
    moments: list[tuple[float, Op]] = []
    for id in range(operations):
        client = rng.randrange(3)
        inv = free[client] + rng.randint(1, 3)
        op = Op(id, client + 3 * id, rng.choice(kinds), "x", None, inv, inv + rng.randint(0, 6), "ok")
        free[client] = op.ret
        if op.f == "write":
            op.value = f"v{id}" if len(kinds) == 2 else rng.randrange(3)
        elif op.f == "cas":
            op.value = [rng.randrange(3), rng.randrange(3)]
        moments.append((rng.uniform(op.inv, op.ret), op))
        found.ops.append(op)
    _act(rng, sorted(moments, key=lambda one: one[0]), initial)
    written = [initial, *(op.value for op in found.ops if op.f == "write")]
    for op in found.ops:
        if op.f == "read" and rng.random() < spoilt:
            op.result = rng.choice(written)
    found.ops.sort(key=lambda op: (op.inv, op.id))
    return found


def _act(rng: Random, moments: list[tuple[float, Op]], value: Any) -> None:
    for _, op in moments:
        if op.f == "read":
            op.result = value
            continue
        unanswered = rng.random() < 0.2
        if unanswered:
            op.type, op.ret = "info", OPEN
        if unanswered and rng.random() < 0.5:
            continue
        if op.f == "write":
            value = op.value
        elif value == op.value[0]:
            value = op.value[1]
        elif not unanswered:
            op.type, op.error = "fail", "mismatch"
