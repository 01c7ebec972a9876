"""Draws the version graph of a key: one box a version, an arrow from what a put had read to the put."""

from __future__ import annotations

from markupsafe import Markup

from checkers.history import OPEN, History
from harness.report import svg
from harness.report.lineage import Edge, Lineage, Version, lineage
from harness.report.model import Proof
from harness.report.words import clock, listing

_BOX, _TALL, _STEP, _ROW = 132, 46, 216, 72
_LEFT, _NOTE = 66, 236


def draw(proof: Proof, history: History) -> Markup:
    """The graph as one SVG, or nothing where no version is known."""
    graph = lineage(proof, history)
    if not graph.versions:
        return Markup("")
    at = _places(graph)
    deepest = max(version.depth for version in graph.versions)
    note_x = _LEFT + deepest * _STEP + _BOX + 22
    width, height = note_x + _NOTE, max(y for _, y in at.values()) + _TALL + 8
    body: list[Markup] = [svg.tag("title", f"Versions of {proof.key}")]
    roots = [v for v in graph.versions if v.depth == 0]
    middle = sum(at[v.op.id][1] for v in roots) / len(roots) + _TALL / 2
    body += [svg.tag("circle", cx=16, cy=middle, r=5, cls="fb"), svg.text(0, middle + 22, "nothing")]
    for version in roots:
        body.append(_arrow(22, middle, at[version.op.id], version.loud))
    loud = {version.op.id for version in graph.versions if version.loud}
    body += [line for edge in graph.edges for line in _edge(edge, at, edge.later in loud)]
    for version in graph.versions:
        body += _box(version, at[version.op.id])
        body += _note(version, note_x, at[version.op.id][1])
    box = f"0 0 {width} {svg.number(height, 0)}"
    style = f"min-width:{min(width, 720)}px;max-width:{width * 1.2:.0f}px"
    return svg.tag(
        "svg", svg.group(body), cls="vg", viewBox=box, width="100%", role="img", style=style,
        aria_label=_told(graph),
    )  # fmt: skip


def _places(graph: Lineage) -> dict[int, tuple[float, float]]:
    """A column for each depth and a row for each version, so that each has its note beside it."""
    return {
        version.op.id: (_LEFT + version.depth * _STEP, 4.0 + row * _ROW)
        for row, version in enumerate(graph.versions)
    }


def _arrow(x: float, y: float, to: tuple[float, float], loud: bool) -> Markup:
    end_x, end_y = to[0] - 4, to[1] + _TALL / 2
    bend = (x + end_x) / 2
    n = svg.number
    d = f"M{n(x)} {n(y)}C{n(bend)} {n(y)} {n(bend)} {n(end_y)} {n(end_x)} {n(end_y)}"
    return svg.path(d, "lo" if loud else "ms", marker_end="url(#arrb)" if loud else "url(#arr)")


def _edge(edge: Edge, at: dict[int, tuple[float, float]], loud: bool) -> list[Markup]:
    x, y = at[edge.earlier]
    start = (x + _BOX + 2, y + _TALL / 2)
    to = at[edge.later]
    words = f"{edge.reader} had read it"
    if edge.between:
        words = f"{edge.between} between"
    label = svg.text((start[0] + to[0] - 4) / 2 + 16, (start[1] + to[1] + _TALL / 2) / 2 - 6, words)
    return [_arrow(*start, to, loud)] + ([label] if to[0] - x <= _STEP else [])


def _box(version: Version, at: tuple[float, float]) -> list[Markup]:
    op, (x, y) = version.op, at
    name = str(op.value) if op.f == "put" else "delete"
    how = "blind, " if op.context is None and op.f == "put" else ""
    unanswered = "" if op.ok else ", no answer" if op.ret == OPEN or op.type == "info" else ", refused"
    shown = name if len(name) <= 15 else name[:14] + "…"
    return [
        svg.rect(x, y, _BOX, _TALL, "hl" if version.loud else "fb", rx=4),
        svg.text(x + 11, y + 20, shown, "mo nt h" if version.loud else "mo i h"),
        svg.text(x + 11, y + 36, f"{how}by c{op.process}{unanswered}", "nt" if version.loud else None),
    ]


def _state(version: Version) -> tuple[str, str, str]:
    """Glyph, class and words for what became of a version."""
    if version.held_by:
        cls = "b" if version.loud else "i"
        return ("bad" if version.loud else "ok"), cls, f"held by {listing(list(version.held_by))}"
    if version.covered:
        return "mok", "i", "superseded by what is held"
    return (
        ("bad", "b", "held by none, covered by none") if version.loud else ("mok", "i", "not held at the end")
    )


def _note(version: Version, x: float, y: float) -> list[Markup]:
    glyph, cls, words = _state(version)
    op = version.op
    told = f"acknowledged at {clock(op.ret)}" if op.ok else f"sent at {clock(op.inv)}"
    icon = svg.tag("use", href=f"#g-{glyph}", x=x, y=y + 9, width=14, height=14, cls=glyph)
    return [icon, svg.text(x + 22, y + 20, words, cls), svg.text(x + 22, y + 35, told)]


def _told(graph: Lineage) -> str:
    said = [f"{v.op.value if v.op.f == 'put' else 'delete'}: {_state(v)[2]}" for v in graph.versions]
    more = f"; {graph.left_out} more left out" if graph.left_out else ""
    return "; ".join(said) + more
