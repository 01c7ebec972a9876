"""How a write was lost: overwritten by a put that had not seen it, hidden by a delete, or simply gone.

A label, inferred from what reads showed; the loss itself does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.words import at, short, values, what
from checkers.order.key_view import KeyView
from checkers.order.versions import Mask


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


@dataclass(frozen=True, slots=True)
class _Sightings:
    """The reads that could have shown a write, in order of invocation, and what they showed."""

    reads: list[Op]
    shown: dict[int, Mask]
    last: Op | None
    """The last read that showed it."""
    last_seen: int
    missing: list[Op]
    """Those that began once it had been seen for the last time, and lack it."""


def cause_of(view: KeyView, round: Round, lost: Op) -> Cause:
    """Why `lost` is gone from the final reads. O(reads of the key x its writes)."""
    sightings = _sightings(view, lost)
    put, missed = _overwriter(view, round, lost, sightings)
    missed = missed or next(iter(sightings.missing), None)
    first_missed = missed.inv if missed else round.start
    delete = None if put else _deleter(view, lost, sightings.last, first_missed)
    by, last = put or delete, sightings.last
    lines = [f"op {last.id} showed it: {values(last.result)} at {at(last.ret)}"] if last else []
    if missed:
        seen = "did not" if last else f"did not show {short(lost.value)}"
        lines.append(f"op {missed.id} {seen}: {values(missed.result)} at {at(missed.ret)}")
    if put:
        name, in_words = "overwritten", f"overwritten by {short(put.value)}, whose context did not cover it"
        lines.append(_put_line(view, lost, put))
    elif delete:
        name, in_words = "over-deleted", f"hidden by a delete (op {delete.id}) that had not seen it"
        covered = values(view.order.context_values(delete))
        lines.append(f"{what(delete)} covered {covered} only: it did not know {short(lost.value)}")
    else:
        name, in_words = "vanished", f"it vanished{_survivor(view, round, lost)}"
    related = [op.id for op in (last, missed, by) if op]
    return Cause(name, in_words, by, tuple(lines), related, sightings.last_seen, first_missed)


def _sightings(view: KeyView, lost: Op) -> _Sightings:
    order, bit = view.order, view.order.bit(lost)
    reads = [get for get in view.gets if get.ret >= lost.inv]
    shown = {get.id: order.visible(get.result) for get in reads}
    last = max((get for get in reads if shown[get.id] & bit), key=lambda get: get.ret, default=None)
    last_seen = max(lost.ret, last.ret if last else 0)
    missing = [get for get in reads if get.inv >= last_seen and not shown[get.id] & bit]
    return _Sightings(reads, shown, last, last_seen, missing)


def _overwriter(view: KeyView, round: Round, lost: Op, sightings: _Sightings) -> tuple[Op | None, Op | None]:
    """The put that took its place, invoked after it was acknowledged and without knowing it; who shows that.

    The first read that lacks the lost write and shows such a put tells; else the finals do, unless that put
    had been read beside, or before, the lost write's last sight.
    """
    for read in sightings.missing:
        put = next(_strangers(view, lost, sightings.shown[read.id]), None)
        if put:
            return put, read
    for put in _strangers(view, lost, view.order.visible(round.values)):
        if not any(sightings.shown[read.id] & view.order.bit(put) for read in sightings.reads):
            return put, None
    return None, None


def _strangers(view: KeyView, lost: Op, shown: Mask) -> Iterator[Op]:
    """Puts among `shown` that were invoked after the lost one was acknowledged and do not cover it."""
    order, bit = view.order, view.order.bit(lost)
    return (op for op in order.ops(shown) if op.inv > lost.ret and not order.below(op) & bit)


def _deleter(view: KeyView, lost: Op, last: Op | None, first_missed: int) -> Op | None:
    """The last delete that may have run between the last sight of the write and the first miss of it."""
    found = None
    for delete in view.deletes:
        before = delete.ret < lost.inv or (last is not None and delete.ret < last.inv)
        if delete.type != "fail" and not before and delete.inv <= first_missed:
            found = delete
    return found


def _put_line(view: KeyView, lost: Op, put: Op) -> str:
    parents = view.order.context_values(put)
    if put.context is None:
        carried = "no context"
    else:
        carried = (
            f"the context of {values(parents)}" if parents else "the context of a read that found nothing"
        )
    return (
        f"{what(put)} was invoked at {at(put.inv)}, after {short(lost.value)} was acknowledged, with "
        f"{carried}: it did not know {short(lost.value)}, and must not replace it"
    )


def _survivor(view: KeyView, round: Round, lost: Op) -> str:
    """What was written at the same time and is kept: a sibling that should have stood beside it."""
    order = view.order
    for op in order.ops(order.mask(round.values)):
        if op.inv <= lost.ret and lost.inv <= op.ret:
            return f"; {short(op.value)}, written at the same time, is kept"
    return ""
