"""staleness: how far behind reads are, in versions (k), in time (delta), and as a curve of time
(t-visibility).

Measured, never a violation. Of each read that began after some write of its key was acknowledged:

- *k*: how many acknowledged writes it misses. With versions exact; with single values the writes that lie
  wholly between its own and itself, a lower bound;
- *delta*: how long before the read the first of these was acknowledged (Golab, Li, Shah, PODC 2011, for
  one read);
- *t-visibility*: t is how long before the read the most recent write was acknowledged, and whether the
  read shows it or what replaced it. The share of visible ones for each range of t, with Wilson's 95 % band
  (Bailis et al., "Probabilistically bounded staleness", VLDB 2012).

All apart for reads while some fault was in effect and others. Writes never answered are never required.
O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from checkers.case import Case
from checkers.checks import lww_regular
from checkers.checks.regular import stale, stalest
from checkers.model.history import Op
from checkers.numbers.intervals import wilson
from checkers.numbers.percentiles import latencies
from checkers.order.key_view import REGISTER_WRITES, KeyView
from checkers.registers.clusters import answer, reads_of
from checkers.registry import check
from checkers.verdict import Finding, not_applicable, valid

NAME = "staleness"
EDGES_MS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Where the ranges of t begin."""
GROUPS = ("quiet", "faulty")
ENOUGH = 1000
"""Reads below which t at 99.9 % is not given."""


@dataclass(slots=True)
class Group:
    """Reads of one sort."""

    reads: int = 0
    ks: dict[int, int] = field(default_factory=dict)
    deltas_ns: list[int] = field(default_factory=list)
    visible: list[int] = field(default_factory=lambda: [0] * len(EDGES_MS))
    total: list[int] = field(default_factory=lambda: [0] * len(EDGES_MS))

    def stats(self) -> dict[str, Any]:
        """For the report."""
        return {
            "reads": self.reads,
            "stale": len(self.deltas_ns),
            "k": {str(k): count for k, count in sorted(self.ks.items())},
            "delta": latencies(self.deltas_ns),
            "t_visibility": [self._range(i) for i, count in enumerate(self.total) if count],
            "t_999_ms": self._t_999(),
        }

    def _range(self, i: int) -> dict[str, Any]:
        low, high = wilson(self.visible[i], self.total[i])
        until = EDGES_MS[i + 1] if i + 1 < len(EDGES_MS) else None
        share = self.visible[i] / self.total[i]
        counts = {"visible": self.visible[i], "reads": self.total[i]}
        return {"from_ms": EDGES_MS[i], "to_ms": until, **counts, "share": share, "low": low, "high": high}

    def _t_999(self) -> int | None:
        """The first range from which on, taken together, 99.9 % are visible."""
        for i, edge in enumerate(EDGES_MS):
            total, visible = sum(self.total[i:]), sum(self.visible[i:])
            if total < ENOUGH:
                return None
            if 1000 * visible >= 999 * total:
                return edge
        return None


@check(
    NAME,
    question="How far behind are reads, in versions and in time?",
    guarantee="Reads are rarely stale, and not for long; no bound is promised.",
    source="Bailis et al., VLDB 2012 (PBS); Golab, Li, Shah, PODC 2011",
)
def staleness(case: Case) -> Finding:
    """`judged` counts reads that began after some write of their key was acknowledged."""
    single = case.single_winner
    if single and (reason := lww_regular.why_not(case)):
        return not_applicable(reason)
    groups = {name: Group() for name in GROUPS}
    faults = [(fault.effective or fault.requested, fault.end) for fault in case.history.interruptions]
    for view in case:
        for read, missing, first, recent, visible in _single(case, view) if single else _versions(view):
            group = groups["faulty" if any(a <= read.inv <= b for a, b in faults) else "quiet"]
            group.reads += 1
            group.ks[missing] = group.ks.get(missing, 0) + 1
            if first is not None:
                group.deltas_ns.append(read.inv - first.ret)
            place = bisect_right(EDGES_MS, (read.inv - recent.ret) / 1e6) - 1
            group.total[place] += 1
            group.visible[place] += visible
    reads = sum(group.reads for group in groups.values())
    if not reads:
        return not_applicable("no read began after a write of its key was acknowledged")
    stale_reads = sum(len(group.deltas_ns) for group in groups.values())
    parts = {name: group.stats() for name, group in groups.items() if group.reads}
    k = "exact" if not single else "a lower bound"
    return valid(reads, stale_reads=stale_reads, stale_share=stale_reads / reads, k_is=k, reads=parts)


Reading = tuple[Op, int, Op | None, Op, bool]
"""(read, how many it misses, the first acknowledged of these, the most recent write, whether it shows
that)."""


def _versions(view: KeyView) -> Iterator[Reading]:
    acked = sorted(view.acked_puts, key=lambda op: op.ret)
    ends = [op.ret for op in acked]
    order = view.order
    missed = {one.get.id: one for one in stale(view, view.gets)}
    for get in view.gets:
        place = bisect_left(ends, get.inv)
        if not place:
            continue
        recent, one = acked[place - 1], missed.get(get.id)
        missing = one.missing if one else 0
        first = stalest(view, one) if one else None
        yield get, missing.bit_count(), first, recent, not missing & order.bit(recent)


def _single(case: Case, view: KeyView) -> Iterator[Reading]:
    acked = sorted(
        (op for op in view.ops if op.f in REGISTER_WRITES and op.type == "ok"), key=lambda op: op.ret
    )
    ends = [op.ret for op in acked]
    reads = reads_of(view)
    late = {one.data["get"] for one in lww_regular.violations(case, view, reads)}
    for read in reads:
        place = bisect_left(ends, read.inv)
        if not place:
            continue
        recent = acked[place - 1]
        if read.id not in late:
            yield read, 0, None, recent, True
            continue
        there, value = answer(read)
        sources = lww_regular.sources_of(view, value, read) if there else []
        after = max((op.ret for op in sources), default=-1)
        between = [op for op in acked[bisect_right(ends, after) : place] if op.inv > after]
        yield read, len(between), between[0], recent, recent.inv <= after
