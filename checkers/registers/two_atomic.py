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

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checkers.model.history import OPEN
from checkers.registers.clusters import Cluster


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
        self.by_start = sorted(range(len(clusters)), key=lambda i: -self.starts[i])
        self.gone = [False] * len(clusters)
        """Clusters whose place is final; all their operations are placed."""
        self.following = list(range(1, len(self.spans) + 1))
        """For each span a later one that is not before the next span still there."""

    def run(self) -> bool:
        """Take away, from the end, what can stand last, until nothing is left."""
        first_end = first_start = 0
        while True:
            while first_start < len(self.by_start) and self.gone[self.by_start[first_start]]:
                first_start += 1
            if first_start == len(self.by_start):
                return True
            latest = self.starts[self.by_start[first_start]]
            while self.gone[self.by_end[first_end]]:
                first_end += 1
            for i in self._last(first_end, latest):
                if (placed := self._try(i)) is not None:
                    for one in placed:
                        self.gone[one] = True
                    break
            else:
                return False

    def _last(self, place: int, latest: int) -> Iterator[int]:
        """The writes that precede no other: they end no earlier than any other begins."""
        while place < len(self.by_end) and self.ends[self.by_end[place]] >= latest:
            if not self.gone[self.by_end[place]]:
                yield self.by_end[place]
            place += 1

    def _try(self, last: int) -> set[int] | None:
        """The clusters placed by forced moves if this write comes last; None if that cannot be."""
        placed: set[int] = set()
        at: int | None = last
        while at is not None:
            placed.add(at)
            forced: int | None = None
            place = self._there(0)
            while place < len(self.spans) and self.spans[place].inv > self.ends[at]:
                span = self.spans[place]
                if span.cluster not in placed:  # else of this cluster, or placed behind a later write
                    if span.write or forced not in (None, span.cluster):
                        return None
                    forced = span.cluster
                place = self._there(place + 1)
            at = forced
        return placed

    def _there(self, place: int) -> int:
        """The first span from this one on that is still there; shortens the way for those who come next."""
        spans, following, gone = self.spans, self.following, self.gone
        start = place
        while place < len(spans) and gone[spans[place].cluster]:
            place = following[place]
        while start < place:
            following[start], start = place, following[start]
        return place
