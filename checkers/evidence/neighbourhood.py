"""The versions around a violation, as a small graph: who superseded whom, and what the finals hold.

For documents and for a closer look; a report draws its own. Needs networkx, which nothing in a hot path does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.case import Case
from checkers.evidence.graph_svg import LEGEND
from checkers.model.history import Op
from checkers.order.key_view import KeyView
from checkers.verdict import Violation

if TYPE_CHECKING:
    from networkx import DiGraph

REACH = 2
"""Steps of supersession around the cited writes that are still drawn."""

_COLOURS = {"ok": "#6DB6FE", "info": "#FFAA26", "fail": "#FEB5DA"}


def neighbourhood(case: Case, violation: Violation, reach: int = REACH) -> DiGraph[int]:
    """The cited writes of a violation's key and those within `reach` steps, a node an operation id.

    Nodes carry `label`, `type` (ok, info, fail), `f`, `cited` and `final` (some replica holds it); an edge
    leads from a write to one that carried its value in its context. A violation without a key has no graph:
    an empty one.
    """
    from networkx import DiGraph

    graph: DiGraph[int] = DiGraph()
    view = case.keys.get(violation.key) if violation.key is not None else None
    if view is None:
        return graph
    order = view.order
    cited = order.mask_of(op for op in order.writes if op.id in violation.ops or op.id in _related(violation))
    finals = order.mask(view.last_round.values) if view.last_round else 0
    near = cited or finals
    for _ in range(reach):
        near |= _step(view, near)
    for op in order.ops(near):
        graph.add_node(
            op.id,
            label=_label(op),
            type=op.type,
            f=op.f,
            cited=bool(cited & order.bit(op)),
            final=bool(finals & order.bit(op)),
        )
    for op in order.ops(near):
        graph.add_edges_from((parent.id, op.id) for parent in order.ops(order.parents(op) & near))
    return graph


def dot(graph: DiGraph[int]) -> str:
    """The graph as DOT text: older above newer, cited writes bold, what the finals hold double."""
    lines = ["digraph versions {", "  rankdir=TB;", '  node [shape=box, style="rounded,filled"];']
    for node in sorted(graph):
        facts = graph.nodes[node]
        attributes = [f"label={_quoted(facts['label'])}", f"fillcolor={_quoted(_COLOURS[facts['type']])}"]
        if facts["cited"]:
            attributes.append("penwidth=3")
        if facts["final"]:
            attributes.append("peripheries=2")
        lines.append(f"  {node} [{', '.join(attributes)}];")
    lines += [f"  {older} -> {newer};" for older, newer in sorted(graph.edges())]
    lines.append(f"  labelloc=b; label={_quoted(chr(10).join(LEGEND))};")
    return "\n".join([*lines, "}"]) + "\n"


def _related(violation: Violation) -> list[Any]:
    related = violation.data.get("related")
    return related if isinstance(related, list) else []


def _step(view: KeyView, mask: int) -> int:
    """The direct parents and children of these writes."""
    order = view.order
    found = 0
    for op in order.writes:
        parents = order.parents(op)
        if parents & mask:
            found |= order.bit(op)
        if order.bit(op) & mask:
            found |= parents
    return found


def _label(op: Op) -> str:
    asked = "delete" if op.f == "delete" else str(op.value)
    return f"{asked}\nop {op.id}, process {op.process}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
