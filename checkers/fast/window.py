"""Counts of a key's events before a moment, for many reads at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from checkers.fast.index import Ints
from checkers.fast.jit import COMPILED, kernel


def by_key(keys: Any, times: Any, count: int) -> tuple[Ints, Ints]:
    """(offsets by key, times sorted within each key) of events of `count` keys."""
    order = np.lexsort((times, keys))
    first = np.searchsorted(keys[order], np.arange(count + 1))
    return first.astype(np.int64), times[order].astype(np.int64)


def counted(first: Ints, times: Ints, keys: Ints, moments: Ints, inclusive: bool) -> Ints:
    """For each (key, moment), how many of the key's `times` lie before it (or at it, if `inclusive`).

    `times[first[k]:first[k + 1]]` are key k's, sorted.
    """
    if COMPILED:
        return _searched(first, times, keys, moments, inclusive)
    of_times = np.repeat(np.arange(len(first) - 1), np.diff(first))
    asks = np.concatenate([np.zeros(len(times), np.bool_), np.ones(len(keys), np.bool_)])
    ties = asks if inclusive else ~asks
    order = np.lexsort((ties, np.concatenate([times, moments]), np.concatenate([of_times, keys])))
    before = np.cumsum(~asks[order])
    found = np.empty(len(order), np.int64)
    found[order] = before
    return found[len(times) :] - first[keys]


@kernel
def _searched(first: Ints, times: Ints, keys: Ints, moments: Ints, inclusive: bool) -> Ints:
    found = np.zeros(len(keys), np.int64)
    for i in range(len(keys)):
        low, high = first[keys[i]], first[keys[i] + 1]
        while low < high:
            middle = (low + high) // 2
            if times[middle] < moments[i] or (inclusive and times[middle] == moments[i]):
                low = middle + 1
            else:
                high = middle
        found[i] = low - first[keys[i]]
    return found
