"""Who is live and who reaches whom over a span of time, as the recorded fault intervals say.

Careful on the store's side: a node or link counts only where no fault touched it during the whole span,
nor within `detect_ms` before it, and nothing counts while a fault has just begun (the store may take
`detect_ms` to notice: docs/promises.md, Availability). A node owes only what was sent to it: one that is
paused or cut off never saw the request, and an isolated one cannot make W votes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from checkers.model.history import OPEN, Fault, History, Op

MS = 1_000_000
"""Nanoseconds in a millisecond."""

_REFUSING = frozenset({"kill", "restart", "power-cut", "wipe", "join", "leave"})
"""The process is gone: who contacts it is refused at once and goes to the next node."""
_DOWN = _REFUSING | {"pause", "freeze", "disk-full", "truncate", "bitflip"}
_LINKS = frozenset({"partition", "link"})
_SLOWING = ("loss", "delay_ms", "jitter_ms", "rate_kbps")

Interval = tuple[int, int]
Link = tuple[str, str]
Names = Sequence[str] | None


class Reach:
    """The availability side of a run's faults. `detect_ns` is the grace after a fault and after its end."""

    def __init__(self, history: History, detect_ns: int) -> None:
        self.nodes: list[str] = list(history.meta.get("nodes") or ())
        self._down: dict[str, list[Interval]] = {}
        self._refusing: dict[str, list[Interval]] = {}
        self._cut: dict[Link, list[Interval]] = {}
        self._rough: dict[str, list[Interval]] = {}
        onsets: list[Interval] = []
        for fault in history.interruptions:
            end = min(OPEN, fault.end + detect_ns)
            span = (fault.requested, end)
            if fault.fault in _LINKS:
                self._link(fault, span)
            elif fault.fault in _DOWN:
                self._down_for(fault, span)
            else:
                continue
            # One that flaps begins anew all the time, so nobody can adapt to it before it ends.
            bitten = fault.requested if fault.effective is None else fault.effective
            adapted = end if fault.details.get("period_ms") else bitten + detect_ns
            onsets.append((fault.requested, adapted))
        self._onsets = sorted(onsets)
        self._cut_clients = {end for link in self._cut for end in link}
        tables = (self._down, self._refusing, self._cut, self._rough)
        spans = [span for table in tables for span in _flat(table.values())]
        self._edges = sorted({edge for span in (*spans, *onsets) for edge in span})
        self._cached: dict[tuple[object, ...], bool] = {}

    @property
    def calm(self) -> bool:
        """Whether no fault of the run can have cost availability."""
        return not self._edges

    def _down_for(self, fault: Fault, span: Interval) -> None:
        gone = (fault.requested, OPEN) if fault.fault == "leave" else span
        refusing = (fault.requested if fault.effective is None else fault.effective, fault.end)
        for node in fault.nodes:
            self._down.setdefault(node, []).append(gone)
            if fault.fault in _REFUSING:
                self._refusing.setdefault(node, []).append(refusing)

    def _link(self, fault: Fault, span: Interval) -> None:
        blocked = fault.details.get("blocked")
        shape = fault.details.get("shape")
        for source, target in blocked or ():
            self._cut.setdefault((source, target), []).append(span)
        slowed = isinstance(shape, dict) and any(shape.get(name) for name in _SLOWING)
        if not blocked and (slowed or shape is None):
            for node in fault.nodes or self.nodes:
                self._rough.setdefault(node, []).append(span)

    def steady(self, start: int, end: int) -> bool:
        """Whether no fault began within the span, or within the grace before it."""
        return not _touches(self._onsets, start, end)

    def live(self, node: str, start: int, end: int) -> bool:
        """Whether the node served during the whole span."""
        return not _touches(self._down.get(node, ()), start, end)

    def linked(self, a: str, b: str, start: int, end: int) -> bool:
        """Whether messages passed both ways during the whole span."""
        if a == b:
            return True
        links = (self._cut.get((a, b), ()), self._cut.get((b, a), ()))
        rough = (self._rough.get(a, ()), self._rough.get(b, ()))
        return not any(_touches(spans, start, end) for spans in (*links, *rough))

    def refuses(self, node: str, start: int, end: int) -> bool:
        """Whether whoever contacted the node within the span was refused at once."""
        return any(begin <= start and end <= stop for begin, stop in self._refusing.get(node, ()))

    def owes(self, op: Op, votes: int, voters: Names, span: Interval) -> bool:
        """Whether a request had to succeed: each node that it may have ended at reaches enough voters.

        `votes` live nodes are needed, the coordinator itself included, out of `voters` (None: any node).
        """
        start, end = span
        # Between two edges nothing changes, so spans that cross the same edges have one answer.
        where = (bisect_left(self._edges, start), bisect_right(self._edges, end))
        process = op.process if f"c{op.process}" in self._cut_clients else None
        key = (process, op.node, _key(op.reaches), votes, _key(voters), where)
        if key not in self._cached:
            self._cached[key] = self.steady(*span) and self._owes(op, votes, voters, span)
        return self._cached[key]

    def _owes(self, op: Op, votes: int, voters: Names, span: Interval) -> bool:
        live = [node for node in self.nodes if self.live(node, *span)]
        able = [
            node
            for node in live
            if self.linked(f"c{op.process}", node, *span)
            and sum(voters is None or other in voters for other in live if self.linked(node, other, *span))
            >= votes
        ]
        within = [node for node in self.nodes if op.reaches is None or node in op.reaches]
        if op.node is None:
            return any(node in able for node in within)
        if not self.refuses(op.node, *span):
            return op.node in able
        # Refused there, it went on to a node that we do not know: any that might have kept it counts.
        others = [node for node in within if not self.refuses(node, *span)]
        return bool(others) and all(node in able for node in others)


def _key(names: Names) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _flat(groups: Iterable[list[Interval]]) -> Iterable[Interval]:
    return (span for group in groups for span in group)


def _touches(spans: Iterable[Interval], start: int, end: int) -> bool:
    return any(begin <= end and start <= stop for begin, stop in spans)
