"""One measured figure, and how to measure: CPU seconds, the best of a few repeats."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`value` in `unit`, beside `limit` in the same unit; `limit_is` says what that is.

    Without a value it was not measured, and `limit_is` says why.
    """

    name: str
    value: float | None
    unit: str
    limit: float | None = None
    limit_is: str = ""

    @property
    def in_words(self) -> str:
        """The value with its unit."""
        return "not measured" if self.value is None else f"{self.value:,.4g} {self.unit}"


class NotMeasured(Exception):
    """The machine did not let us, and why: said in the table, never a failure of the bench."""


def cpu_s(work: Callable[[], object], repeats: int = 3) -> float:
    """The least CPU seconds that `work` took."""
    best = float("inf")
    for _ in range(repeats):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best
