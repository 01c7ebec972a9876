"""A version graph as one SVG picture that stands by itself: older above newer, as `evidence.dot` has it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from networkx import DiGraph

FILLS = {"ok": "#cfe6ff", "info": "#ffe2b5", "fail": "#ffdcef"}
WIDTH, HEIGHT, GAP, ROW, MARGIN = 150, 44, 24, 84, 16
"""Of a box, between boxes, from one row to the next, and around it all (px)."""
LEGEND_WIDTH = 400
LEGEND = (
    "an arrow leads from a write to one that had read it, and replaced it",
    "thick border: named by the finding; double border: held at the end",
    "blue: acknowledged; ochre: no answer; pink: refused",
)
"""What arrows, borders and colours mean, here and in DOT."""
LETTERS = 20
"""Letters of a line that fit a box."""

_ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>'
)


def svg(graph: DiGraph[int]) -> str:
    """The graph as SVG text: cited writes with a thick border, what the finals hold with a double one.

    A write stands below all that it supersedes, beside its siblings in order of their ids.
    """
    rows = _rows(graph)
    places = {
        node: (MARGIN + place * (WIDTH + GAP), MARGIN + number * ROW)
        for number, row in enumerate(rows)
        for place, node in enumerate(row)
    }
    widest = max(map(len, rows), default=0)
    width = max(LEGEND_WIDTH, 2 * MARGIN + max(0, widest * (WIDTH + GAP) - GAP))
    below = 2 * MARGIN + max(0, (len(rows) - 1) * ROW + HEIGHT)
    height = below + 15 * len(LEGEND)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="sans-serif" font-size="12" text-anchor="middle">',
        _ARROW,
    ]
    parts += [_edge(places[older], places[newer]) for older, newer in sorted(graph.edges())]
    parts += [_box(graph.nodes[node], *places[node]) for node in sorted(graph)]
    parts += [_legend(line, below + 15 * number) for number, line in enumerate(LEGEND)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(line: str, y: int) -> str:
    return f'<text x="{MARGIN}" y="{y}" text-anchor="start" font-size="11" fill="#444">{escape(line)}</text>'


def _rows(graph: DiGraph[int]) -> list[list[int]]:
    """Nodes by their longest way from a write without parents; those of a circle come last."""
    import networkx as nx

    try:
        return [sorted(row) for row in nx.topological_generations(graph)]
    except nx.NetworkXUnfeasible:  # a read of the future: no order shows it
        return [[node] for node in sorted(graph)]


def _edge(older: tuple[int, int], newer: tuple[int, int]) -> str:
    x1, y1 = older[0] + WIDTH // 2, older[1] + HEIGHT
    x2, y2 = newer[0] + WIDTH // 2, newer[1]
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#555" marker-end="url(#arrow)"/>'


def _box(facts: dict[str, Any], x: int, y: int) -> str:
    border = 3 if facts["cited"] else 1
    shapes = [_rect(x, y, 0, FILLS[facts["type"]], border)]
    if facts["final"]:
        shapes.append(_rect(x, y, 4, "none", 1))
    lines = facts["label"].split("\n")
    shapes += [
        f'<text x="{x + WIDTH // 2}" y="{y + 18 + 15 * i}">{escape(_short(line))}</text>'
        for i, line in enumerate(lines)
    ]
    title = f"<title>{escape(' · '.join(lines))}</title>"
    return f"<g>{title}{''.join(shapes)}</g>"


def _rect(x: int, y: int, inset: int, fill: str, border: int) -> str:
    return (
        f'<rect x="{x + inset}" y="{y + inset}" width="{WIDTH - 2 * inset}" height="{HEIGHT - 2 * inset}" '
        f'rx="6" fill="{fill}" stroke="#222" stroke-width="{border}"/>'
    )


def _short(line: str) -> str:
    return line if len(line) <= LETTERS else line[: LETTERS - 1] + "…"
