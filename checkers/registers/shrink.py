"""Makes a history without an order small: the stretch that has none, and in it the operations that matter.

Everything left out is left out in a way that only ever allows more, so what is kept has no order whatever the
rest did: reads and failed cas are dropped, since they change nothing; other operations may then have acted or
not; and what came before the stretch may have left any value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from checkers.model.history import OPEN
from checkers.registers.actions import ANY, Action
from checkers.registers.register_search import Out, Search

ELSE = object()
"""A value that no operation of the history speaks of: for what an unknown past may have left."""
THINNED = 400
"""Operations of a stretch beyond which nothing is thinned out: it is cited as it is."""


class Core(NamedTuple):
    """Operations that have no order, in order of invocation."""

    needed: list[Action]
    """Without any of these there may be one."""
    others: list[Action]
    """What else may have acted meanwhile; it does not help."""
    from_start: bool
    """Whether it matters that the register began with its initial value; else with any."""


def core(found: Sequence[Action], initial: Any, stuck: Action | None, budget: int) -> Core:
    """The fewest of these actions that still have no order, as far as the budget reaches.

    `stuck` is where a search found that there is none: nothing that began after its end matters.
    """
    search = Search(budget)
    if (alone := unexplained(found, initial)) is not None:
        return Core([alone], [], True)
    prefix = list(found) if stuck is None else until(found, stuck.ret)
    stretch, starts = _latest(search, prefix, initial)
    needed = [one for one in stretch if one.must]
    others = [one for one in stretch if not one.must]
    if len(needed) <= THINNED:
        needed, others = _thinned(search, needed, others, starts)
    return Core(needed, others, len(starts) == 1)


def until(found: Sequence[Action], time: int) -> list[Action]:
    """What had begun by then; what had not ended is open. Open reads tell nothing."""
    kept = []
    for action in found:
        if action.inv <= time:
            if action.ret <= time:
                kept.append(action)
            elif action.changes:
                kept.append(action._replace(ret=OPEN, must=False))
    return kept


def _since(found: Sequence[Action], time: int) -> list[Action]:
    """What ended no earlier; of what had begun before, what may have acted since."""
    kept = []
    for action in found:
        if action.inv >= time:
            kept.append(action)
        elif action.ret >= time and action.changes:
            kept.append(action._replace(must=False))
    return kept


def unexplained(found: Sequence[Action], initial: Any) -> Action | None:
    """The first action that found a value which nobody can have made by then."""
    first: dict[Any, int] = {initial: -1}
    for one in found:
        if one.changes:
            first[one.makes] = min(one.inv, first.get(one.makes, one.inv))
    for one in sorted(found, key=lambda one: one.ret):
        if one.must and not one.differs and one.wants is not ANY and first.get(one.wants, OPEN) > one.ret:
            return one
    return None


def _latest(search: Search, prefix: list[Action], initial: Any) -> tuple[list[Action], list[Any]]:
    """The shortest stretch up to the end that has no order whatever the value was before; else all of it,
    from the initial value."""
    anything = list(dict.fromkeys([initial, *(one.wants for one in prefix), ELSE]))
    times = sorted({one.inv for one in prefix})

    def wrong_since(at: int) -> bool:
        return _without(search, _since(prefix, times[at]), anything)

    high, step = len(times), 1  # the later it begins, the more is allowed: back from the end in longer steps
    low = high - 1
    while not wrong_since(low):
        if low == 0:
            return prefix, [initial]
        high, low, step = low, max(0, low - step), 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if wrong_since(middle) else (low, middle)
    return _since(prefix, times[low]), anything


def _thinned(
    search: Search, needed: list[Action], others: list[Action], starts: list[Any]
) -> tuple[list[Action], list[Action]]:
    """Without what is not needed: pieces first, then one by one."""
    size = max(1, len(needed) // 2)
    while True:
        again = False
        for at in range(len(needed) - 1, -1, -size):
            low = max(0, at - size + 1)
            kept, dropped = needed[:low] + needed[at + 1 :], needed[low : at + 1]
            may = others + [one._replace(must=False) for one in dropped if one.changes]
            if kept and _without(search, kept + may, starts):
                needed, others, again = kept, may, True
        if size == 1 and not again:
            return needed, sorted(others, key=lambda one: (one.inv, one.op.id))
        size = max(1, size // 2)


def _without(search: Search, actions: Sequence[Action], starts: Sequence[Any]) -> bool:
    """Whether they have no order. A spent budget counts as one, so that nothing is left out on a guess."""
    try:
        return not search.linearizable(actions, starts)
    except Out:
        return False
