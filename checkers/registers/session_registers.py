"""Read-your-writes and monotonic reads of single values, where versions are not known.

A value may rightly hide one's own write, if another write came after it. So only what is *known* to be
older accuses: u is older than v if the write of u happened before the write of v
(`checkers/causality/happened_before.py`).

- A session wrote v and then reads u, older than v, or nothing at all.
- A session read v and later, whatever it read in between, reads u, older than v, or nothing at all; or it
  read u, then v, then u again.

A read of nothing is excused by any delete that may have begun; a value sent twice may come back; reads of
several values are left out. O(n S) for S sessions.
"""

from __future__ import annotations

from checkers.case import Case
from checkers.causality.causal_proofs import told_way
from checkers.causality.happened_before import Happened, Step
from checkers.causality.visibility import Hop, shortest
from checkers.model.history import Op
from checkers.model.words import at, what
from checkers.order.key_view import KeyView
from checkers.verdict import Violation


class _Registers:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.happened = Happened(case)
        if not self.happened.too_large:
            for _ in self.happened.reads():
                pass
        self.initial = case.history.meta.get("initial")

    def older(self, one: Op | None, other: Op, read: Op, view: KeyView) -> bool:
        """Whether what a read found (None: nothing) is known to be older than what `other` wrote."""
        if one is None:
            return not any(op.type != "fail" and op.inv <= read.ret for op in view.deletes)
        step = self.happened.writes.get(one.id)
        clock = self.happened.clocks.get(other.id)
        if step is None or clock is None or one.id == other.id or one.attempts > 1:
            return False
        return clock[step.session] >= step.place

    def way(self, one: Op | None, other: Op) -> list[Hop]:
        """How the write of `one` happened before that of `other`: the fewest steps."""
        if one is None:
            return []
        start = self.happened.writes[one.id]
        return shortest(self.happened, self.happened.writes[other.id], lambda step: step is start)

    def found(self, step: Step) -> tuple[bool, Op | None]:
        """(whether the read tells anything, the write of what it returned; None if it found nothing)."""
        values = step.op.result if isinstance(step.op.result, list) else [step.op.result]
        if self.happened.ambiguous(step):
            return False, None
        writes = self.happened.written(step)
        if len(values) == 1 and writes:
            return True, writes[0].op
        return not values or (not writes and values in ([None], [self.initial])), None


def forgotten_writes(case: Case) -> tuple[int, list[Violation]]:
    """Read your writes: reads judged, and violations."""
    registers, found, count = _Registers(case), [], 0
    for steps in registers.happened.steps:
        own: dict[str | None, Op] = {}
        for step in steps:
            op, view = step.op, case.keys[step.op.key or ""]
            if not step.reads:
                if op.ok and op.f != "delete":
                    own[op.key] = op
                elif op.f == "delete":
                    own.pop(op.key, None)  # from here on nothing, or anything, may be read
                continue
            count += 1
            tells, seen = registers.found(step)
            mine = own.get(op.key)
            if tells and mine is not None and mine.id != op.id and registers.older(seen, mine, op, view):
                line = f"{what(mine)} on key `{op.key}` was acknowledged at {at(mine.ret)}"
                way = registers.way(seen, mine)
                found.append(_violation("read-your-writes", mine, None, seen, op, line, way))
    return count, found


def turned_back(case: Case) -> tuple[int, list[Violation]]:
    """Monotonic reads: reads judged, and violations."""
    registers, found, count = _Registers(case), [], 0
    for steps in registers.happened.steps:
        last: dict[str | None, tuple[Op, Op]] = {}
        had: dict[str | None, _Had] = {}
        for step in filter(lambda step: step.reads, steps):
            op, view = step.op, case.keys[step.op.key or ""]
            count += 1
            tells, seen = registers.found(step)
            if not tells:
                continue
            before, earlier = last.get(op.key), had.setdefault(op.key, _Had(registers))
            if before is not None and (seen is None or seen.id != before[0].id):
                write, read = earlier.newer_than(seen, op, view) or before
                line = f"op {read.id} read {_value(write)} at {at(read.ret)}, which op {write.id} wrote"
                if registers.older(seen, write, op, view):
                    way = registers.way(seen, write)
                    found.append(_violation("monotonic-reads", write, read, seen, op, line, way))
                elif seen is not None and seen.id in earlier.reads and seen.attempts == 1:
                    first = earlier.reads[seen.id][1]
                    line = f"op {first.id} read {_value(seen)} at {at(first.ret)}; {line}"
                    found.append(_violation("monotonic-reads", write, read, seen, op, line, [], first))
            if seen is not None:
                last[op.key] = (seen, op)
                earlier.add(seen, op)
    return count, found


class _Had:
    """What a session has read of one key so far: each write with the read that showed it first."""

    def __init__(self, registers: _Registers) -> None:
        self.reads: dict[int, tuple[Op, Op]] = {}
        self._registers = registers
        self._known: list[int] = []
        """For each session, how many of its steps happened before some write that was read."""

    def add(self, write: Op, read: Op) -> None:
        if write.id in self.reads:
            return
        self.reads[write.id] = (write, read)
        clock = self._registers.happened.clocks.get(write.id, [])
        self._known = (
            [max(pair) for pair in zip(self._known, clock, strict=True)] if self._known else clock[:]
        )

    def newer_than(self, seen: Op | None, read: Op, view: KeyView) -> tuple[Op, Op] | None:
        """The latest of them that is known to be newer than `seen`, with its read.

        Not only the last one read: another, of which nothing is known, may have come in between.
        """
        step = None if seen is None else self._registers.happened.writes.get(seen.id)
        if step is None or not self._known or self._known[step.session] < step.place:
            return None
        newer = (
            pair for pair in reversed(self.reads.values()) if self._registers.older(seen, pair[0], read, view)
        )
        return next(newer, None)


def _value(write: Op) -> object:
    return write.value[1] if write.f == "cas" else write.value


def _violation(
    kind: str,
    write: Op,
    read: Op | None,
    seen: Op | None,
    get: Op,
    line: str,
    way: list[Hop],
    first: Op | None = None,
) -> Violation:
    shown = "nothing" if seen is None else f"{_value(seen)}, which op {seen.id} wrote"
    why = "" if seen is None else ": known to be older" if first is None else ": back again"
    lines = (
        *told_way(way),
        line,
        f"then process {get.process} read {shown}, at {at(get.ret)} (op {get.id}){why}",
    )
    cited = (first, seen, *(step.op for step, _ in way), write, read, get)
    ops = tuple(dict.fromkeys(op.id for op in cited if op is not None))
    message = f"op {get.id} read {'nothing' if seen is None else _value(seen)} after {_value(write)}"
    return Violation(kind, get.key, ops, message, lines, (), {"value": _value(write), "get": get.id})
