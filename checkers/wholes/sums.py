"""What totals of a counter are possible, from when its increments began and ended.

A total reflects some increments: surely all that must have acted, possibly any that had begun, and none that
failed. An increment sent m times may count up to m times, the further ones at any later moment. Each total is
judged by itself, not against other reads. Prefix sums: O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from math import isclose
from typing import Any

from checkers.model.history import Op


class _Line:
    """Amounts at moments, summed up to any of them."""

    def __init__(self, amounts: Iterable[tuple[int, Any]]) -> None:
        found = sorted(amounts, key=lambda one: one[0])
        self._moments = [moment for moment, _ in found]
        self._sums = [0, *accumulate(amount for _, amount in found)]

    def until(self, moment: int) -> Any:
        """Of those at or before the moment."""
        return self._sums[bisect_right(self._moments, moment)]

    def before(self, moment: int) -> Any:
        """Of those strictly before it."""
        return self._sums[bisect_left(self._moments, moment)]


class Sums:
    """The bounds of one key's total, at any moment. `increments` are those that may have acted."""

    def __init__(self, increments: list[Op], initial: Any) -> None:
        self.initial = initial
        acked = [op for op in increments if op.type == "ok"]
        self._least = _Line((op.inv, min(0, op.value * op.attempts)) for op in increments)
        self._most = _Line((op.inv, max(0, op.value * op.attempts)) for op in increments)
        self._sure_up = _Line((op.ret, max(0, op.value)) for op in acked)
        self._sure_down = _Line((op.ret, min(0, op.value)) for op in acked)

    def bounds(self, inv: int, ret: int, acknowledged: bool) -> tuple[Any, Any]:
        """Least and largest total of a read; `acknowledged`: it must see what ended before it began."""
        up = self._sure_up.before(inv) if acknowledged else 0
        down = self._sure_down.before(inv) if acknowledged else 0
        return self.initial + self._least.until(ret) + up, self.initial + self._most.until(ret) + down


def between(low: Any, total: Any, high: Any) -> bool:
    """Whether it lies between; sums of fractions depend on their order, by a little."""
    if low <= total <= high:
        return True
    fractions = any(isinstance(number, float) for number in (low, total, high))
    return fractions and (isclose(low, total, abs_tol=1e-9) or isclose(total, high, abs_tol=1e-9))
