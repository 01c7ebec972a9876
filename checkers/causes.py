"""How a write was lost: overwritten by a put that had not seen it, hidden by a delete, or simply gone.

A label, inferred from what reads showed; the loss itself does not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkers.case import KeyView
from checkers.history import Op
from checkers.rounds import Round
from checkers.words import at, values, what


@dataclass(frozen=True, slots=True)
class Cause:
    """`name` is `overwritten`, `over-deleted` or `vanished`; `by` the write that did it, if known."""

    name: str
    in_words: str
    by: Op | None
    lines: tuple[str, ...]
    related: list[int]
    """Operations worth drawing: the last read that saw it, the first that missed it, and `by`."""
    last_seen: int
    """When it was last certainly there: acknowledged, or at the end of the last read that showed it (ns)."""
    first_missed: int
    """When it was certainly missing: the start of the first later read without it, or of the finals (ns)."""


def cause_of(view: KeyView, round: Round, lost: Op) -> Cause:
    """Why `lost` is gone from the final reads. O(reads of the key x final lineage)."""
    order = view.order
    bit = order.bit(lost)
    later = [get for get in view.gets if get.ret >= lost.inv]
    shown = {get.id: order.visible(get.result) for get in later}
    last = max((get for get in later if shown[get.id] & bit), key=lambda get: get.ret, default=None)
    last_seen = max(lost.ret, last.ret if last else 0)
    unseen = [get for get in later if get.inv >= last_seen and not shown[get.id] & bit]
    put, missed = None, next(iter(unseen), None)
    for candidate in order.ops(order.visible(round.values)):
        if candidate.inv <= lost.ret or order.below(candidate) & bit:
            continue
        first = next((get for get in later if shown[get.id] & order.bit(candidate)), None)
        if first is None or first in unseen:
            put, missed = candidate, first or missed
            break
    first_missed = missed.inv if missed else round.start
    lines = [f"op {last.id} still showed it: {values(last.result)} at {at(last.ret)}"] if last else []
    if missed:
        lines.append(f"op {missed.id} did not: {values(missed.result)} at {at(missed.ret)}")
    delete = None if put else _deleter(view, lost, last, first_missed)
    by = put or delete
    related = [op.id for op in (last, missed, by) if op]
    if put:
        parents = order.context_values(put)
        carried = f"the context of {values(parents)}" if parents else "no context"
        lines.append(
            f"{what(put)} was invoked at {at(put.inv)}, after that acknowledgement, with {carried}: "
            f"it did not know {lost.value}, and must not replace it"
        )
        name, in_words = "overwritten", f"overwritten by {put.value}, whose context did not cover it"
    elif delete:
        covered = values(order.context_values(delete))
        lines.append(f"{what(delete)} covered {covered} only: it did not know {lost.value}")
        name, in_words = "over-deleted", f"hidden by a delete (op {delete.id}) that had not seen it"
    else:
        name, in_words = "vanished", "it vanished"
    return Cause(name, in_words, by, tuple(lines), related, last_seen, first_missed)


def _deleter(view: KeyView, lost: Op, last: Op | None, first_missed: int) -> Op | None:
    """The last delete that may have run between the last sight of the write and the first miss of it."""
    found = None
    for delete in view.deletes:
        before = delete.ret < lost.inv or (last is not None and delete.ret < last.inv)
        if delete.type != "fail" and not before and delete.inv <= first_missed:
            found = delete
    return found
