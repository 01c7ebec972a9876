"""The elements of one set or cart: who added what, what removes observed, what readers saw.

Every add carries a tag of its own, so nothing needs guessing: a tag that some remove observed may be
gone, and any other acknowledged tag must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from checkers.model.cart import tags_of
from checkers.model.history import OPEN, Op
from checkers.model.values import name_of


@dataclass(slots=True)
class Elements:
    """One key's elements. `is_cart`: its register values encode tags (inner operations carry it out)."""

    is_cart: bool = False
    adds: dict[str, Op] = field(default_factory=dict)
    """Tag -> the add that may have put it there (ok or info)."""
    removed: dict[str, Op] = field(default_factory=dict)
    """Tag -> the first acknowledged remove that observed it."""
    excused: set[str] = field(default_factory=set)
    """Tags that some ok or info remove (or delete) may have taken away. Asked for membership only."""
    retried: set[str] = field(default_factory=set)
    """Tags that were added more than once, or whose add or remove was sent so, itself or inside. Asked for
    membership only."""
    reads: list[tuple[Op, frozenset[str]]] = field(default_factory=list)
    """Acknowledged `members`, in order of invocation, with what they saw."""

    @property
    def acked(self) -> list[tuple[str, Op]]:
        """Acknowledged tags with their adds, in order of invocation."""
        return [(tag, op) for tag, op in self.adds.items() if op.ok]

    def name(self, value: Any) -> str:
        """The tag of a value: a cart's tags are text in its register values, a set's may be of any type."""
        return str(value) if self.is_cart else name_of(value)

    def present(self, values: Iterable[Any]) -> set[str]:
        """The tags that final values hold: union over siblings of a cart, else the values themselves."""
        held = list(values)
        if self.is_cart:
            return {tag for value in held for tag in tags_of(value)}
        return {self.name(value) for value in held}


def elements_of(ops: Iterable[Op], by_id: Mapping[int, Op]) -> Elements:
    """Read one key's operations (in order of invocation). `by_id` resolves parents and contexts."""
    key_ops = list(ops)
    inner: dict[int, list[Op]] = {}
    for op in key_ops:
        if op.parent is not None:
            inner.setdefault(op.parent, []).append(op)
    found = Elements(is_cart=bool(inner))
    for op in key_ops:
        parts = inner.get(op.id, [])
        if op.f == "add":
            _add(found, op, parts)
        elif op.f == "remove":
            _remove(found, op, parts)
        elif op.f == "members" and op.ok:
            found.reads.append((op, frozenset(map(found.name, op.result or ()))))
        elif op.f == "delete" and op.type != "fail":
            found.excused |= _covered(op, by_id)
    return found


def _writes(parts: list[Op]) -> list[Op]:
    return [part for part in parts if part.f in ("put", "delete") and part.type != "fail"]


def _add(found: Elements, op: Op, parts: list[Op]) -> None:
    tag = found.name(op.value)
    if op.type != "fail" or _writes(parts):
        if tag in found.adds:  # only a foreign history adds a tag again
            found.retried.add(tag)
        found.adds[tag] = op
    if op.attempts > 1 or any(part.attempts > 1 for part in _writes(parts)):
        found.retried.add(tag)


def _remove(found: Elements, op: Op, parts: list[Op]) -> None:
    writes = _writes(parts)
    observed: set[str]
    if op.ok:
        observed = {found.name(tag) for tag in op.result or ()}
        for tag in sorted(observed):
            found.removed.setdefault(tag, op)
    elif writes:
        # It never completed: its inner writes tell what it may have taken away.
        observed = {found.name(tag) for write in writes for tag in write.items or (op.value,)}
    elif parts or op.type == "fail":
        observed = set()
    else:
        observed = {found.name(op.value)}
    found.excused |= observed
    if op.attempts > 1 or any(write.attempts > 1 for write in writes):
        found.retried |= observed


def _covered(delete: Op, by_id: Mapping[int, Op]) -> set[str]:
    sources = delete.context if isinstance(delete.context, list) else [delete.context]
    reads = [by_id[source] for source in sources if source is not None and source in by_id]
    return {tag for read in reads for value in read.returned_values or () for tag in tags_of(value)}


def visibility_ns(found: Elements) -> tuple[list[int], list[int], int]:
    """Jepsen set-full's latencies of acknowledged adds: (stable, lost, number never read).

    An element is known from its acknowledgement or the start of the first read that saw it, whichever is
    earlier. Stable: seen by every read that began after some moment; its latency runs from known to the start
    of the last read that missed it. Lost: missed by every read from some moment on, after it was known.
    """
    stable: list[int] = []
    lost: list[int] = []
    never = 0
    for tag, add in found.acked:
        seen = [read.inv for read, tags in found.reads if tag in tags]
        known = min([add.ret, *seen[:1]])
        missed = [read.inv for read, tags in found.reads if tag not in tags and read.inv >= known]
        last_seen, last_missed = max(seen, default=-1), max(missed, default=-1)
        if last_seen > last_missed:
            stable.append(max(0, last_missed - known))
        elif last_missed >= 0 and tag not in found.excused:
            lost.append(min(at for at in missed if at > last_seen) - known)
        else:
            never += 1
    assert all(latency < OPEN for latency in stable)
    return stable, lost, never
