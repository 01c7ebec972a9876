"""Searches below a few writes: everything else that the screens need to know of supersession.

Numbers fall along every path downwards, so a search stops at the smallest number that it is asked for. In a
store that behaves, what is asked for is recent, and the search is short; `budget` bounds it where it is not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from checkers.fast.jit import kernel

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@kernel
def stamp_below(
    tops: Ints, least: int, stamp: int, stamps: Ints, stack: Ints, parent_at: Ints, parents: Ints
) -> int:
    """Stamp `tops` (NONE is left out) and all below them down to number `least`; how many were visited."""
    size = 0
    visited = 0
    for i in range(len(tops)):
        top = tops[i]
        if top >= least and top >= 0 and stamps[top] != stamp:
            stamps[top] = stamp
            stack[size] = top
            size += 1
    while size:
        size -= 1
        at = stack[size]
        visited += 1
        for i in range(parent_at[at], parent_at[at + 1]):
            lower = parents[i]
            if lower >= least and stamps[lower] != stamp:
                stamps[lower] = stamp
                stack[size] = lower
                size += 1
    return visited


@kernel
def false_siblings(
    tops_at: Ints, tops: Ints, once: Flags, parent_at: Ints, parents: Ints, budget: int
) -> int:
    """Whether some answer holds a write, sent once, below another one of it: 1, 0, or -1 over budget."""
    count = len(once)
    stamps = np.full(count, -1, np.int64)
    stack = np.empty(count + 1, np.int64)
    spent = 0
    for answer in range(len(tops_at) - 1):
        start, end = tops_at[answer], tops_at[answer + 1]
        if end - start < 2:
            continue
        least = count
        for i in range(start, end):
            if 0 <= tops[i] < least:
                least = tops[i]
        for i in range(start, end):
            top = tops[i]
            if top >= 0:
                below = parents[parent_at[top] : parent_at[top + 1]]
                spent += 1 + stamp_below(below, least, answer, stamps, stack, parent_at, parents)
        for i in range(start, end):
            if tops[i] >= 0 and stamps[tops[i]] == answer and once[tops[i]]:
                return 1
        if spent > budget:
            return -1
    return 0


@kernel
def stale_reads(
    first: Ints,
    acked_at: Ints,
    acked: Ints,
    get_at: Ints,
    get_of: Ints,
    get_inv: Ints,
    get_ret: Ints,
    cell_at: Ints,
    cells: Ints,
    ret: Ints,
    deleted_from: Ints,
    parent_at: Ints,
    parents: Ints,
    budget: int,
) -> int:
    """Whether some read misses a put acknowledged before it began: 1, 0, or -1 over budget.

    `acked[acked_at[k]:acked_at[k + 1]]` are key k's acknowledged puts by return, `get_of[get_at[k]:…]` its
    reads by invocation. Kept along the sweep are only the acknowledged puts that no other one covers: whoever
    shows or covers those covers all.
    """
    count = len(ret)
    stamps = np.full(count, -1, np.int64)
    stack = np.empty(count + 1, np.int64)
    wanted = np.empty(count + 1, np.int64)
    one = np.empty(1, np.int64)
    spent = 0
    stamp = 0
    for key in range(len(first) - 1):
        size = 0
        at = acked_at[key]
        for place in range(get_at[key], get_at[key + 1]):
            get = get_of[place]
            while at < acked_at[key + 1] and ret[acked[at]] < get_inv[get]:
                put = acked[at]
                at += 1
                least = put
                for i in range(size):
                    least = min(least, wanted[i])
                one[0] = put
                stamp += 1
                spent += stamp_below(one, least, stamp, stamps, stack, parent_at, parents)
                kept = 0
                for i in range(size):
                    # What a delete hides from now on is owed to no later read.
                    if stamps[wanted[i]] != stamp and deleted_from[wanted[i]] > get_inv[get]:
                        wanted[kept] = wanted[i]
                        kept += 1
                size = kept
                stamp += 1
                spent += stamp_below(wanted[:size], put, stamp, stamps, stack, parent_at, parents)
                if stamps[put] != stamp:
                    wanted[size] = put
                    size += 1
            least = count
            for i in range(size):
                if deleted_from[wanted[i]] > get_ret[get]:
                    least = min(least, wanted[i])
            if least < count:
                stamp += 1
                tops = cells[cell_at[get] : cell_at[get + 1]]
                spent += stamp_below(tops, least, stamp, stamps, stack, parent_at, parents)
                for i in range(size):
                    if stamps[wanted[i]] != stamp and deleted_from[wanted[i]] > get_ret[get]:
                        return 1
            spent += 1 + size
            if spent > budget:
                return -1
    return 0


@kernel
def conflicts(
    first: Ints, counted: Flags, inv: Ints, ret: Ints, parent_at: Ints, parents: Ints, budget: int
) -> int:
    """Pairs of `counted` writes of a key that overlap, neither below the other; -1 over budget."""
    count = len(inv)
    stamps = np.full(count, -1, np.int64)
    stack = np.empty(count + 1, np.int64)
    running = np.empty(count + 1, np.int64)
    found = 0
    spent = 0
    for key in range(len(first) - 1):
        size = 0
        for write in range(first[key], first[key + 1]):
            if not counted[write]:
                continue
            kept = 0
            least = count
            for i in range(size):
                if ret[running[i]] >= inv[write]:
                    running[kept] = running[i]
                    kept += 1
                    least = min(least, running[i])
            size = kept
            if size:
                below = parents[parent_at[write] : parent_at[write + 1]]
                spent += size + stamp_below(below, least, write, stamps, stack, parent_at, parents)
                for i in range(size):
                    if stamps[running[i]] != write:
                        found += 1
                if spent > budget:
                    return -1
            running[size] = write
            size += 1
    return found
