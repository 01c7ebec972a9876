"""Counts of a key's writes before a moment, for many reads at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checkers.fast.jit import kernel

Ints = NDArray[np.int64]


@kernel
def counted(first: Ints, times: Ints, keys: Ints, moments: Ints, inclusive: bool) -> Ints:
    """For each (key, moment), how many of the key's `times` lie before it (or at it, if `inclusive`).

    `times[first[k]:first[k + 1]]` are key k's, sorted.
    """
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
