"""Elements that somebody removes, under one copy: what a read must show, or must not, whatever the order.

Each element is a switch of its own. What is known to have been there (an acknowledged add, a read that
showed it) can be gone in a later read only if some remove can have acted after that; and what is known to
have been away (an acknowledged remove that observed it, a read that lacked it, the beginning) can be there
only if some add can. These are necessary conditions, not sufficient ones: they accuse nobody whose answers
have an order. Operations that were sent more than once may act late. Equal times are concurrent. O(r t + n
log n) for r reads and t such elements.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from checkers.model.elements import Elements
from checkers.model.history import Op
from checkers.model.words import at, what
from checkers.wholes.growing import Breach, Sight

COSTLY = 5_000_000
"""Reads times elements that were removed, above which they are not looked at one by one."""


class _Fact(NamedTuple):
    """Something that shows the switch on, or off, at some moment between two times."""

    ret: int
    inv: int
    words: str
    op: Op | None


class _Turns:
    """The operations that may turn a switch: how late one of those begun by some moment can have acted."""

    def __init__(self, ops: Sequence[Op], end: Callable[[Op], int]) -> None:
        self._from = [op.inv for op in ops]
        self._until = list(accumulate(map(end, ops), max))

    def between(self, since: int, until: int) -> bool:
        """Whether one can have acted after what began at `since`, and before what ended at `until`."""
        begun = bisect_right(self._from, until)
        return begun > 0 and self._until[begun - 1] >= since


def too_costly(elements: Elements, sights: Sequence[Sight]) -> bool:
    """Whether there are too many reads of too many removed elements."""
    return len(elements.removes) * len(sights) > COSTLY


def gone(elements: Elements, sights: Sequence[Sight]) -> Iterator[Breach]:
    """Elements that a read lacks, though no remove can have come after what shows them to have been there."""
    for tag in elements.removes:
        facts = [
            _Fact(op.ret, op.inv, f"{what(op)} was acknowledged at {at(op.ret)}", op)
            for op in elements.adds.get(tag, ())
            if op.ok
        ]
        facts += _seen((sight for sight in sights if tag in sight.tags), f"showed `{tag}`")
        turns = _Turns(elements.removes[tag], elements.end)
        lacking = [sight for sight in sights if tag not in sight.tags]
        if found := _first(lacking, facts, turns):
            sight, fact = found
            lines = (
                fact.words,
                f"{sight.name} began at {at(sight.inv)}, after that, and does not show `{tag}`",
                "every remove that may have observed it had ended before, or began later",
            )
            message = f"{sight.name} lacks `{tag}`, and no remove can have taken it away"
            yield _breach(tag, "lost", message, lines, fact, sight)


def back(elements: Elements, sights: Sequence[Sight]) -> Iterator[Breach]:
    """Elements that a read shows, though no add can have come after what shows them to have been away."""
    for tag, removes in elements.removes.items():
        adds = elements.adds.get(tag)
        if not adds:
            continue  # nobody added it: that is told as such
        facts = [
            _Fact(op.ret, op.inv, f"{what(op)} had observed `{tag}` and was acknowledged at {at(op.ret)}", op)
            for op in removes
            if op.f == "remove" and op.ok
        ]
        facts += _seen((sight for sight in sights if tag not in sight.tags), f"did not show `{tag}`")
        turns = _Turns(adds, elements.end)
        showing = [sight for sight in sights if tag in sight.tags and adds[0].inv <= sight.ret]
        if found := _first(showing, facts, turns):
            sight, fact = found
            lines = (
                fact.words,
                f"{sight.name} began at {at(sight.inv)}, after that, and shows `{tag}`",
                "every add of it had ended before, or began later",
            )
            message = f"{sight.name} shows `{tag}` again, and no add can have brought it back"
            yield _breach(tag, "back", message, lines, fact, sight)


def _seen(sights: Iterable[Sight], words: str) -> Iterator[_Fact]:
    for sight in sights:
        yield _Fact(sight.ret, sight.inv, f"{sight.name} {words} and ended at {at(sight.ret)}", sight.op)


def _first(sights: Iterable[Sight], facts: list[_Fact], turns: _Turns) -> tuple[Sight, _Fact] | None:
    """The first of these answers that contradicts a fact: known before it began, and nothing has turned
    since."""
    facts.sort(key=lambda fact: (fact.ret, fact.inv))
    place, latest = 0, None
    for sight in sorted(sights, key=lambda sight: (sight.inv, sight.ret)):
        while place < len(facts) and facts[place].ret < sight.inv:
            if latest is None or facts[place].inv > latest.inv:
                latest = facts[place]
            place += 1
        if latest is not None and not turns.between(latest.inv, sight.ret):
            return sight, latest
    return None


def _breach(tag: str, cause: str, message: str, lines: tuple[str, ...], fact: _Fact, sight: Sight) -> Breach:
    ops = {op.id: op for op in (fact.op, sight.op) if op is not None}
    return Breach(tag, cause, message, lines, tuple(ops.values()), sight.nodes)
