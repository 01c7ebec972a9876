"""Causal convergence of single values (CCv): what happened, and one order in which the last write wins.

If a read of a key knows of a write w and returned another's value v, then w must lie before v in the order
of arbitration. A history is causally convergent if and only if these edges and cause and effect together
have no circle, and no read that knows of a write returned the initial value (Bouajjani et al., POPL 2017:
no CyclicCO, CyclicCF, WriteCOInitRead, ThinAirRead; computed as AWDIT does). Only the last write of each
session within the reader's knowledge needs an edge: O(n S).

A delete writes nothing: a read of nothing is excused by any delete that may have begun (ok or info), and a
delete that happened before a read lies before what the read returned. A value sent twice may be stamped
late: it gets no edge. A read of several values at once orders nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from checkers.causality.causal_proofs import cycle, told_way
from checkers.causality.happened_before import Happened, Known, Step, Writers
from checkers.causality.visibility import Hop, shortest
from checkers.model.history import Op
from checkers.model.words import at, what
from checkers.verdict import Violation

NAME = "causal"
CITED = 100

Forced = dict[tuple[int, int], Step]
"""(w, v) -> the read that knew of w and returned v: so w lies before v."""


def convergent(happened: Happened) -> tuple[list[Violation], dict[str, Any]]:
    """All violations but those of single answers, and the statistics."""
    violations: list[Violation] = []
    forced: Forced = {}
    writers: dict[str, Writers] = {}
    for known in happened.reads():
        violations += _edges(happened, known, writers, forced)
    if happened.stuck:
        violations.insert(0, cycle(NAME, happened))
    else:
        violations += _circles(happened, forced)
    return violations, {"broken": len(violations), "forced": len(forced)}


def _edges(
    happened: Happened, known: Known, writers: dict[str, Writers], forced: Forced
) -> Iterator[Violation]:
    step, clock = known
    view = happened.keys[step.op.key or ""]
    if view.key not in writers:
        writers[view.key] = Writers(view, happened)
    returned = happened.written(step)
    values = step.op.result if isinstance(step.op.result, list) else [step.op.result]
    initial = happened.initial
    nothing = not values or values in ([None], [initial])
    if len(values) > 1 or (not returned and not nothing) or happened.ambiguous(step):
        return
    last = [_last(steps, clock[session]) for session, steps in writers[view.key].by_session]
    for write in last:
        if write is None or write.op.id == step.op.id:
            continue
        if returned:
            one = returned[0].op
            known_before = happened.clocks[one.id][write.session] >= write.place
            if not known_before and one.attempts == 1:
                forced.setdefault((write.op.id, one.id), step)
        elif write.op.f != "delete" and not _may_be_gone(view.deletes, step.op):
            way = shortest(happened, step, lambda other, write=write: other is write)  # type: ignore[misc]
            lines = [*told_way(way), f"and yet op {step.op.id} found nothing"]
            message = f"op {step.op.id} found nothing, though {what(write.op)} happened before it"
            ops = tuple(dict.fromkeys(one.op.id for one, _ in way))
            data = {"value": write.op.value, "get": step.op.id, "pattern": "initial"}
            yield Violation(NAME, view.key, ops, message, tuple(lines), (), data)
            return


def _last(steps: list[Step], known: int) -> Step | None:
    found = None
    for step in steps:
        if step.place > known:
            break
        found = step
    return found


def _may_be_gone(deletes: list[Op], read: Op) -> bool:
    return any(op.type != "fail" and op.inv <= read.ret for op in deletes)


def _circles(happened: Happened, forced: Forced) -> Iterator[Violation]:
    """The shortest circle through each forced edge whose ends lie on one, told once for each set of
    steps."""
    after: dict[int, list[int]] = {}
    for earlier, later in forced:
        after.setdefault(earlier, []).append(later)
    told: set[frozenset[int]] = set()
    suspects = _on_circles(happened, after)
    for earlier, later in forced:
        if earlier not in suspects or later not in suspects or len(told) >= CITED:
            continue
        # A way of cause and effect alone needs fewer operations than one by other reads' verdicts.
        start, goal = happened.writes[later], happened.writes[earlier]
        way = shortest(happened, goal, lambda step, start=start: step is start)  # type: ignore[misc]
        way = [*way[:-1], (goal, "forced")] if way else _back(happened, after, start, goal)
        if way and (names := frozenset(step.op.id for step, _ in way)) not in told:
            told.add(names)
            yield _violation(happened, forced, way)


def _on_circles(happened: Happened, after: dict[int, list[int]]) -> set[int]:
    """Writes that are left when whatever has nothing before it, again and again, is taken away."""
    following = {
        step.name: [end.name for end, _ in _after(happened, step, after)]
        for steps in happened.steps
        for step in steps
    }
    count = dict.fromkeys(following, 0)
    for ends in following.values():
        for end in ends:
            count[end] += 1
    free = [step for step, left in count.items() if not left]
    while free:
        for end in following[free.pop()]:
            count[end] -= 1
            if not count[end]:
                free.append(end)
    return {id for (id, reads), left in count.items() if left and not reads}


def _after(happened: Happened, step: Step, after: dict[int, list[int]]) -> list[Hop]:
    steps = happened.steps[step.session]
    found: list[Hop] = [(steps[step.place], "then")] if step.place < len(steps) else []
    if not step.reads:
        found += [(read, "read") for read in happened.readers(step)]
        found += [(happened.writes[later], "forced") for later in after.get(step.op.id, ())]
    else:
        found += [(write, "carried") for write in happened.carriers(step)]
    return found


def _back(happened: Happened, after: dict[int, list[int]], start: Step, goal: Step) -> list[Hop]:
    """The fewest steps from `start` to `goal`; a session leads from each step to all later ones."""
    came: dict[tuple[int, bool], Hop] = {}
    queue = deque([start])
    seen = {start.name}
    reached: dict[int, int] = {}
    while queue:
        step = queue.popleft()
        if step is goal:
            way: list[Hop] = [(goal, "forced")]
            while step is not start:
                step, how = came[step.name]
                way.append((step, how))
            return way[::-1]
        steps = happened.steps[step.session]
        until = reached.get(step.session, len(steps))
        later: list[Hop] = [(one, "then") for one in steps[step.place : until]]
        reached[step.session] = min(until, step.place)
        others = [hop for hop in _after(happened, step, after) if hop[1] != "then"]
        for end, how in [*others, *later]:
            if end.name not in seen:
                seen.add(end.name)
                came[end.name] = (step, how)
                queue.append(end)
    return []


def _violation(happened: Happened, forced: Forced, way: list[Hop]) -> Violation:
    """`way` leads from a write round to another that must lie before it."""
    lines, ops = [], []
    for i, (step, how) in enumerate(way):
        following = way[(i + 1) % len(way)][0]
        ops.append(step.op.id)
        if how != "forced":
            lines += told_way([(step, how), (following, "")])
            continue
        read = forced[step.op.id, following.op.id]
        known = shortest(happened, read, lambda other, step=step: other is step)  # type: ignore[misc]
        ops += [one.op.id for one, _ in known]
        lines += told_way(known)
        lines.append(
            f"op {read.op.id} knew of {what(step.op)} and returned {following.op.value} at "
            f"{at(read.op.ret)}: so op {step.op.id} lies before op {following.op.id}"
        )
    first, last = way[0][0].op, way[-1][0].op
    lines.append("no order of the writes agrees with that")
    message = f"{first.value} and {last.value} were seen to win over each other"
    earliest = min((step.op for step, _ in way if not step.reads), key=lambda op: op.id)
    data = {"value": earliest.value, "pattern": "circle"}
    return Violation(NAME, first.key, tuple(dict.fromkeys(ops)), message, tuple(lines), (), data)
