"""2-atomicity with unique writes: LBT, limited backtracking (Golab, Hurwitz, Li, ICDCS 2013; from its
idea).

The order is built from its end. The last write must precede no other; each of these is tried. What begins
after it has ended lies behind it, so its reads may return that write or the one just before it: if they
return another value, that value's write is the one before, and if they return two others, the try fails.
Forced moves follow each other until one forces nothing: then what is placed is a whole number of clusters
that can stand last, it is kept, and the rest is as if it were alone. So a try that ends well is never
taken back. O(n log n + c n).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from checkers.clusters import Cluster
from checkers.history import OPEN


class _Span(NamedTuple):
    """One operation: its times and its cluster."""

    inv: int
    ret: int
    cluster: int
    write: bool


def two_atomic(clusters: Sequence[Cluster]) -> bool:
    """Whether some order puts each read behind its write, with at most one write between.

    Reads that ended before their write began must have been sorted out (`clusters.backwards`).
    """
    return _Backwards(clusters).run()


class _Backwards:
    def __init__(self, clusters: Sequence[Cluster]) -> None:
        self.ends: list[int] = []
        """When each write ended at the latest: before its first read did."""
        self.starts = [cluster.write_inv for cluster in clusters]
        spans: list[_Span] = []
        for i, cluster in enumerate(clusters):
            own = cluster.write.ret if cluster.write else -1
            self.ends.append(min(own, min((read.ret for read in cluster.reads), default=OPEN)))
            spans.append(_Span(cluster.write_inv, self.ends[i], i, True))
            spans += [_Span(read.inv, read.ret, i, False) for read in cluster.reads]
        self.spans = sorted(spans, key=lambda span: -span.inv)
        self.by_end = sorted(range(len(clusters)), key=lambda i: -self.ends[i])
        self.gone: set[int] = set()
        """Clusters whose place is final; all their operations are placed."""

    def run(self) -> bool:
        """Take away, from the end, what can stand last, until nothing is left."""
        total = len(self.ends)
        while len(self.gone) < total:
            self.spans = [span for span in self.spans if span.cluster not in self.gone]
            self.by_end = [i for i in self.by_end if i not in self.gone]
            latest = max(self.starts[i] for i in self.by_end)
            for i in self.by_end:
                if self.ends[i] < latest:
                    return False  # it and all further ones precede another write
                if (placed := self._try(i)) is not None:
                    self.gone |= placed
                    break
            else:
                return False
        return True

    def _try(self, last: int) -> set[int] | None:
        """The clusters placed by forced moves if this write comes last; None if that cannot be."""
        placed: set[int] = set()
        at: int | None = last
        while at is not None:
            placed.add(at)
            forced: int | None = None
            for span in self.spans:
                if span.inv <= self.ends[at]:
                    break
                if span.cluster in placed:
                    continue  # of this cluster, or placed behind a later write
                if span.write or forced not in (None, span.cluster):
                    return None
                forced = span.cluster
            at = forced
        return placed
