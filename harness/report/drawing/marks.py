"""Text of a check as markup: operations that it names become their rings, backticks become code."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from harness.report.model.run_model import Proof
from harness.report.model.words import MARKS, visible


def marked(text: str, proof: Proof | None = None) -> Markup:
    """`op 12` as the ring of that operation, where the proof numbers it; everything else escaped."""
    text = visible(text)
    parts, at = Markup(""), 0
    for match in MARKS.finditer(text):
        parts += escape(text[at : match.start()])
        if match[2] is not None:
            parts += Markup("<code>{}</code>").format(match[2])
        else:
            parts += _operations(match, proof)
        at = match.end()
    return parts + escape(text[at:])


def _operations(match: re.Match[str], proof: Proof | None) -> Markup:
    """Rings, if the proof numbers every operation of the list; else the words as they are."""
    ops = [int(op) for op in re.findall(r"\d+", match[1])]
    if proof is None or not all(op in proof.numbers for op in ops):
        return escape(match[0])
    return Markup(" ").join(ring(proof.numbers[op], op == proof.loud) for op in ops)


def ring(number: int, loud: bool) -> Markup:
    """The number of an operation in a ring; filled for the one that the violation is about."""
    return Markup('<span class="no{}">{}</span>').format(" l" if loud else "", number)
