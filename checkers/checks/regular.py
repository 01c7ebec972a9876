"""mvr-regular: a read shows or covers what was acknowledged before it began (Lamport 1986; Dynamo 4.5).

This is what R + W > N without sloppy quorums promises. One sweep per key over returns and invocations:
what is required grows with every acknowledged put, and one bit operation a read says what is missing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, islice
from operator import or_
from typing import NamedTuple

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.words import at
from checkers.order.key_view import KeyView
from checkers.order.versions import Mask
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

KIND = "mvr-regular"
CITED = 1000
"""Stale reads that get a proof, and missing puts that one proof lists; the rest are counted."""


class Stale(NamedTuple):
    """A read and the acknowledged puts that it does not account for."""

    get: Op
    missing: Mask


@check(
    KIND,
    question="Does every read account for all writes acknowledged before it began?",
    guarantee="A read shows or covers every write that was acknowledged before it began (R + W > N).",
    source="Lamport 1986, regular registers, for sets of versions; Dynamo, section 4.5",
)
def mvr_regular(case: Case) -> Finding:
    """`judged` counts reads; asserted, only those that returned before the first data loss or ring change."""
    terms = case.terms(KIND)
    early_only = terms.asserted and "before-loss" in terms.conditions and _any_early(case)
    violations: list[Violation] = []
    reads = late = stale_reads = deepest = oldest_ns = 0
    for view in case:
        gets = [get for get in view.gets if not early_only or case.ledger.before_loss(get)]
        reads += len(gets)
        late += len(view.gets) - len(gets)
        for one in stale(view, gets):
            stale_reads += 1
            deepest = max(deepest, one.missing.bit_count())
            oldest_ns = max(oldest_ns, one.get.inv - stalest(view, one).ret)
            if len(violations) < CITED:
                violations.append(told(view, one))
    if not reads:
        return not_applicable("no read returned values")
    return case.as_far(
        judged(
            reads,
            violations,
            stale_reads=stale_reads,
            stale_share=stale_reads / reads,
            max_k=deepest,
            max_delta_ms=oldest_ns / 1e6,
            after_loss=late,
        )
    )


def _any_early(case: Case) -> bool:
    """Without one, the promise has the check measured: then it reports what it finds in all reads."""
    return any(case.ledger.before_loss(get) for view in case for get in view.gets)


def stale(view: KeyView, gets: list[Op]) -> Iterator[Stale]:
    """Reads of one key that miss something, in order of invocation."""
    order = view.order
    acked = sorted(view.acked_puts, key=lambda op: op.ret)
    deletes = sorted((op for op in view.deletes if op.type != "fail"), key=lambda op: op.inv)
    # Del(k, t) for every t: equal times are concurrent, so a delete invoked as the read returns excuses.
    deleted_from = [op.inv for op in deletes]
    deleted = [0, *accumulate((order.below(op) for op in deletes), or_)]
    required: Mask = 0
    covered: Mask = 0
    place = 0
    for get in sorted(gets, key=lambda op: op.inv):
        while place < len(acked) and acked[place].ret < get.inv:
            put = acked[place]
            required |= order.bit(put)
            if not order.below(put) & order.bit(put):  # in a circle (a read of the future) nothing is on top
                covered |= order.below(put)
            place += 1
        excused = deleted[bisect_right(deleted_from, get.ret)]
        # If all that nothing required covers was returned, the rest is covered: most reads end here.
        if not required & ~covered & ~excused & ~order.mask(get.result):
            continue
        if missing := required & ~excused & ~order.visible(get.result):
            yield Stale(get, missing)


def stalest(view: KeyView, stale: Stale) -> Op:
    """The missing put that was acknowledged first."""
    puts = view.order.ops(stale.missing)
    first = next(puts)
    for put in puts:  # in order of invocation: from here on nothing can have returned earlier
        if put.inv > first.ret:
            break
        if put.ret < first.ret:
            first = put
    return first


def told(view: KeyView, stale: Stale) -> Violation:
    """A stale read, with the put that it has missed for longest."""
    get, put = stale.get, stalest(view, stale)
    late_ns = get.inv - put.ret
    message = (
        f"op {get.id} read `{view.key}` without {put.value!r}, acknowledged {late_ns / 1e6:.3f} ms before"
    )
    proof = (
        f"op {put.id} put {put.value!r} to `{view.key}` and was acknowledged at {at(put.ret)}",
        f"op {get.id} began at {at(get.inv)}, after that, and returned {get.result!r}",
        "nothing that it returned covers the put, and no delete that could hide it had begun",
    )
    missing = [op.id for op in islice(view.order.ops(stale.missing), CITED)]
    data = {"value": put.value, "k": stale.missing.bit_count(), "stale_ns": late_ns, "missing": missing}
    return Violation(KIND, view.key, (put.id, get.id), message, proof, (), data)
