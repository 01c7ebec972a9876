"""How a broken order of cause and effect is told: the shortest way from the cause, then the
contradiction."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import pairwise

from checkers.causality.happened_before import Happened, Step
from checkers.causality.visibility import Blind, Hop, shortest
from checkers.evidence.chains import told
from checkers.model.history import Op
from checkers.model.words import at, outcome, values, what
from checkers.verdict import Violation


def blind(kind: str, happened: Happened, found: Blind) -> Violation:
    """The read, and the nearest write of its past that it does not account for."""
    return _hidden(kind, happened, found) if found.hidden else _back(kind, happened, found)


def _hidden(kind: str, happened: Happened, found: Blind) -> Violation:
    order, get = found.view.order, found.step.op

    def target(step: Step) -> bool:
        return _on(step, found) and step.op.f == "put" and bool(order.bit(step.op) & found.hidden)

    way = shortest(happened, found.step, target)
    put = way[0][0].op
    lines = [
        f"{what(put)} on key `{found.view.key}` was invoked at {at(put.inv)}; {outcome(put)}",
        *told_way(way),
    ]
    lines.append(
        f"so op {get.id} comes after op {put.id}, and yet returned {values(get.result)} at {at(get.ret)}: "
        f"neither {put.value} nor anything that superseded it, and no delete that could hide it had begun"
    )
    message = f"op {get.id} does not show {put.value}, which happened before it ({_length(way)})"
    data = {"value": put.value, "get": get.id, "pattern": "hidden", "way": [step.op.id for step, _ in way]}
    return Violation(kind, found.view.key, _ids(step.op for step, _ in way), message, tuple(lines), (), data)


def _back(kind: str, happened: Happened, found: Blind) -> Violation:
    order, get = found.view.certain, found.step.op

    def target(step: Step) -> bool:
        deletes = _on(step, found) and step.op.f == "delete" and step.op.type == "ok"
        return deletes and bool(order.below(step.op) & found.back)

    way = shortest(happened, found.step, target)
    delete = way[0][0].op
    put = next(order.ops(order.below(delete) & found.back))
    cited, lines = told(found.view, put, delete)
    lines += told_way(way)
    lines.append(
        f"so op {get.id} comes after the delete, and yet returned {values(get.result)} at {at(get.ret)}"
    )
    message = f"op {get.id} shows {put.value}, though a delete (op {delete.id}) happened before it"
    data = {"value": put.value, "get": get.id, "pattern": "back", "way": [step.op.id for step, _ in way]}
    ops = _ids([*cited, *(step.op for step, _ in way)])
    return Violation(kind, found.view.key, ops, message, tuple(lines), (), data)


def _on(step: Step, found: Blind) -> bool:
    return step.op.key == found.view.key


def told_way(way: list[Hop]) -> list[str]:
    """A sentence for each hop."""
    return [_hop(one, other, how) for (one, how), (other, _) in pairwise(way)]


def _hop(one: Step, other: Step, how: str) -> str:
    if how == "then":
        return f"process {other.op.process} did op {one.op.id} and then {_done(other.op)}"
    if how == "read":
        key = f" of key `{other.op.key}`" if other.op.key != one.op.key else ""
        return f"op {other.op.id}{key} returned {_written(one.op)}, which op {one.op.id} wrote"
    return f"{what(other.op)} carried the context that op {one.op.id} had returned"


def _done(op: Op) -> str:
    return f"{what(op)} on key `{op.key}`"


def _written(op: Op) -> object:
    return op.value[1] if op.f == "cas" else op.value


def _length(way: list[Hop]) -> str:
    hops = len(way) - 1
    return f"{hops} step{'s' if hops != 1 else ''} of cause and effect"


def _ids(ops: Iterable[Op]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(op.id for op in ops))


STARTS = 50
"""Reads from which a circle is looked for; the shortest one found is told."""


def cycle(kind: str, happened: Happened) -> Violation:
    """Steps that wait for each other: some read returned what was written only after it.

    The fewest steps that do, so that without any one of their operations there is no circle.
    """
    stuck = {step.name for step in happened.stuck}
    waiting = [
        step for step in happened.stuck if any(hop[1] != "then" for hop in _needed(happened, step, stuck))
    ]
    # Each waits for another, so going back comes round: whatever is met twice lies on a circle.
    step, met = waiting[0], set[tuple[int, bool]]()
    while step.name not in met:
        met.add(step.name)
        step = _needed(happened, step, stuck)[0][0]
    found = [way for start in [step, *waiting[:STARTS]] if (way := _round(happened, start, stuck))]
    hops = min(found, key=len)
    lines = [*told_way(hops), "cause and effect go round in a circle"]
    message = f"op {hops[0][0].op.id} comes before itself"
    data = {"value": hops[0][0].op.id, "pattern": "cycle", "way": [one.op.id for one, _ in hops]}
    return Violation(
        kind, hops[0][0].op.key, _ids(one.op for one, _ in hops), message, tuple(lines), (), data
    )


def _round(happened: Happened, start: Step, stuck: set[tuple[int, bool]]) -> list[Hop]:
    """The fewest steps from `start` to itself; [] if it only waits for others that go round."""
    came: dict[tuple[int, bool], Hop] = {}
    queue = deque([start])
    while queue:
        step = queue.popleft()
        for before, how in _needed(happened, step, stuck):
            if before is start:
                return [(start, how), *_onwards(step, start, came)]
            if before.name not in came:
                came[before.name] = (step, how)
                queue.append(before)
    return []


def _onwards(step: Step, goal: Step, came: dict[tuple[int, bool], Hop]) -> list[Hop]:
    found: list[Hop] = []
    while step is not goal:
        following, how = came[step.name]
        found.append((step, how))
        step = following
    return [*found, (goal, "")]


def _needed(happened: Happened, step: Step, stuck: set[tuple[int, bool]]) -> list[Hop]:
    """The stuck steps that must come before this one; all that its session did earlier among them."""
    found: list[Hop] = []
    if step.reads:
        found += [(write, "read") for write in happened.written(step)]
    else:
        found += [(happened.read_steps[source.id], "carried") for source in happened.sources(step)]
    earlier = happened.steps[step.session][: step.place - 1]
    found += [(one, "then") for one in reversed(earlier)]
    return [hop for hop in found if hop[0].name in stuck]
