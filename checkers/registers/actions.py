"""What the operations of one register ask of its value, and what they make of it: what searches work on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from checkers.model.history import OPEN, Op


class Action(NamedTuple):
    """What one operation asks of the value, and what it makes of it."""

    op: Op
    inv: int
    ret: int
    must: bool
    """It was answered, so it has to have a place. Without: it has one until `ret`, or none."""
    wants: Any
    """The value it needs (ANY: it does not care; for `differs`: the value that it must not find)."""
    differs: bool
    makes: Any
    """The value it leaves (ANY: it leaves what it found)."""

    @property
    def changes(self) -> bool:
        """Whether it may leave another value than it found."""
        return self.makes is not ANY and (self.wants is ANY or bool(self.makes != self.wants))

    def fits(self, value: Any) -> bool:
        """Whether it may find this value."""
        return self.wants is ANY or bool(self.wants == value) != self.differs


ANY = object()
"""Any value."""


def actions(ops: Sequence[Op]) -> list[Action]:
    """The operations of one key that can matter, in order of invocation."""
    found: list[Action] = []
    for op in ops:
        found += _action(op)
    wanted = {action.wants for action in found if action.wants is not ANY}
    picky = any(action.differs for action in found)
    return [action for action in found if action.must or picky or action.makes in wanted]


def _action(op: Op) -> Iterator[Action]:
    ok = op.type == "ok"
    ret = op.ret if ok else OPEN
    if op.f in ("read", "get"):
        if ok:
            values = op.result if isinstance(op.result, list) else [op.result]
            yield Action(op, op.inv, ret, True, values[0] if values else None, False, ANY)
    elif op.f == "cas":
        if op.type == "fail":
            if op.error == "mismatch":
                yield Action(op, op.inv, op.ret, True, op.value[0], True, ANY)
        else:
            yield Action(op, op.inv, ret, ok, op.value[0], False, op.value[1])
    elif op.type != "fail" and op.f in ("write", "put", "delete"):
        yield Action(op, op.inv, ret, ok, ANY, False, None if op.f == "delete" else op.value)


def by_revision(found: Sequence[Action], initial: Any) -> bool:
    """Whether the revisions that the store gave are an order of all answered operations: then it is
    proved."""
    must = [one for one in found if one.must]
    if any(one.op.order is None for one in must):
        return False
    order = sorted(must, key=lambda one: (one.op.order, one.makes is ANY, one.inv))
    value, latest = initial, -1
    for one in order:
        if one.ret < latest or not one.fits(value):
            return False
        latest = max(latest, one.inv)
        value = value if one.makes is ANY else one.makes
    return True
