"""Hard histories of compare-and-set: how many are decided within a minute, and how many by Porcupine."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from checkers.model.history import History
from checkers.registers.actions import actions
from checkers.registers.register_search import Out, Search
from tests.bench import porcupine
from tests.bench.figure import Figure, NotMeasured
from tests.histories.hard_registers import Hard, hard

LIMIT_S = 60
SHAPES = {
    "300 by 50": Hard(300, 50),
    "300 by 50, three values": Hard(300, 50, values=3),
    "300 by 50, most cas succeed": Hard(300, 50, reads=0.2, writes=0.1, lucky=0.8),
    "300 by 50, 10 % unanswered": Hard(300, 50, unanswered=0.1),
    "5,000 by 20, 5 % unanswered": Hard(5_000, 20, unanswered=0.05),
    "5,000 by 20, 20 % unanswered": Hard(5_000, 20, unanswered=0.2),
    "5,000 by 20, 5 % unanswered, most cas succeed": Hard(
        5_000, 20, reads=0.2, writes=0.1, unanswered=0.05, lucky=0.7
    ),
    "2,000 by 20, a late violation": Hard(2_000, 20, values=20, late=True),
    "2,000 by 10, a late violation": Hard(2_000, 10, values=8, late=True),
}


def figures() -> Iterator[Figure]:
    """The seconds of each, then how many were decided."""
    with tempfile.TemporaryDirectory() as folder:
        program, why_not = None, ""
        try:
            program = porcupine.build(Path(folder))
        except NotMeasured as error:
            why_not = f"Porcupine: not measured: {error}"
        ours = theirs = 0
        for name, shape in SHAPES.items():
            history = hard(shape, 1)
            spent = _seconds(history, orderly=not shape.late)
            limit = None if program is None else porcupine.seconds_of(program, history, LIMIT_S)
            ours, theirs = ours + (spent is not None), theirs + (limit is not None)
            said = "Porcupine" if limit is not None else why_not or f"Porcupine: no verdict in {LIMIT_S} s"
            if spent is None:
                said = f"no verdict in {LIMIT_S} s; {said}"
            yield Figure(f"search: {name}", spent, "s", limit, said)
        yield Figure(
            f"searches decided within {LIMIT_S} s, of {len(SHAPES)}",
            ours,
            "",
            None if program is None else theirs,
            why_not or "Porcupine",
        )


def _seconds(history: History, orderly: bool) -> float | None:
    """None if it was not decided. A bench of wrong answers would be worth nothing."""
    began = time.monotonic()
    try:
        found = Search(sys.maxsize, began + LIMIT_S).linearizable(actions(history.ops), [0])
    except Out:
        return None
    assert found == orderly, "a wrong verdict"
    return time.monotonic() - began
