"""Makes a history that has no order small: its shortest prefix that has none, then what of it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkers.model.history import OPEN
from checkers.registers.actions import ANY, Action
from checkers.registers.register_search import Out, Search

THINNED = 200
"""Operations of a prefix beyond which nothing is thinned out: it is cited as it is."""


def shortest_failing(found: Sequence[Action], initial: Any, budget: int) -> list[Action]:
    """The fewest of these actions that still have no order, as far as the budget reaches."""
    search = Search(budget)
    ends = sorted(action.ret for action in found if action.must)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        if _orderly(search, until(found, ends[middle]), initial):
            low = middle + 1
        else:
            high = middle
    kept = until(found, ends[high])
    return _thinned(search, kept, initial) if len(kept) <= THINNED else kept


def until(found: Sequence[Action], time: int) -> list[Action]:
    """What had begun by then; what had not ended is open. Open reads tell nothing."""
    kept = []
    for action in found:
        if action.inv > time:
            continue
        if action.ret <= time:
            kept.append(action)
        elif action.makes is not ANY:
            kept.append(action._replace(ret=OPEN, must=False))
    return kept


def _thinned(search: Search, kept: list[Action], initial: Any) -> list[Action]:
    """Without every action that is not needed. A value that somebody still asks for keeps its writer."""
    if not _explained(kept, initial):
        made = {action.makes for action in kept if action.makes is not ANY} | {initial}
        return [next(one for one in kept if one.must and not _made(one, made))]
    again = True
    while again:
        again = False
        for i in range(len(kept) - 1, -1, -1):
            rest = kept[:i] + kept[i + 1 :]
            if _explained(rest, initial) and not _orderly(search, rest, initial):
                kept, again = rest, True
    return kept


def _explained(actions: Sequence[Action], initial: Any) -> bool:
    made = {action.makes for action in actions if action.makes is not ANY} | {initial}
    return all(not action.must or _made(action, made) for action in actions)


def _made(action: Action, made: set[Any]) -> bool:
    return action.wants is ANY or action.differs or action.wants in made


def _orderly(search: Search, actions: Sequence[Action], initial: Any) -> bool:
    """Whether they have an order; a spent budget counts as one, so that nothing is left out on a guess."""
    try:
        return search.linearizable(actions, [initial])
    except Out:
        return True
