"""What the strokes of a space-time diagram mean: a sample and its words each, of those that occur in it."""

from __future__ import annotations

from markupsafe import Markup

from harness.report.drawing import svg
from harness.report.model.faults import DOWN
from harness.report.model.run_model import Proof

_WIDE = 32


def legend(proof: Proof) -> Markup:
    """The key of one diagram."""
    kinds = {fault.fault for fault in proof.faults}
    items = [(_bar("ob"), "operation, from call to answer")]
    if any(not op.ok and op.type == "info" for op in proof.ops):
        items.append((_bar("ob oi"), "dashed bar: no answer"))
    if proof.contacts:
        items.append((_line("ms ak"), "dashed arrow: the answer"))
    if kinds & DOWN:
        items.append((_bar("dn"), "dashed, on a node: down or paused"))
    if kinds - DOWN - {"partition", "link"}:
        items.append((_bar("sk"), "dotted, on a node: its clock is off, or another fault"))
    if "partition" in kinds:
        items.append((_bar("wl"), "hatched: the wall, or the smaller side, of a partition"))
    shown = (
        Markup("<span>{}{}</span>").format(Markup('<svg aria-hidden="true">{}</svg>').format(sample), words)
        for sample, words in items
    )
    return Markup('<p class="key">{}</p>').format(Markup("").join(shown))


def _bar(cls: str) -> Markup:
    return svg.rect(1, 2, _WIDE - 2, 9, cls)


def _line(cls: str) -> Markup:
    return svg.line(1, 6.5, _WIDE - 1, 6.5, cls)
