"""What Jepsen's and Elle's formats cannot say of a history, so that another judge would judge another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkers.formats.foreign.last_reads import is_derived
from checkers.formats.foreign.models import FREE
from checkers.model.history import History, Op

_TAKEN = (None, "linearizable")
"""What a reader of those formats takes a history to promise."""


def losses(history: History) -> list[str]:
    """What would be lost that a verdict may hang on, in words; none if the other format says it all."""
    ops = history.ops
    finals = sum(not is_derived(final) for final in history.finals)
    counts = {
        "final reads": finals,
        "contexts": sum(op.context is not None for op in ops),
        "inner operations": sum(op.parent is not None for op in ops),
        "answers of writes": sum(op.body for op in ops),
        "operations sent more than once": sum(op.attempts > 1 for op in ops),
        "faults": len(history.faults),
        "failures of the harness": len(history.failures),
    }
    found = [f"{count} {what}" for what, count in counts.items() if count]
    if history.promise not in _TAKEN:
        found.insert(0, f"the promise `{history.promise}`")
    initial = history.meta.get("initial")
    if initial is not None and not _is_taken(initial, ops):
        found.append(f"what a key holds at the start ({initial})")
    return found


def remarks(history: History) -> Iterator[str]:
    """What else is left out, and never judged."""
    for what, some in (("notes", history.notes), ("phases", history.phases), ("states", history.states)):
        if some:
            yield f"{len(some)} {what}"


def _is_taken(initial: Any, ops: list[Op]) -> bool:
    """Whether a reader takes it for granted: counters begin at 0, mutexes free."""
    if all(op.f in ("incr", "total") for op in ops):
        return bool(initial == 0)
    return bool(initial == FREE) and all(op.f == "cas" and FREE in op.value for op in ops)
