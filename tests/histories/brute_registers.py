"""Atomicity as it is defined: some order of the operations, found by trying them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from checkers.model.history import History, Op


def orders(ops: Sequence[Op], optional: frozenset[int]) -> Iterator[list[Op]]:
    """Every order that agrees with time: a is before b if it returned before b began. Optional ones may be
    out."""
    if all(op.id in optional for op in ops):
        yield []
    for op in ops:
        if any(other.ret < op.inv for other in ops if other is not op):
            continue
        rest = [other for other in ops if other is not op]
        for order in orders(rest, optional):
            yield [op, *order]


def explains(order: Sequence[Op], initial: Any, k: int = 1) -> bool:
    """Whether each read returned one of the last k values, and each cas found what it says."""
    last = [initial]
    for op in order:
        if op.f == "read" and op.result not in last[-k:]:
            return False
        if op.f == "write":
            last.append(op.value)
        elif op.f == "cas":
            found = last[-1] == op.value[0]
            if op.type != "info" and found != (op.type == "ok"):
                return False
            if found:
                last.append(op.value[1])
    return True


def atomic(history: History, k: int = 1) -> bool:
    """Whether the register is k-atomic (k = 1: linearizable)."""
    ops = [op for op in history.ops if op.type == "ok" or op.f != "read"]
    optional = frozenset(op.id for op in ops if op.type == "info")
    return any(explains(order, history.meta.get("initial"), k) for order in orders(ops, optional))


def earlier(history: History, delta: int) -> History:
    """The same history, had every read begun so much earlier."""
    ops = [replace(op, inv=op.inv - delta) if op.f == "read" else op for op in history.ops]
    return replace(history, ops=ops)


def least_delta(history: History, most: int) -> int | None:
    """The least delta up to `most` with which the history is linearizable; None if there is none."""
    return next((delta for delta in range(most + 1) if atomic(earlier(history, delta))), None)


def irregular(history: History) -> set[int]:
    """Reads behind a write that lies wholly between their own and themselves."""
    writes: list[Op | None] = [None, *(op for op in history.ops if op.f == "write")]
    found = set()
    for read in (op for op in history.ops if op.f == "read" and op.ok):
        own = next((op for op in writes[1:] if op and op.value == read.result), None)
        if own is None and read.result != history.meta.get("initial"):
            continue
        after = own.ret if own else -1
        if any(op and op.inv > after and op.ret < read.inv and op.ok for op in writes):
            found.add(read.id)
    return found
