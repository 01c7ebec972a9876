"""Linearizability of one register with compare-and-set, by search: NP-hard, so with a budget.

Wing and Gong (1993) with Lowe's memo (2017): operations are put in order one by one; one may come next if
it began no later than every operation not yet placed ended. A configuration, the set placed and the value
held, is tried once. Reads (and failed cas, which saw another value than they asked for) are placed as soon
as they fit: moving them forward never hurts. Operations never answered may be placed at any time, or
never; of several alike only the first is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from checkers.model.history import OPEN, Op


class Out(Exception):
    """The budget is spent."""


class Action(NamedTuple):
    """What one operation asks of the value, and what it makes of it."""

    op: Op
    inv: int
    ret: int
    must: bool
    """It was answered, so it has to have a place."""
    wants: Any
    """The value it needs (ANY: it does not care; for `differs`: the value that it must not find)."""
    differs: bool
    makes: Any
    """The value it leaves (ANY: it leaves what it found)."""


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


class Search:
    """One search; `states` counts configurations, over all calls of `linearizable`."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.states = 0

    def linearizable(self, found: Sequence[Action], initial: Any) -> bool:
        """Whether the actions have an order. Raises Out when the budget is spent."""
        must = sorted((one for one in found if one.must), key=lambda one: one.inv)
        may = [one for one in found if not one.must]
        seen: set[tuple[int, int, int, Any]] = set()
        stack = [self._settle(must, 0, 0, 0, initial)]
        while stack:
            low, placed, used, value = stack.pop()
            if low == len(must):
                return True
            name = (low, placed, used, value)
            if name in seen:
                continue
            seen.add(name)
            self.states += 1
            if self.states > self.budget:
                raise Out
            stack += [self._settle(must, *nxt) for nxt in _next(must, may, low, placed, used, value)]
        return False

    def _settle(
        self, must: Sequence[Action], low: int, placed: int, used: int, value: Any
    ) -> tuple[int, int, int, Any]:
        """Place every read that fits now, and move past what is placed."""
        again = True
        while again:
            again = False
            while placed & 1:
                placed >>= 1
                low += 1
            for i in _open(must, low, placed):
                action = must[i]
                if action.makes is ANY and _fits(action, value):
                    placed |= 1 << (i - low)
                    again = True
        return low, placed, used, value


def _open(must: Sequence[Action], low: int, placed: int) -> list[int]:
    """What may come next: began no later than everything unplaced ended. `placed` counts from `low`."""
    earliest, found = OPEN, []
    for i in range(low, len(must)):
        if must[i].inv > earliest:
            break
        if not placed >> (i - low) & 1:
            found.append(i)
            earliest = min(earliest, must[i].ret)
    return [i for i in found if must[i].inv <= earliest]


def _fits(action: Action, value: Any) -> bool:
    if action.wants is ANY:
        return True
    return bool(action.wants == value) != action.differs


def _next(
    must: Sequence[Action], may: Sequence[Action], low: int, placed: int, used: int, value: Any
) -> Iterator[tuple[int, int, int, Any]]:
    ready = _open(must, low, placed)
    earliest = min(must[i].ret for i in ready)
    alike: set[tuple[Any, Any]] = set()
    for i, action in enumerate(may):
        if used >> i & 1 or action.inv > earliest or not _fits(action, value) or action.makes == value:
            continue
        kind = (action.wants, action.makes)
        if kind not in alike:
            alike.add(kind)
            yield low, placed, used | 1 << i, action.makes
    for i in reversed(ready):  # the earliest is popped first
        action = must[i]
        if action.makes is not ANY and _fits(action, value):
            yield low, placed | 1 << (i - low), used, action.makes


def by_revision(found: Sequence[Action], initial: Any) -> bool:
    """Whether the revisions that the store gave are an order of all answered operations: then it is
    proved."""
    must = [one for one in found if one.must]
    if any(one.op.order is None for one in must):
        return False
    order = sorted(must, key=lambda one: (one.op.order, one.makes is ANY, one.inv))
    value, latest = initial, -1
    for one in order:
        if one.ret < latest or not _fits(one, value):
            return False
        latest = max(latest, one.inv)
        value = value if one.makes is ANY else one.makes
    return True
