"""Where things stand in a space-time diagram: which lanes, in which order, and the x of each moment.

Time is not to scale: an idle stretch shrinks to its logarithm, and every label has the room that it needs.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

from checkers.model.history import OPEN, Fault, Op
from harness.report.model.faults import DOWN, interval, sides
from harness.report.model.run_model import Proof
from harness.report.model.words import visible

LEFT, RIGHT, TOP, LANE, WALL = 66, 20, 84, 46, 26
CUT_NS = 500_000_000
"""An idle stretch this long or longer is marked as cut."""
_BAR, _SHADE, _GLYPH = 40, 24, 6.6
_ROOMY, _BEFORE_FINALS = 1180, 46


@dataclass(frozen=True, slots=True)
class Lane:
    """A client (`c4`) or a node, at this height; `low` clients stand under their nodes."""

    name: str
    y: float
    client: bool
    low: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole drawing in pixels; `moments` are ns in order, `xs` their places."""

    lanes: tuple[Lane, ...]
    wall: Fault | None
    wall_y: float | None
    moments: tuple[int, ...]
    xs: tuple[float, ...]
    finals_x: float
    width: float
    height: float

    def x(self, time: int) -> float:
        """The place of a moment; between two known ones, linearly."""
        i = bisect_left(self.moments, time)
        if i == len(self.moments):
            return self.finals_x - 30
        if self.moments[i] == time or i == 0:
            return self.xs[i]
        t0, t1 = self.moments[i - 1], self.moments[i]
        return self.xs[i - 1] + (self.xs[i] - self.xs[i - 1]) * (time - t0) / (t1 - t0)

    def lane(self, name: str) -> Lane | None:
        """The lane of a client or node, if it is drawn."""
        return next((lane for lane in self.lanes if lane.name == name), None)


def lay_out(proof: Proof, all_nodes: list[str]) -> Layout:
    """Lanes and moments for the operations, faults and final reads of one proof."""
    ends = [op.inv if op.ret == OPEN else op.ret for op in proof.ops]
    span = (proof.ops[0].inv, max(ends))
    shown = set(proof.contacts.values()) | {final.node for final in proof.finals}
    nodes = [node for node in all_nodes if node in shown]
    faults = visible_faults(proof, nodes, span)
    wall = _wall(proof, faults, nodes)
    lanes, wall_y = _lanes(proof, nodes, wall)
    moments, xs = _moments(proof, faults, span)
    widest = max((len(final_words(final.values)) for final in proof.finals), default=0)
    finals_width = max(78, widest * _GLYPH + 16) + RIGHT if proof.finals else RIGHT
    xs = _spread(xs, _ROOMY - finals_width - _BEFORE_FINALS)
    finals_x = xs[-1] + _BEFORE_FINALS
    width = finals_x + finals_width
    return Layout(lanes, wall, wall_y, moments, xs, finals_x, width, lanes[-1].y + 66)


def visible_faults(proof: Proof, nodes: list[str], span: tuple[int, int]) -> list[Fault]:
    """Faults in effect between the first and the last operation that touch a drawn node."""
    return [
        fault
        for fault in proof.faults
        if interval(fault, span[1])[0] <= span[1] and fault.end >= span[0] and set(fault.nodes) & set(nodes)
    ][:10]


def clamped(fault: Fault, span: tuple[int, int]) -> tuple[int, int]:
    """A fault's interval as far as the drawing reaches."""
    start, end = interval(fault, span[1])
    return max(start, span[0]), max(span[0], min(end, span[1]))


def op_label(op: Op) -> str:
    """What stands over an operation's bar, after its number."""
    answer = ""
    if op.returned_values is not None and op.f == "get":
        answer = " → " + final_words(op.returned_values)
    elif op.type != "ok":
        answer = " → no answer" if op.type == "info" else " → refused"
    return op.f + (f" {_short(str(op.value))}" if op.value is not None else "") + answer


def final_words(values: object) -> str:
    """What a read returned, short enough to stand in a drawing."""
    if not isinstance(values, list):
        return "unreadable" if values is None else _short(str(values))
    shown = ", ".join(_short(str(value)) for value in values[:3])
    return (shown + (f" +{len(values) - 3}" if len(values) > 3 else "")) or "nothing"


def _short(value: str) -> str:
    value = visible(value)
    return value if len(value) <= 14 else value[:11] + "…"


def label_px(words: str) -> float:
    """About how wide a label is, with its ring."""
    return len(words) * _GLYPH + 24


def _wall(proof: Proof, faults: list[Fault], nodes: list[str]) -> Fault | None:
    """The partition that the lanes are ordered by: the one around the loud operation, or the first."""
    walls = [fault for fault in faults if fault.fault not in DOWN and len(sides(fault, nodes)) > 1]
    loud = next((op for op in proof.ops if op.id == proof.loud), None)
    around = [w for w in walls if loud and interval(w, OPEN)[0] <= loud.inv <= w.end]
    return next(iter(around or walls), None)


def _lanes(proof: Proof, nodes: list[str], wall: Fault | None) -> tuple[tuple[Lane, ...], float | None]:
    """Above the wall the larger side with its clients first, below it the other with its clients last."""
    above = sides(wall, nodes)[0] if wall else nodes
    below = [node for node in nodes if node not in above]
    clients: dict[str, list[bool]] = {}
    for op in proof.ops:
        clients.setdefault(f"c{op.process}", []).append(proof.contacts.get(op.id) in below)
    low = [name for name, contacts in clients.items() if sum(contacts) * 2 > len(contacts)]
    order = [(name, True) for name in clients if name not in low]
    order += [(name, False) for name in above]
    lanes, y, wall_y = [], float(TOP), None
    for name, client in [*order, *((name, False) for name in below), *((name, True) for name in low)]:
        if below and name == below[0]:
            wall_y = y - LANE / 2 + WALL / 2
            y += WALL
        lanes.append(Lane(name, y, client, name in low))
        y += LANE
    return tuple(lanes), wall_y


def _moments(
    proof: Proof, faults: list[Fault], span: tuple[int, int]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Longest-path placement: each moment right of its neighbour, and right of whatever needs room."""
    needs: list[tuple[int, int, float]] = []
    last: dict[int, tuple[int, float]] = {}
    times = {span[0], span[1]}
    for op in proof.ops:
        end = op.inv + 1 if op.ret == OPEN else op.ret
        times |= {op.inv, end}
        needs.append((op.inv, end, _BAR))
        if op.process in last:
            needs.append((last[op.process][0], op.inv, last[op.process][1]))
        last[op.process] = (op.inv, label_px(op_label(op)) + 10)
    for fault in faults:
        start, stop = clamped(fault, span)
        times |= {start, stop}
        needs.append((start, stop, _SHADE))
    moments = sorted(times)
    place = {moments[0]: float(LEFT + 14)}
    for before, now in pairwise(moments):
        at = place[before] + gap_px(now - before)
        for start, stop, room in needs:
            if stop == now and start < now:
                at = max(at, place[start] + room)
        place[now] = at
    # The last label of every process, not only the last of all, has to end before the final reads begin.
    tails = [place[start] + room - 40 for start, room in last.values()]
    place[moments[-1]] = max(place[moments[-1]], *tails)
    return tuple(moments), tuple(place[moment] for moment in moments)


def _spread(xs: tuple[float, ...], end: float) -> tuple[float, ...]:
    """Stretch a short story over the page, at most to four times what its labels need."""
    start = xs[0]
    factor = min(4.0, max(1.0, (end - start) / max(1.0, xs[-1] - start)))
    return tuple(start + (x - start) * factor for x in xs)


def gap_px(idle_ns: int) -> float:
    """How wide an idle stretch is drawn."""
    return min(76.0, 8 + 15 * math.log10(1 + idle_ns / 1e6))
