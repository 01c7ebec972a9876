"""Linearizability of one register with compare-and-set, by search: NP-hard, so with a budget.

First narrow walks (`frontier.py`), which find most orders that there are; then ever wider ones. Where
operations were never answered, each is followed by one that lets them act any number of times: a history
that has no order even then has none. It is much quicker, since nothing then depends on which of them were
used. The first that proves something decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from checkers.registers.actions import Action
from checkers.registers.frontier import Walk
from checkers.registers.timeline import Timeline

WALKS = ((4, 2), (16, 2), (64, 4), (16, 8), (256, 6), (4096, 16), (1 << 60, 1 << 60))
"""Width and depth of one walk after the other: the last one drops nothing. Measured on `make bench`."""


class Out(Exception):
    """The budget is spent."""


class Search:
    """Searches with one budget. `states` counts configurations, over all calls; they alone decide what is
    found, unless `until` is given: the moment (`clock`'s seconds) at which to give up."""

    def __init__(
        self, budget: int, until: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = budget
        self.until = until
        self.clock = clock
        self.states = 0
        self.stuck: Action | None = None
        """After an answer of no: the first operation that no order of what had ended can explain (if
        unanswered ones might act often: at the latest)."""

    def linearizable(self, found: Sequence[Action], initials: Sequence[Any]) -> bool:
        """Whether the actions have an order that begins with one of these values. Raises Out when the budget
        is spent."""
        reusable = any(not one.must for one in found)
        for width, depth in WALKS:
            for reuse in (False, True)[: 1 + reusable]:
                line = Timeline(found, initials, reuse)
                walk = Walk(line, width, depth, self._spend)
                if walk.run():
                    if not reuse:
                        return True
                elif walk.whole:
                    assert walk.stuck is not None
                    self.stuck = line.begun[walk.stuck]
                    return False
        raise AssertionError("the widest walk drops nothing")

    def _spend(self, states: int) -> None:
        self.states += states
        if self.states > self.budget or (self.until is not None and self.clock() > self.until):
            raise Out
