"""Operations, values and moments in the words of a proof."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checkers.model.cart import tags_of
from checkers.model.history import OPEN, Op

ITEMS = 3
"""Items of a cart that a proof lists."""


def at(ns: int) -> str:
    """A moment, in seconds of the run's clock: to the microsecond, or exact in the first millisecond.

    Histories without times count their events as nanoseconds, so they are told apart there.
    """
    if ns == OPEN:
        return "never"
    return f"{ns / 1e9:.9f} s" if ns % 1000 and ns < 1_000_000 else f"{ns / 1e9:.6f} s"


def values(found: Iterable[Any]) -> str:
    """A set of values, as a reader would write it."""
    return "{" + ", ".join(map(short, found)) + "}"


def short(value: Any) -> str:
    """One value, as a reader would write it; of a full cart only its name, its last items and how many."""
    tags = tags_of(value)
    if len(tags) <= ITEMS:
        return str(value)
    return f"{value.partition('|')[0]}|…{','.join(tags[-ITEMS:])} ({len(tags)} items)"


def what(op: Op) -> str:
    """An operation by id, with what it asked: `op 7 (put 3:1)`."""
    if op.f in ("put", "write", "add"):
        return f"op {op.id} ({op.f} {short(op.value)})"
    if op.f == "cas":
        return f"op {op.id} (cas {op.value[0]} to {op.value[1]})"
    return f"op {op.id} ({op.f})"


def outcome(op: Op) -> str:
    """How it ended: acknowledged at a moment, failed, or open."""
    if op.type == "ok":
        return f"acknowledged at {at(op.ret)}"
    return "failed: it certainly did nothing" if op.type == "fail" else "never answered"


def ids(ops: Iterable[Op]) -> str:
    """Ids in a row: `ops 3, 5`."""
    listed = [str(op.id) for op in ops]
    return f"op{'s' if len(listed) != 1 else ''} {', '.join(listed)}"
