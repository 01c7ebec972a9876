"""Lower bounds on k: how many writes lie wholly between a read's write and the read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from checkers.model.history import Op
from checkers.registers.clusters import Cluster

LOOKED_AT = 50
"""Reads for which the writes between are counted: those that are late by the longest time."""


def most_behind(clusters: Sequence[Cluster]) -> tuple[Op | None, list[Op]]:
    """A read with many writes between, and these writes, in order of their ends.

    A write w' lies between if w ended before w' began, and w' ended before the read began: in any order. Of
    the reads that are late by the longest time the one with the most is taken: O(n log n), and a bound still.
    """
    writes = sorted((one.write for one in clusters if one.write), key=lambda op: op.ret)
    ends = [write.ret for write in writes]
    late = [(read, one.write.ret if one.write else -1) for one in clusters for read in one.reads]
    late.sort(key=lambda pair: (pair[1] - pair[0].inv, pair[0].id))
    worst: Op | None = None
    most: list[Op] = []
    for read, after in late[:LOOKED_AT]:
        window = writes[bisect_right(ends, after) : bisect_left(ends, read.inv)]
        if len(window) > len(most):
            between = [write for write in window if write.inv > after]
            if len(between) > len(most):
                worst, most = read, between
    return worst, most
