"""Reads that do not show what happened before them: the heart of causal consistency and of PRAM.

For each read g with its happened-before set H: *hidden* are the puts of its key in H that g neither shows
nor covers, nor could miss because of a delete; *back* are values that g returned though a delete in H had
covered them. Both are exact for what is asserted (docs/checks.md, `causal`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

from checkers.case import Case
from checkers.causality.happened_before import Happened, Step, Writers
from checkers.order.key_view import KeyView
from checkers.order.versions import Mask


class Blind(NamedTuple):
    """A read, the puts of its past that it hides, and the deleted values that it returned."""

    step: Step
    view: KeyView
    hidden: Mask
    back: Mask


_CAUSAL: WeakKeyDictionary[Case, tuple[Happened, list[Blind]]] = WeakKeyDictionary()


def causally(case: Case) -> tuple[Happened, list[Blind]]:
    """The causal walk of a case and the reads that it finds blind: made once. Empty if it is too large."""
    found = _CAUSAL.get(case)
    if found is None:
        happened = Happened(case)
        found = _CAUSAL[case] = (happened, [] if happened.too_large else list(blind_reads(happened)))
    return found


class _Wanted:
    """What one session must see of one key, growing as the session comes to know more."""

    __slots__ = ("deleted", "puts", "seen")

    def __init__(self, sessions: int) -> None:
        self.seen = [0] * sessions
        self.puts: Mask = 0
        self.deleted: Mask = 0


def blind_reads(happened: Happened) -> Iterator[Blind]:
    """The reads of a case that hide something of their past, or show what a delete of it had covered."""
    keys = happened.keys
    writers: dict[str, Writers] = {}
    wanted: dict[tuple[int, str], _Wanted] = {}
    for step, clock in happened.reads():
        view = keys[step.op.key or ""]
        of_key = writers.get(view.key)
        if of_key is None:
            of_key = writers[view.key] = Writers(view, happened)
        place = (step.session, view.key)
        want = wanted.get(place)
        if want is None:
            want = wanted[place] = _Wanted(len(of_key.by_session))
        order, own = view.order, 0
        for write in of_key.newly(want.seen, clock):
            if write.op.f == "put":
                want.puts |= order.bit(write.op)
                if (
                    write.op.id == step.op.id
                ):  # it need not show its own write: which came first, we do not know
                    own = order.bit(write.op)
            elif write.op.type == "ok":
                want.deleted |= view.certain.below(write.op)
        hidden = want.puts & ~own
        if hidden:
            hidden &= ~order.mask(step.op.result)
            if hidden:
                hidden &= ~view.sight.accounted(step.op)
        back = want.deleted & view.sight.single(step.op) if want.deleted else 0
        if hidden or back:
            yield Blind(step, view, hidden, back)


Hop = tuple[Step, str]
"""A step and what leads from it to the next one: `then`, `read` or `carried`."""


def shortest(happened: Happened, read: Step, target: Callable[[Step], bool]) -> list[Hop]:
    """The fewest steps that lead from a write which is a `target` to `read`, in order; [] if there are
    none.

    Every step of a session leads to every later one of it, except that in PRAM only the reader's own
    session passes on what it had read. O(n).
    """
    came: dict[tuple[int, bool], tuple[Step, str]] = {}
    unseen = {step.session: step.place for step in (read,)}
    queue = deque([read])
    while queue:
        step = queue.popleft()
        for before, how in _before(happened, step, read, unseen):
            name = before.name
            if name in came or before is read:
                continue
            found = not before.reads and target(before)
            passes_on = happened.causal or how != "then" or step.session == read.session
            if not found and not passes_on:
                continue  # it may be reached in another way yet
            came[name] = (step, how)
            if found:
                return _way(before, read, came)
            queue.append(before)
    return []


def _before(happened: Happened, step: Step, read: Step, unseen: dict[int, int]) -> Iterator[Hop]:
    """What leads to a step directly; what its session did before is given once for each session."""
    if step.reads:
        yield from ((write, "read") for write in happened.written(step) if write.op.id != step.op.id)
    # A write that returned values knew its context when it answered, whichever of the two came first.
    if not step.reads or step.op.body:
        yield from ((happened.read_steps[source.id], "carried") for source in happened.sources(step))
    if not step.reads and not happened.causal and step.session != read.session:
        steps = happened.steps[step.session]
        yield from ((steps[i], "then") for i in range(step.place - 2, -1, -1) if not steps[i].reads)
        return
    if not happened.causal and step.session != read.session:
        return
    # Whoever reached the session later in its order has given all earlier steps already.
    first = unseen.get(step.session, 1) if step is not read else 1
    unseen[step.session] = max(unseen.get(step.session, 1), step.place)
    steps = happened.steps[step.session]
    yield from (
        (steps[i], "then") for i in range(step.place - 2, first - 2, -1) if steps[i].op.id != step.op.id
    )


def _way(first: Step, last: Step, came: dict[tuple[int, bool], tuple[Step, str]]) -> list[Hop]:
    found: list[Hop] = []
    at = first
    while at is not last:
        following, how = came[at.name]
        found.append((at, how))
        at = following
    return [*found, (last, "")]
