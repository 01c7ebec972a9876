"""What happened before what, over all keys: vector clocks over sessions, each operation visited once.

Edges: a session's order; from a write to a read that returned it; from a read to a write that carried its
context. A write that was never answered has edges into it and to its readers, but nothing follows it in its
session. Sessions advance as far as what they have read is known (a topological order, found without using
time), so a read of the future shows as sessions that wait for each other.

Two notions share the walk. *Causal*: a write's clock is all that its session knew. *Pram*: only the
session's own writes and what its context stood for, so that what a session merely read does not travel
with its writes. O(n S) for S sessions; each write is looked at once per session that reads its key: O(n S
+ n W) in all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from checkers.case import Case
from checkers.model.history import Op
from checkers.order.key_view import KeyView

Clock = list[int]
"""For each session, how many of its steps are known."""

BUDGET = 200_000_000
"""Largest n S that is walked: beyond it the check says that it cannot tell."""


class Step(NamedTuple):
    """One operation of one session. A write that also returned values is two steps: write, then read."""

    op: Op
    session: int
    place: int
    """From 1, within its session."""
    reads: bool

    @property
    def name(self) -> tuple[int, bool]:
        """What tells it from all others."""
        return self.op.id, self.reads


class Known(NamedTuple):
    """A read, and what its session knew when it returned (its own values' writes included)."""

    step: Step
    clock: Clock


class Happened:
    """The walk of one case. `causal` False: as PRAM has it. Iterate `reads()` once; then look at the
    rest."""

    def __init__(self, case: Case, causal: bool = True) -> None:
        self.keys = case.keys
        self.initial = case.history.meta.get("initial")
        self.causal = causal
        self.steps: list[list[Step]] = []
        for session, ops in enumerate(case.sessions):
            steps: list[Step] = []
            for op in ops:
                answered = op.f == "read" or op.returned_values is not None
                kinds = [False, True] if answered and op.body else [answered]
                steps += [Step(op, session, len(steps) + i + 1, reads) for i, reads in enumerate(kinds)]
            self.steps.append(steps)
        self.writes: dict[int, Step] = {}
        self.read_steps: dict[int, Step] = {}
        for steps in self.steps:
            for step in steps:
                (self.read_steps if step.reads else self.writes)[step.op.id] = step
        self.size = sum(len(steps) for steps in self.steps)
        self.clocks: dict[int, Clock] = {}
        """The clock of each write, by its operation."""
        self.stuck: list[Step] = []
        """Steps that wait for each other: not empty only if a read saw the future."""
        self._cited: dict[int, Clock] = {}

    @property
    def too_large(self) -> str:
        """Why it is not walked, or empty."""
        cost = self.size * len(self.steps)
        return f"{self.size} operations of {len(self.steps)} sessions" if cost > BUDGET else ""

    def reads(self) -> Iterator[Known]:
        """Every read that can be reached, in an order that respects cause and effect.

        The clock is the session's own, and changes when the walk goes on: copy what you keep.
        """
        clocks: list[Clock] = [[0] * len(self.steps) for _ in self.steps]
        at = [0] * len(self.steps)
        waiting: dict[tuple[int, bool], list[int]] = {}
        done: set[tuple[int, bool]] = set()
        carried = {source.id for step in self.writes.values() for source in self.sources(step)}
        todo = list(range(len(self.steps) - 1, -1, -1))
        while todo:
            session = todo.pop()
            steps, clock = self.steps[session], clocks[session]
            while at[session] < len(steps):
                step = steps[at[session]]
                needs = self._needs(step)
                blocked = next((need for need in needs if need not in done), None)
                if blocked is not None:
                    waiting.setdefault(blocked, []).append(session)
                    break
                at[session] += 1
                if step.reads:
                    self._read(step, clock)
                    yield Known(step, clock)
                    if step.op.id in carried:
                        self._cited[step.op.id] = clock[:]
                else:
                    self._write(step, clock)
                name = (step.op.id, step.reads)
                done.add(name)
                todo.extend(waiting.pop(name, ()))
        self.stuck = [step for steps, i in zip(self.steps, at, strict=True) for step in steps[i:]]

    def written(self, step: Step) -> list[Step]:
        """The writes whose values a read returned, as far as they are known and may have happened."""
        view = self.keys[step.op.key or ""]
        found = []
        for value in _values(step):
            writer = view.writer(value)
            if writer is not None and writer.id in self.writes and not self._ambiguous(view, value):
                found.append(self.writes[writer.id])
        return found

    def ambiguous(self, step: Step) -> bool:
        """Whether a read returned what may have come from several writes, or from the start: it orders
        nothing."""
        view = self.keys[step.op.key or ""]
        return any(self._ambiguous(view, value) for value in _values(step))

    def _ambiguous(self, view: KeyView, value: Any) -> bool:
        sources = len(view.able(value))
        return sources > 1 or (sources == 1 and value is not None and bool(value == self.initial))

    @property
    def unclear(self) -> str:
        """Why not every read could be judged, or empty."""
        for step in self.read_steps.values():
            if self.ambiguous(step):
                return f"op {step.op.id} read what more than one source explains"
        return ""

    def sources(self, step: Step) -> list[Op]:
        """The reads whose context a write carried."""
        ids = step.op.context if isinstance(step.op.context, list) else [step.op.context]
        return [self.read_steps[id].op for id in ids if id is not None and id in self.read_steps]

    def readers(self, write: Step) -> list[Step]:
        """The reads that returned what this step wrote."""
        return self._readers.get(write.op.id, [])

    def carriers(self, read: Step) -> list[Step]:
        """The writes that carried the context of this read."""
        return self._carriers.get(read.op.id, [])

    @cached_property
    def _readers(self) -> dict[int, list[Step]]:
        found: dict[int, list[Step]] = {}
        for read in self.read_steps.values():
            for write in self.written(read):
                found.setdefault(write.op.id, []).append(read)
        return found

    @cached_property
    def _carriers(self) -> dict[int, list[Step]]:
        found: dict[int, list[Step]] = {}
        for write in self.writes.values():
            for source in self.sources(write):
                found.setdefault(source.id, []).append(write)
        return found

    def _needs(self, step: Step) -> list[tuple[int, bool]]:
        if step.reads:
            return [(write.op.id, False) for write in self.written(step)]
        return [(source.id, True) for source in self.sources(step)]

    def _read(self, step: Step, clock: Clock) -> None:
        for write in self.written(step):
            if write.place > clock[write.session] or not self.causal:
                _join(clock, self.clocks[write.op.id])
        clock[step.session] = step.place

    def _write(self, step: Step, clock: Clock) -> None:
        if self.causal:
            for source in self.sources(step):
                read = self.read_steps[source.id]
                if read.place > clock[read.session]:
                    _join(clock, self._cited[source.id])
            clock[step.session] = step.place
            self.clocks[step.op.id] = clock[:]
            return
        own = [0] * len(clock)
        for source in self.sources(step):
            for write in self.written(self.read_steps[source.id]):
                _join(own, self.clocks[write.op.id])
        own[step.session] = step.place
        self.clocks[step.op.id] = own
        _join(clock, own)


def _values(step: Step) -> list[Any]:
    return step.op.result if isinstance(step.op.result, list) else [step.op.result]


def _join(clock: Clock, other: Clock) -> None:
    clock[:] = map(max, clock, other)


class Writers:
    """The writes of one key, session by session, for readers that know ever more of each."""

    def __init__(self, view: KeyView, happened: Happened) -> None:
        sessions: dict[int, list[Step]] = {}
        for op in view.ops:
            step = happened.writes.get(op.id)
            if step is not None:
                sessions.setdefault(step.session, []).append(step)
        self.by_session = list(sessions.items())

    def newly(self, seen: list[int], clock: Clock) -> Iterator[Step]:
        """Writes that `clock` knows and `seen` (one count per writing session, advanced here) did not."""
        for i, (session, steps) in enumerate(self.by_session):
            place, known = seen[i], clock[session]
            while place < len(steps) and steps[place].place <= known:
                yield steps[place]
                place += 1
            seen[i] = place
