"""lww-regular: a read of a single value is not older than a write acknowledged before it (Lamport 1986).

A read g that returned w is linearizable together with all writes, though perhaps not with the other reads,
unless some acknowledged write w' began after w ended and ended before g began. The initial value, and
nothing at all, ended before time began. A write without an answer never ends, so nothing lies behind it; a
value that was sent twice may have been written again later. A read of nothing is excused by any delete
that may have begun. One running maximum over the key's writes in order of their ends: O(n log n).

In a store with siblings only histories are judged in which no read returned several values, and no key is
deleted from: a delete may take away just w', leaving w.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.words import at, what
from checkers.order.key_view import REGISTER_WRITES, KeyView
from checkers.registers.clusters import answer, reads_of, single_values
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

NAME = "lww-regular"
CITED = 1000


@check(
    NAME,
    question="Is a read of a single value ever older than a write acknowledged before it began?",
    guarantee="A read returns the last write acknowledged before it began, or one that overlaps it.",
    source="Lamport 1986, regular registers, with many writers",
)
def lww_regular(case: Case) -> Finding:
    """`judged` counts reads."""
    if reason := why_not(case):
        return not_applicable(reason)
    found: list[Violation] = []
    count = broken = 0
    for view in case:
        reads = reads_of(view)
        count += len(reads)
        for one in violations(case, view, reads):
            broken += 1
            if len(found) < CITED:
                found.append(one)
    if not count:
        return not_applicable("no read returned a value")
    return judged(count, found, stale_reads=broken, stale_share=broken / count)


def why_not(case: Case) -> str:
    """Why this history has no single values in this sense; empty if it has."""
    if reason := single_values(case):
        return reason
    if not case.single_winner and any(view.deletes for view in case):
        return "a store with siblings and deletes: a delete may take away the later write alone"
    return ""


def violations(case: Case, view: KeyView, reads: list[Op]) -> Iterator[Violation]:
    """The reads among these that are older than an acknowledged write."""
    initial = case.history.meta.get("initial")
    acked = sorted(
        (op for op in view.ops if op.f in REGISTER_WRITES and op.type == "ok"), key=lambda op: op.ret
    )
    ends = [op.ret for op in acked]
    latest: list[Op] = []  # of the writes that ended up to each one, that which began last
    for op in acked:
        latest.append(op if not latest or op.inv > latest[-1].inv else latest[-1])
    first_delete = min((op.inv for op in view.deletes if op.type != "fail"), default=None)
    for read in reads:
        place = bisect_left(ends, read.inv)
        if not place:
            continue
        there, value = answer(read)
        sources = sources_of(view, value, read) if there else []
        write = max(sources, key=lambda op: op.ret, default=None)
        if write is None and there and value is not None and value != initial:
            continue  # phantom's, or future-read's
        if any(op.type != "ok" or op.attempts > 1 for op in sources):
            continue
        if write is None and first_delete is not None and first_delete <= read.ret:
            continue
        newer = latest[place - 1]
        if newer.inv > (write.ret if write else -1):
            yield _violation(view, read, write, newer)


def sources_of(view: KeyView, value: object, read: Op) -> list[Op]:
    """The writes that the read may have returned: those of its value that had begun by its end."""
    return [op for op in view.able(value) if op.inv <= read.ret]


def _violation(view: KeyView, read: Op, write: Op | None, newer: Op) -> Violation:
    late_ms = (read.inv - newer.ret) / 1e6
    shown = f"{read.result}" if write else "nothing"
    lines = [f"{what(write)} on key `{view.key}` was acknowledged at {at(write.ret)}"] if write else []
    lines += [
        f"{what(newer)} began at {at(newer.inv)} and was acknowledged at {at(newer.ret)}",
        f"op {read.id} began at {at(read.inv)}, after that, and returned {shown}",
    ]
    message = (
        f"op {read.id} read `{view.key}` as it was before op {newer.id}, acknowledged {late_ms:.3f} ms before"
    )
    ops = tuple(op.id for op in (write, newer, read) if op)
    data = {"value": newer.value, "get": read.id, "stale_ms": late_ms}
    return Violation(NAME, view.key, ops, message, tuple(lines), (), data)
