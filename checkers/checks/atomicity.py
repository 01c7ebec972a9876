"""k-atomicity and delta-atomicity: how far single values are from one copy (Golab, Li, Shah, PODC 2011).

*k-atomic*: there is an order of all operations on the key, agreeing with their times, in which each read
returns one of the last k writes before it. k = 1 is linearizability with unique writes, decided by zones;
k = 2 by LBT (Golab, Hurwitz, Li 2013; `checkers/registers/two_atomic.py`), O(n log n + c n) for c
concurrent writes. Beyond, only a lower bound is given: a read that lies behind j writes, each wholly
between its write and itself, needs k > j.

*delta-atomic*: it would be linearizable, had every read begun delta earlier. The least such delta, exact:
each pair of conflicting zones needs the cheaper of moving one before the other, which is what the reads of
the later one are late by, and infinite if its write itself began too late, or a read ended before its
write. O(n log n log T).

Judged on keys whose values are unique, and in stores with siblings only if no read returned several.
Measured.
"""

from __future__ import annotations

from dataclasses import replace

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.words import at, what
from checkers.registers.clusters import Cluster, Clusters, backwards, clusters_of, single_values
from checkers.registers.k_bounds import most_behind
from checkers.registers.two_atomic import two_atomic
from checkers.registers.zones import Conflict, Zone, clashes, conflicts, evidence
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable


def _exact(case: Case) -> tuple[list[Clusters], str]:
    """The keys that can be judged, and why there is none."""
    if reason := single_values(case):
        return [], reason
    found = [clusters for view in case if (clusters := clusters_of(case, view)).all or clusters.unwritten]
    if not any(clusters.operations for clusters in found):
        return [], "no key with unique values, and without deletes or cas, was read or written"
    return found, ""


@check(
    "k-atomicity",
    question="How many writes may a read lie behind, in the best order of all operations?",
    guarantee="Each read returns one of the last two writes before it (2-atomic).",
    source="Golab, Li, Shah, PODC 2011; Golab, Hurwitz, Li, ICDCS 2013",
)
def k_atomicity(case: Case) -> Finding:
    """Invalid if some key is not 2-atomic. `judged` counts operations; `stats` has each class of keys."""
    keys, reason = _exact(case)
    if reason:
        return not_applicable(reason)
    violations: list[Violation] = []
    counts = {"atomic": 0, "two_atomic": 0, "worse": 0}
    least_k = 1
    for clusters in keys:
        strange = [*clusters.unwritten, *(read for _, read in backwards(clusters.all))]
        if strange:
            counts["worse"] += 1
            violations.append(_no_k(clusters, strange[0]))
        elif next(conflicts(clusters.all), None) is None:
            counts["atomic"] += 1
        elif two_atomic(clusters.all):
            counts["two_atomic"] += 1
            least_k = max(least_k, 2)
        else:
            counts["worse"] += 1
            violations.append(_more_than_two(clusters))
            least_k = max(least_k, violations[-1].data["least_k"])
    total = sum(clusters.operations for clusters in keys)
    return judged(total, violations, keys=counts, least_k=least_k)


def _no_k(clusters: Clusters, read: Op) -> Violation:
    line = f"op {read.id} returned at {at(read.ret)} what no write had begun to write: no k explains it"
    data = {"least_k": 0, "value": read.result, "pattern": "unwritten"}
    return Violation("k-atomicity", clusters.key, (read.id,), line, (line,), (), data)


def _more_than_two(clusters: Clusters) -> Violation:
    read, between = most_behind(clusters.all)
    if len(between) >= 2 and read is not None:
        cluster = next(one for one in clusters.all if read in one.reads)
        ops = [*([cluster.write] if cluster.write else []), *between[:2], read]
        lines = [f"{what(op)} ended at {at(op.ret)}" for op in ops[:-1]]
        lines.append(
            f"op {read.id} began at {at(read.inv)}, after all of them, and returned {cluster.in_words}"
        )
        message = f"op {read.id} returned {cluster.in_words}, at least {len(between)} writes behind"
        least = len(between) + 1
    else:
        ops, least = _core(clusters.all), 3
        lines = [f"{what(op)}, from {at(op.inv)} to {at(op.ret)}" for op in ops]
        lines.append("in every order of these, some read lies more than one write behind")
        message = (
            f"{len(ops)} operations on key `{clusters.key}` have no order in which reads lie one write behind"
        )
    ids = tuple(op.id for op in sorted(ops, key=lambda op: (op.inv, op.id)))
    pattern = "behind" if len(between) >= 2 else "core"
    data = {"least_k": least, "behind": len(between), "pattern": pattern}
    return Violation("k-atomicity", clusters.key, ids, message, tuple(lines), (), data)


THINNED = 60
"""Clusters up to which the evidence is thinned out."""


def _core(clusters: list[Cluster]) -> list[Op]:
    """What is needed of clusters that are not 2-atomic: first whole clusters are left out, then reads."""
    kept = list(clusters)
    if len(kept) <= THINNED:
        for one in list(kept):
            rest = [other for other in kept if other is not one]
            if not two_atomic(rest):
                kept = rest
        for i, one in enumerate(kept):
            for read in one.reads:
                fewer = Cluster(one.value, one.write, [other for other in kept[i].reads if other is not read])
                rest = [*kept[:i], fewer, *kept[i + 1 :]]
                if not two_atomic(rest):
                    kept = rest
    return [op for cluster in kept for op in cluster.ops]


@check(
    "delta-atomicity",
    question="By how much would reads have to begin earlier for one order to explain all answers?",
    guarantee="Reads are never stale, by any span of time (delta = 0).",
    source="Golab, Li, Shah, PODC 2011",
)
def delta_atomicity(case: Case) -> Finding:
    """Invalid if delta > 0. `judged` counts operations; `stats` has the largest delta over all keys."""
    keys, reason = _exact(case)
    if reason:
        return not_applicable(reason)
    violations: list[Violation] = []
    worst: int | None = 0
    for clusters in keys:
        strange = [*clusters.unwritten, *(read for _, read in backwards(clusters.all))]
        delta_ns = None if strange else least_delta_ns(clusters.all)
        if delta_ns == 0:
            continue
        worst = None if worst is None or delta_ns is None else max(worst, delta_ns)
        violations.append(_no_k_delta(clusters, strange[0]) if strange else _late(clusters, delta_ns))
    total = sum(clusters.operations for clusters in keys)
    delta_ms = None if worst is None else worst / 1e6
    return judged(total, violations, delta_ms=delta_ms, infinite=worst is None, stale_keys=len(violations))


def _zones(clusters: list[Cluster], delta_ns: int) -> list[Zone]:
    """The zones, had every read begun so much earlier."""
    found = []
    for i, one in enumerate(clusters):
        latest = max((read.inv for read in one.reads), default=one.write_inv) - delta_ns
        found.append(Zone(one.first_end, max(one.write_inv, latest), i))
    return found


def least_delta_ns(clusters: list[Cluster]) -> int | None:
    """The least delta that leaves no conflict, by binary search; None if none does."""
    if next(clashes(_zones(clusters, 0)), None) is None:
        return 0
    high = max(one.last_start for one in clusters) + 2
    if next(clashes(_zones(clusters, high)), None) is not None:
        return None
    low = 0  # conflicts; high does not
    while high - low > 1:
        middle = (low + high) // 2
        if next(clashes(_zones(clusters, middle)), None) is None:
            high = middle
        else:
            low = middle
    return high


def _earlier(cluster: Cluster, delta_ns: int) -> Cluster:
    """The cluster, had each of its reads begun so much earlier."""
    return replace(cluster, reads=[replace(read, inv=read.inv - delta_ns) for read in cluster.reads])


def _late(clusters: Clusters, delta_ns: int | None) -> Violation:
    """The pair of values that needs the whole delta."""
    just_less = delta_ns - 1 if delta_ns is not None else max(one.last_start for one in clusters.all) + 2
    one, other = next(clashes(_zones(clusters.all, just_less)))
    pair = Conflict(*(_earlier(clusters.all[i], just_less) for i in sorted((one.cluster, other.cluster))))
    ops, _ = evidence(pair)
    by_id = {op.id: op for cluster in clusters.all for op in cluster.ops}
    ops = [by_id[op.id] for op in ops]
    span = "no finite delta" if delta_ns is None else f"less than {delta_ns / 1e6:.6f} ms"
    lines = [f"{what(op)}, from {at(op.inv)} to {at(op.ret)}" for op in ops]
    lines.append(
        f"with {span}, {pair.one.in_words} and {pair.other.in_words} must each come before the other"
    )
    message = (
        f"reads of key `{clusters.key}` are stale by {'no finite time' if delta_ns is None else span[10:]}"
    )
    delta_ms = None if delta_ns is None else delta_ns / 1e6
    data = {"delta_ms": delta_ms, "value": delta_ms, "pattern": "zones"}
    ids = tuple(op.id for op in ops)
    return Violation("delta-atomicity", clusters.key, ids, message, tuple(lines), (), data)


def _no_k_delta(clusters: Clusters, read: Op) -> Violation:
    line = f"op {read.id} returned at {at(read.ret)} what no write had begun to write: delta is infinite"
    data = {"delta_ms": None, "pattern": "unwritten"}
    return Violation("delta-atomicity", clusters.key, (read.id,), line, (line,), (), data)
