"""The elements of one set or cart: who added what, what removes observed, what readers saw.

Nothing needs guessing: an element that some remove observed may be gone, and any other whose add was
acknowledged must be there. An element that is added twice is one element.
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
    """One key's elements, by name. `is_cart`: its register values encode them (inner operations do the
    work)."""

    is_cart: bool = False
    adds: dict[str, list[Op]] = field(default_factory=dict)
    """Tag -> the adds that may have put it there (ok or info), in order of invocation."""
    failed: dict[str, Op] = field(default_factory=dict)
    """Tag -> the first add of it that certainly did nothing."""
    removes: dict[str, list[Op]] = field(default_factory=dict)
    """Tag -> the removes (and deletes) that may have taken it away, in order of invocation."""
    removed: dict[str, Op] = field(default_factory=dict)
    """Tag -> the first acknowledged remove that observed it."""
    sent_again: set[int] = field(default_factory=set)
    """Adds and removes that were sent more than once, themselves or inside: they may act again, late. Asked
    for membership only."""
    reads: list[tuple[Op, list[str]]] = field(default_factory=list)
    """Answered `members`, in order of invocation, with what they saw, duplicates kept."""
    unanswered: list[Op] = field(default_factory=list)
    """Acknowledged `members` that answered with nothing at all: that is no answer."""

    @property
    def acked(self) -> list[tuple[str, Op]]:
        """Tags with an acknowledged add, each with the first such add, in order of these."""
        first = ((tag, next((op for op in adds if op.ok), None)) for tag, adds in self.adds.items())
        return [(tag, op) for tag, op in first if op is not None]

    @property
    def retried(self) -> set[str]:
        """Tags that were added more than once, or whose add or remove was sent so. Asked for membership
        only."""
        twice = {tag for tag, adds in self.adds.items() if len(adds) > 1}
        for ops in (self.adds, self.removes):
            twice |= {tag for tag, found in ops.items() if any(op.id in self.sent_again for op in found)}
        return twice

    def end(self, op: Op) -> int:
        """When an add or remove has acted for the last time; OPEN if nobody can tell."""
        return op.ret if op.ok and op.id not in self.sent_again else OPEN

    def may_be_gone(self, tag: str, since: int) -> bool:
        """Whether a remove of it may have acted after what began then (ns)."""
        return any(self.end(op) >= since for op in self.removes.get(tag, ()))

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
        if op.f in ("add", "remove") and any(part.attempts > 1 for part in (op, *_writes(parts))):
            found.sent_again.add(op.id)
        if op.f == "add":
            _add(found, op, parts)
        elif op.f == "remove":
            _remove(found, op, parts)
        elif op.f == "members" and op.ok and op.result is not None:
            found.reads.append((op, [found.name(tag) for tag in op.result]))
        elif op.f == "members" and op.ok:
            found.unanswered.append(op)
        elif op.f == "delete" and op.type != "fail":
            _taken(found, op, _covered(op, by_id))
    return found


def _writes(parts: list[Op]) -> list[Op]:
    return [part for part in parts if part.f in ("put", "delete") and part.type != "fail"]


def _add(found: Elements, op: Op, parts: list[Op]) -> None:
    tag = found.name(op.value)
    if op.type != "fail" or _writes(parts):
        found.adds.setdefault(tag, []).append(op)
    else:
        found.failed.setdefault(tag, op)


def _remove(found: Elements, op: Op, parts: list[Op]) -> None:
    writes = _writes(parts)
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
    _taken(found, op, observed)


def _taken(found: Elements, op: Op, tags: Iterable[str]) -> None:
    for tag in sorted(tags):
        found.removes.setdefault(tag, []).append(op)


def _covered(delete: Op, by_id: Mapping[int, Op]) -> set[str]:
    sources = delete.context if isinstance(delete.context, list) else [delete.context]
    reads = [by_id[source] for source in sources if source is not None and source in by_id]
    return {tag for read in reads for value in read.returned_values or () for tag in tags_of(value)}
