"""One screen a check: the finding of a clean history, with the very counts of the check; None if not clean.

The suite asks here first where a history came as columns. `tests/unit/checkers/fast` holds that whatever is
said here is what the check says.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from checkers.case import Case
from checkers.fast import LARGE, ending, lagging, local, measuring, ordering, register_screens
from checkers.fast.facts import Facts
from checkers.fast.index import index_of
from checkers.fast.jit import COMPILED
from checkers.fast.registers import Registers, registers_of
from checkers.formats.columnar.columns import Columns, of_history
from checkers.formats.columnar.lazy import ColumnHistory
from checkers.verdict import Finding, not_applicable

SCREENS = local.SCREENS | ending.SCREENS | ordering.SCREENS | lagging.SCREENS | measuring.SCREENS

_ELSEWHERE = {
    "set": "no operation added an element",
    "set-resurfaced": "no operation added an element",
    "counter": "nothing was incremented",
}
"""Checks of operations that an indexed history does not have, and why they have no meaning there."""


class OfVersions:
    """Of a history of multi-value registers."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._found: dict[str, Finding | None] = {}

    def finding(self, check: str) -> Finding | None:
        """What `check` finds, if that is nothing; None: let the check itself judge."""
        if check not in self._found:
            self._found[check] = self._screen(check)
        return self._found[check]

    def _screen(self, check: str) -> Finding | None:
        if check in _ELSEWHERE:
            return not_applicable(_ELSEWHERE[check])
        if check == "clock-audit" and not any("clock" in few for few in self._facts.columns.sparse.values()):
            return not_applicable("the history has no clocks (`clock`, docs/history.md)")
        screen = SCREENS.get(check)
        return None if screen is None else screen(self._facts, check)

    @cached_property
    def chances(self) -> dict[str, Any] | None:
        """What `checkers.chances.vacuity.chances` counts, or None: let it count."""
        return measuring.chances(self._facts)


class OfRegisters:
    """Of a history of single-value registers."""

    def __init__(self, facts: Registers) -> None:
        self._facts = facts

    def finding(self, check: str) -> Finding | None:
        """See `OfVersions`."""
        if check in _ELSEWHERE:
            return not_applicable(_ELSEWHERE[check])
        screen = register_screens.SCREENS.get(check)
        return None if screen is None else screen(self._facts)

    @cached_property
    def chances(self) -> dict[str, Any] | None:
        """See `OfVersions`."""
        return register_screens.chances(self._facts)


Screens = OfVersions | OfRegisters
"""What can be cleared of one history."""


def screens_for(case: Case) -> Screens | None:
    """The screens of a large case, whose history is made into columns if it is none yet; None for others."""
    history = case.history
    rows = history.columns.rows if isinstance(history, ColumnHistory) else len(history.ops)
    is_screened = case.promise == "linearizable" if case.single_value else COMPILED and not case.single_winner
    if rows < LARGE or not is_screened:
        return None
    return screens_of(case, history.columns if isinstance(history, ColumnHistory) else of_history(history))


def screens_of(case: Case, columns: Columns) -> Screens | None:
    """The screens of one case; None where they cannot judge this kind of history."""
    if case.single_value:
        registers = registers_of(case, columns) if case.promise == "linearizable" else None
        return None if registers is None else OfRegisters(registers)
    if case.single_winner:
        return None
    index = index_of(columns)
    return None if index is None else OfVersions(Facts(case, index))
