"""The space-time diagram of one violation: clients, nodes, faults and final reads on their lanes.

Only what clients saw is drawn: the node that each operation contacted first, its call and its answer, and
what each replica held when it was read alone at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from markupsafe import Markup

from checkers.model.history import OPEN, Fault, History, Op
from harness.report.drawing import svg
from harness.report.drawing.spacetime_layout import (
    CUT_NS,
    LEFT,
    Lane,
    Layout,
    clamped,
    final_words,
    label_px,
    lay_out,
    op_label,
    visible_faults,
)
from harness.report.model.faults import DOWN, short, sides, told
from harness.report.model.proofs import step
from harness.report.model.run_model import Proof
from harness.report.model.words import clock


def draw(proof: Proof, history: History) -> Markup:
    """The diagram as one SVG, or nothing where the violation names no operation."""
    if not proof.ops:
        return Markup("")
    nodes = [str(node) for node in history.meta.get("nodes") or []]
    nodes += sorted(set(proof.contacts.values()) - set(nodes))
    layout = lay_out(proof, nodes)
    span = (layout.moments[0], layout.moments[-1])
    faults = visible_faults(proof, [lane.name for lane in layout.lanes if not lane.client], span)
    body: list[Markup] = [svg.tag("title", f"Space-time diagram: {proof.title}")]
    body.append(svg.tag("desc", _told(proof, nodes)))
    body += _shades(layout, faults, span)
    body += [svg.line(LEFT, lane.y, layout.width, lane.y, "ln") for lane in layout.lanes]
    body += _down(layout, faults, span)
    for op in proof.ops:
        body += _operation(layout, op, proof)
    body += _finals(layout, proof)
    body += _names(layout) + _axis(layout, proof) + _fault_labels(layout, faults, span, nodes)
    width = svg.number(layout.width, 0)
    box = f"0 0 {width} {svg.number(layout.height, 0)}"
    style = f"min-width:{width}px;max-width:{svg.number(layout.width * 1.1, 0)}px"
    return svg.tag("svg", svg.group(body), cls="st", viewBox=box, width="100%", role="img", style=style)


def _told(proof: Proof, nodes: list[str]) -> str:
    """The drawing in sentences, for who cannot see it."""
    said = []
    for op in proof.ops:
        row = step(op, proof.numbers, proof.loud, proof.contacts.get(op.id), proof.focus)
        said.append(f"{row.number}: {row.who} at {row.invoked}, {row.f} {row.value}: {row.answer}.")
    said += [told(fault, nodes) + "." for fault in proof.faults]
    said += [f"At the end {final.node} held {final_words(final.values)}." for final in proof.finals]
    return " ".join(said)


def _shades(layout: Layout, faults: list[Fault], span: tuple[int, int]) -> Iterable[Markup]:
    """A partition shades all lanes; its smaller side is hatched, and the wall stands between the sides."""
    bottom = layout.height - 34
    nodes = [lane.name for lane in layout.lanes if not lane.client]
    for fault in faults:
        start, end = (layout.x(t) for t in clamped(fault, span))
        if fault.fault in ("partition", "link"):
            yield svg.rect(start, 46, end - start, bottom - 46, "sh")
            if fault is layout.wall and layout.wall_y is not None:
                yield svg.rect(start, layout.wall_y - 5, end - start, 10, "wl")
                continue
            for side in sides(fault, nodes)[1:]:
                for lane in filter(None, map(layout.lane, side)):
                    yield svg.rect(start, lane.y + 10, end - start, 5, "wl")


def _down(layout: Layout, faults: list[Fault], span: tuple[int, int]) -> Iterable[Markup]:
    """On a node's own lane: hatched while it is down, outlined while its clock is off."""
    for fault in faults:
        if fault.fault in ("partition", "link"):
            continue
        start, end = (layout.x(t) for t in clamped(fault, span))
        for lane in filter(None, map(layout.lane, fault.nodes)):
            cls = "dn" if fault.fault in DOWN else "sk"
            yield svg.rect(start, lane.y - 8, end - start, 16, cls)


def _operation(layout: Layout, op: Op, proof: Proof) -> Iterable[Markup]:
    """The bar on the client's lane, its call to the node and the answer back."""
    client, node = layout.lane(f"c{op.process}"), layout.lane(proof.contacts.get(op.id, ""))
    loud = op.id == proof.loud
    answered = op.ret != OPEN
    start = layout.x(op.inv)
    end = layout.x(op.ret) if answered else start + 56
    assert client is not None, "every operation has its client's lane"
    head = "arrb" if loud and op.f != "get" and proof.asserted else "arr"
    if node is not None:
        yield from _messages(client, node, start, end, answered, loud and op.f != "get", op.f, head)
    yield svg.rect(
        start, client.y - 6, end - start, 12, f"ob{' ol' if loud else ''}{'' if answered else ' oi'}"
    )
    label_y = client.y + (20 if client.low else -18)
    yield svg.ring(start + 8, label_y, proof.numbers[op.id], loud)
    yield svg.text(start + 21, label_y + 4, op_label(op), "b w" if loud else "i w")


def _messages(
    client: Lane, node: Lane, start: float, end: float, answered: bool, red: bool, f: str, head: str
) -> Iterable[Markup]:
    """Arrows between two lanes; on the node's lane, the time from call to answer."""
    down = 1 if node.y > client.y else -1
    lean = min(16.0, (end - start) * 0.3)
    arrive, depart = start + 4 + lean, end - 4 - lean
    top, rim = client.y + 6 * down, node.y - 7 * down
    held = depart - arrive if answered else 8
    yield svg.rect(arrive, node.y - 6, max(held, 3), 12, "hl" if red else "h1" if f == "get" else "h2")
    call = f"M{_xy(start + 4, top)}L{_xy(arrive, rim)}"
    yield svg.path(call, "lo" if red else "ms", marker_end=f"url(#{head})")
    if answered:
        yield svg.path(f"M{_xy(depart, rim)}L{_xy(end - 4, top + down)}", "ms ak", marker_end="url(#arr)")


def _xy(x: float, y: float) -> str:
    return f"{svg.number(x, 1)} {svg.number(y, 1)}"


def _finals(layout: Layout, proof: Proof) -> Iterable[Markup]:
    for final in proof.finals:
        lane = layout.lane(final.node)
        if lane is None:
            continue
        words = final_words(final.values)
        width = layout.width - layout.finals_x - 4
        yield svg.rect(layout.finals_x, lane.y - 11, width, 22, "fb", rx=3)
        yield svg.text(layout.finals_x + width / 2, lane.y + 4, words, "mo i", text_anchor="middle")
    if proof.finals:
        yield svg.text(layout.finals_x, 12, "final reads", "i h")
        yield svg.text(layout.finals_x, layout.height - 12, clock(proof.finals[-1].time, 1))


def _names(layout: Layout) -> list[Markup]:
    return [svg.text(LEFT - 12, lane.y + 4, lane.name, "i h", text_anchor="end") for lane in layout.lanes]


def _axis(layout: Layout, proof: Proof) -> list[Markup]:
    """Times of the operations, as many as fit; a long idle stretch is cut by two strokes."""
    y = layout.height - 30
    body = [svg.line(LEFT, y, layout.width, y, "ax")]
    loud = [op for op in proof.ops if op.id == proof.loud]
    taken: list[float] = [layout.finals_x] if proof.finals else []
    for op in [*loud, *(op for op in proof.ops if op not in loud)]:
        x = layout.x(op.inv)
        body.append(svg.line(x, y, x, y + 4, "ax"))
        if all(abs(x - other) >= 66 for other in taken):
            taken.append(x)
            body.append(svg.text(x, y + 18, clock(op.inv), "i" if op in loud else None))
    for i, (before, after) in enumerate(pairwise(layout.moments)):
        if after - before >= CUT_NS:
            middle = (layout.xs[i] + layout.xs[i + 1]) / 2
            body += [svg.rect(middle - 3, y - 1, 6, 2, "gap")]
            body += [svg.path(f"M{_xy(middle + d, y + 5)}l4 -10", "ax") for d in (-6, 0)]
    return body


def _fault_labels(
    layout: Layout, faults: list[Fault], span: tuple[int, int], nodes: list[str]
) -> list[Markup]:
    """Each fault's name over its start, in the first of three rows where it fits."""
    rows = [float(LEFT)] * 3
    body = []
    for fault in sorted(faults, key=lambda fault: clamped(fault, span)[0]):
        words = short(fault, nodes)
        x = layout.x(clamped(fault, span)[0])
        for row, free in enumerate(rows):
            if x >= free and x + label_px(words) < layout.finals_x - 6:
                rows[row] = x + label_px(words)
                body.append(svg.text(x, 12 + 13 * row, words, "i h"))
                break
    return body
