"""Screens of the checks that need one answer and the writes behind it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checkers.fast.facts import Facts
from checkers.fast.index import FAIL
from checkers.formats.columnar.columns import NONE
from checkers.verdict import Finding, valid

Screen = Callable[[Facts, str], Finding | None]


def _local(clean: Callable[[Facts], bool]) -> Screen:
    """A check of single answers: all of them were looked at."""

    def screen(of: Facts, _: str) -> Finding | None:
        answers = len(of.shown[0]) - 1
        return valid(answers, answers=answers, affected=0) if clean(of) else None

    return screen


def no_phantoms(of: Facts) -> bool:
    """Whether every value that was read was written on its key."""
    return not np.any(of.shown[1] == NONE)


def none_aborted(of: Facts) -> bool:
    """Whether nothing was read whose write failed."""
    shown = of.shown[1]
    return not np.any(of.index.type[shown[shown != NONE]] == FAIL)


def _none_from_the_future(of: Facts) -> bool:
    offsets, shown = of.shown
    until = np.repeat(of.until, np.diff(offsets))
    return not np.any((shown != NONE) & (of.index.inv[shown] > until))


SCREENS: dict[str, Screen] = {
    "phantom": _local(no_phantoms),
    "aborted-read": _local(none_aborted),
    "future-read": _local(_none_from_the_future),
    "duplicate-sibling": _local(lambda of: of.no_duplicates),
    "false-sibling": _local(lambda of: of.no_false_siblings),
}
