"""safe: a read that no write overlaps is not stale (Lamport 1986, safe registers).

As `mvr-regular` (several versions) or `lww-regular` (single values), restricted to reads during which no
put, write or delete of the key was under way. A write that was never answered is under way for ever; equal
times are concurrent. O(n log n).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace

from checkers.case import Case
from checkers.checks import lww_regular, regular
from checkers.model.history import Op
from checkers.order.key_view import KeyView
from checkers.registers.clusters import reads_of
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

NAME = "safe"
CITED = 1000
_WRITES = ("put", "delete", "write", "cas")


@check(
    NAME,
    question="Does a read that no write overlaps account for all writes acknowledged before it?",
    guarantee="A read during which nobody writes shows or covers every acknowledged write.",
    source="Lamport 1986, safe registers",
)
def safe(case: Case) -> Finding:
    """`judged` counts reads that no write overlapped."""
    single = case.single_winner
    if single and (reason := lww_regular.why_not(case)):
        return not_applicable(reason)
    found: list[Violation] = []
    quiet = broken = 0
    for view in case:
        reads = undisturbed(view)
        quiet += len(reads)
        told = lww_regular.violations(case, view, reads) if single else _versions(view, reads)
        for one in told:
            broken += 1
            if len(found) < CITED:
                found.append(replace(one, kind=NAME))
    if not quiet:
        return not_applicable("no read ran while nobody wrote its key")
    finding = judged(quiet, found, stale_reads=broken, stale_share=broken / quiet)
    return finding if single else case.as_far(finding)


def _versions(view: KeyView, reads: list[Op]) -> list[Violation]:
    return [regular.told(view, stale) for stale in regular.stale(view, reads)]


def undisturbed(view: KeyView) -> list[Op]:
    """Reads of the key that overlap no write which may have acted."""
    writes = [op for op in view.ops if op.f in _WRITES and op.type != "fail"]
    began = sorted(op.inv for op in writes)
    ended = sorted(op.ret for op in writes)
    return [
        read
        for read in reads_of(view)
        if not read.body and bisect_right(began, read.ret) == bisect_left(ended, read.inv)
    ]
