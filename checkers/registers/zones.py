"""Linearizability with unique writes, by zones (Gibbons and Korach 1997): O(n log n), exact.

Cluster a must come before b if some operation of a returned before one of b began: first_end(a) <
last_start(b). A history whose reads follow their writes is linearizable if and only if no two clusters
must each come before the other. (A longer circle always contains such a pair.) The *zone* of a cluster
lies between the two times: forward if first_end < last_start, else backward. Two clusters conflict if and
only if both zones are forward and overlap, or one is backward and lies inside a forward one; so sorting
finds a conflict if there is any. Equal times are concurrent: zones that only touch do not conflict.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checkers.model.history import Op
from checkers.registers.clusters import Cluster


class Zone(NamedTuple):
    """One cluster's two times."""

    first_end: int
    last_start: int
    cluster: int


class Conflict(NamedTuple):
    """Two clusters, each of which must come before the other."""

    one: Cluster
    other: Cluster


def conflicts(clusters: Sequence[Cluster]) -> Iterator[Conflict]:
    """Conflicting pairs: none if there is none; not every pair, but one for each zone that is in any."""
    zones = [Zone(one.first_end, one.last_start, i) for i, one in enumerate(clusters)]
    for one, other in clashes(zones):
        yield Conflict(*(clusters[i] for i in sorted((one.cluster, other.cluster))))


def clashes(zones: Sequence[Zone]) -> Iterator[tuple[Zone, Zone]]:
    """Zones that conflict, in order of time."""
    forward = sorted(zone for zone in zones if zone.first_end < zone.last_start)
    widest: list[Zone] = []  # of the forward zones up to each one, that which ends last
    for zone in forward:
        if widest and zone.first_end < widest[-1].last_start:
            yield widest[-1], zone
        widest.append(max(widest[-1], zone, key=lambda one: one.last_start) if widest else zone)
    starts = [zone.first_end for zone in forward]
    for zone in sorted(zone for zone in zones if zone.first_end >= zone.last_start):
        at = bisect_left(starts, zone.last_start) - 1  # the forward zones that begin before it
        if at >= 0 and zone.first_end < widest[at].last_start:
            yield widest[at], zone


def evidence(conflict: Conflict) -> tuple[list[Op], list[tuple[Op, Op]]]:
    """The fewest operations that show it: both writes, and for each direction a pair, one before the
    other."""
    pairs = [_before(conflict.one, conflict.other), _before(conflict.other, conflict.one)]
    writes = [write for write in (conflict.one.write, conflict.other.write) if write]
    ops = list({op.id: op for op in [*writes, *(op for pair in pairs for op in pair if op)]}.values())
    for op in ops[len(writes) :]:
        rest = [other for other in ops if other is not op]
        if all(
            _shown(a, b, rest) for a, b in ((conflict.one, conflict.other), (conflict.other, conflict.one))
        ):
            ops = rest
    pairs = [_before(_within(a, ops), _within(b, ops)) for a, b in (conflict, conflict[::-1])]
    return ops, [(first, second) for first, second in pairs if first and second]


def _within(cluster: Cluster, ops: list[Op]) -> Cluster:
    ids = {op.id for op in ops}
    return Cluster(cluster.value, cluster.write, [read for read in cluster.reads if read.id in ids])


def _shown(a: Cluster, b: Cluster, ops: list[Op]) -> bool:
    """Whether these operations alone show that a must come before b."""
    return _within(a, ops).first_end < _within(b, ops).last_start


def _before(a: Cluster, b: Cluster) -> tuple[Op | None, Op | None]:
    """An operation of a that returned before one of b began; writes rather than reads; None: initial."""
    first = a.write if a.write is None or a.write.ret < b.last_start else min(a.ops, key=lambda op: op.ret)
    end = first.ret if first else -1
    if b.write is not None and end < b.write.inv:
        return first, b.write
    return first, max(b.ops, key=lambda op: op.inv)
