"""Draws the versions of a key as an indented tree: a row a version, a line from what a put had read to it."""

from __future__ import annotations

from markupsafe import Markup

from checkers.model.history import OPEN, History
from harness.report.drawing import svg
from harness.report.model import carts
from harness.report.model.lineage import Edge, Lineage, Version, lineage
from harness.report.model.run_model import Proof
from harness.report.model.words import clock, listing, visible

_BOX, _TALL, _STEP, _ROW, _NOTE = 168, 44, 62, 62, 250


def draw(proof: Proof, history: History) -> Markup:
    """The tree as one SVG, or nothing where no version is known."""
    graph = lineage(proof, history)
    if not graph.versions:
        return Markup("")
    at = {v.op.id: (4 + v.depth * _STEP, 4 + row * _ROW) for row, v in enumerate(graph.versions)}
    below = {edge.later for edge in graph.edges}
    box_px = max([_BOX, *(_box_px(v, v.op.id in below, proof.focus) for v in graph.versions)])
    width = max(x for x, _ in at.values()) + box_px + _NOTE
    height = len(at) * _ROW
    loud = {version.op.id for version in graph.versions if version.loud}
    body = [svg.tag("title", f"Versions of {proof.key}")]
    starts: dict[int, int] = {}
    for edge in graph.edges:
        # Lines that leave one box leave it side by side.
        starts[edge.earlier] = starts.get(edge.earlier, 0) + 1
        body.append(_edge(edge, at, 14 + 9 * (starts[edge.earlier] % 5), edge.later in loud, proof.asserted))
    for version in graph.versions:
        body += _box(version, at[version.op.id], version.op.id in below, box_px, proof.focus)
        body += _note(version, *at[version.op.id], box_px, proof.asserted)
    style = f"min-width:{width}px;max-width:{width}px"
    box = f"0 0 {width} {height}"
    return svg.tag(
        "svg", svg.group(body), cls="vg", viewBox=box, width="100%", role="img", style=style,
        aria_label=_told(graph),
    )  # fmt: skip


def _edge(edge: Edge, at: dict[int, tuple[int, int]], offset: int, loud: bool, asserted: bool) -> Markup:
    """Down from the earlier box, then right into the later one; dashed if versions between are left out."""
    (x, y), (to_x, to_y) = at[edge.earlier], at[edge.later]
    middle = to_y + _TALL // 2
    head = "arrb" if loud and asserted else "arr"
    cls = ("lo" if loud else "ms") + (" ak" if edge.between else "")
    d = f"M{x + offset} {y + _TALL}V{middle - 8}q0 8 8 8H{to_x - 3}"
    return svg.path(d, cls, marker_end=f"url(#{head})")


def _lines(version: Version, read_something: bool, focus: frozenset[str]) -> tuple[str, str]:
    """What stands in a box: the value, and who wrote it how."""
    op = version.op
    name = visible(carts.short(str(op.value), focus)) if op.f == "put" else "delete"
    shown = name if len(name) <= 30 else name[:29] + "…"
    how = "" if read_something else ", blind" if op.context is None else ", had read nothing"
    unanswered = "" if op.ok else ", no answer" if op.ret == OPEN or op.type == "info" else ", refused"
    return shown, f"by c{op.process}{how}{unanswered}"


def _box_px(version: Version, read_something: bool, focus: frozenset[str]) -> int:
    """How wide a box has to be for its lines."""
    shown, by = _lines(version, read_something, focus)
    return 24 + round(max(7.4 * len(shown), 6.5 * len(by)))


def _box(
    version: Version, at: tuple[int, int], read_something: bool, wide: int, focus: frozenset[str]
) -> list[Markup]:
    x, y = at
    shown, by = _lines(version, read_something, focus)
    return [
        svg.rect(x, y, wide, _TALL, "hl" if version.loud else "fb", rx=4),
        svg.text(x + 11, y + 19, shown, "mo nt h" if version.loud else "mo i h"),
        svg.text(x + 11, y + 35, by, "nt" if version.loud else None),
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


def _note(version: Version, x: int, y: int, wide: int, asserted: bool) -> list[Markup]:
    glyph, cls, words = _state(version)
    if glyph == "bad" and not asserted:
        glyph = "mea"
    op = version.op
    told = f"acknowledged at {clock(op.ret)}" if op.ok else f"sent at {clock(op.inv)}"
    icon = svg.tag("use", href=f"#g-{glyph}", x=x + wide + 12, y=y + 7, width=14, height=14, cls=glyph)
    left = x + wide + 34
    return [icon, svg.text(left, y + 18, words, cls), svg.text(left, y + 34, told)]


def _told(graph: Lineage) -> str:
    said = [f"{v.op.value if v.op.f == 'put' else 'delete'}: {_state(v)[2]}" for v in graph.versions]
    more = f"; {graph.left_out} more left out" if graph.left_out else ""
    return "; ".join(said) + more
