"""The operations of one register as events in small integers, for the walk of `frontier.py`.

Each operation under way holds a slot of two bits: *owed*, it was answered and has no place yet, and *used*,
its value was made and cannot be made again. Values are numbered; all that nobody asks for are one value,
since nothing tells them apart.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, NamedTuple

from checkers.model.history import OPEN
from checkers.registers.actions import ANY, Action

OTHER = 0
"""Every value that no operation asks for."""


class Mover(NamedTuple):
    """One operation under way that may change the value; sorted by when it ends."""

    ret: int
    number: int
    used: int
    owed: int


@dataclass(slots=True)
class Under:
    """What is under way at one moment."""

    still: dict[int, int] = field(default_factory=dict)
    """Value -> the owed bits of operations that leave it as it is."""
    writes: int = 0
    """The owed bits of all writes."""
    makers: dict[tuple[int, int], list[Mover]] = field(default_factory=dict)
    """(value made, sort) -> writes of it."""
    steps: dict[int, dict[tuple[int, int], list[Mover]]] = field(default_factory=dict)
    """Value found -> (value made, sort) -> cas between them."""


class Timeline:
    """Actions in order of their ends, each begun before the first end that follows. `reuse`: an unanswered
    operation may act any number of times, which allows more than is true."""

    def __init__(self, found: Sequence[Action], initials: Sequence[Any], reuse: bool = False) -> None:
        wanted = dict.fromkeys(action.wants for action in found if action.wants is not ANY)
        self.codes = {value: code for code, value in enumerate(wanted, 1)}
        self.values = len(self.codes) + 1
        self.starts = sorted({self.code(value) for value in initials})
        self.reuse = reuse
        self.begun = sorted(found, key=lambda one: one.inv)
        self.ends = sorted(
            (one.ret, number) for number, one in enumerate(self.begun) if one.must or one.ret != OPEN
        )
        self.under = Under(dict.fromkeys(range(self.values), 0))
        self._slots: dict[int, int] = {}
        self._free: list[int] = []
        self._next = 0
        self._begun = 0

    def code(self, value: Any) -> int:
        """The number of a value."""
        return self.codes.get(value, OTHER)

    def begin_until(self, time: int) -> int:
        """Put under way all that began by then; their owed bits."""
        owed = 0
        while self._begun < len(self.begun) and self.begun[self._begun].inv <= time:
            owed |= self._enter(self._begun, self.begun[self._begun])
            self._begun += 1
        return owed

    def _enter(self, number: int, action: Action) -> int:
        if not action.must and not action.changes:
            return 0
        if self._free:
            slot = heappop(self._free)
        else:
            slot, self._next = self._next, self._next + 1
        self._slots[number] = slot
        owed = 1 << 2 * slot if action.must else 0
        used = 0 if self.reuse and not action.must else 2 << 2 * slot
        self._still(action, owed, enters=True)
        if action.changes:
            insort(self._row(action), Mover(action.ret, number, used, owed))
        return owed

    def under_way(self, number: int) -> tuple[int, int]:
        """Of an operation under way: its owed bit (0 if it may be left out), and its used bit."""
        slot = self._slots.get(number)
        if slot is None:
            return 0, 0
        return (1 << 2 * slot if self.begun[number].must else 0), 2 << 2 * slot

    def leave(self, number: int) -> None:
        """It has ended."""
        action, (owed, _) = self.begun[number], self.under_way(number)
        if number not in self._slots:
            return
        heappush(self._free, self._slots.pop(number))
        self._still(action, owed, enters=False)
        if action.changes:
            row = self._row(action)
            del row[next(i for i, one in enumerate(row) if one.number == number)]

    def _still(self, action: Action, owed: int, enters: bool) -> None:
        still, code = self.under.still, self.code(action.wants)
        if action.differs:
            fitting = [value for value in range(self.values) if value != code]
        elif action.changes:
            if action.wants is not ANY:
                return
            self.under.writes = self.under.writes | owed if enters else self.under.writes & ~owed
            fitting = [self.code(action.makes)]
        else:
            fitting = [code]
        for value in fitting:
            still[value] = still[value] | owed if enters else still[value] & ~owed

    def _row(self, action: Action) -> list[Mover]:
        # One that has to have a place goes before one that has not, if it ends first; but one that may be
        # left out and ends first is no better than one that may not: those are a sort of their own.
        key = (self.code(action.makes), int(not action.must and action.ret != OPEN))
        if action.wants is ANY:
            return self.under.makers.setdefault(key, [])
        return self.under.steps.setdefault(self.code(action.wants), {}).setdefault(key, [])
