"""Lower bounds on k: how many writes lie wholly between a read's write and the read."""

from __future__ import annotations

from collections.abc import Sequence

from checkers.clusters import Cluster
from checkers.history import Op


def most_behind(clusters: Sequence[Cluster]) -> tuple[Op | None, list[Op]]:
    """The read with the most writes between, and these writes, in order of their ends. O(reads x writes).

    A write w' lies between if w ended before w' began, and w' ended before the read began: in any order.
    """
    writes = sorted((one.write for one in clusters if one.write), key=lambda op: op.ret)
    worst: Op | None = None
    most: list[Op] = []
    for one in clusters:
        after = one.write.ret if one.write else -1
        later = [write for write in writes if write.inv > after]
        if len(later) <= len(most):
            continue
        for read in one.reads:
            between = [write for write in later if write.ret < read.inv]
            if len(between) > len(most):
                worst, most = read, between
    return worst, most
