"""The four session guarantees (Terry et al. 1994), for versions whose order contexts make known.

A put is *hidden* from a read that neither shows it, nor something above it, nor could miss it because of a
delete. For a read g of a session, on one key:

- read your writes: a put of the session, acknowledged before g, is not hidden from g; and g returns nothing
  that a delete of the session, acknowledged before g, covered;
- monotonic reads: what an earlier read of the session returned is not hidden from g;
- monotonic writes: if g shows a put w, no earlier acknowledged put of w's session is hidden from g, and
  what an earlier acknowledged delete of that session covered is not returned;
- writes follow reads: if g shows a put w, nothing that w's session had read before w is hidden from g.

Only acknowledged writes oblige; only ok reads are judged; a value sent twice may come back. O(n) operations
on bit masks of the key's writes, in one walk for all four. On single values, where contexts order nothing,
the first two are judged by cause and effect instead (`checkers/registers/session_registers.py`), the
others are n/a.
"""

from __future__ import annotations

from collections.abc import Callable

from checkers.case import Case
from checkers.causality import session_proofs as proofs
from checkers.causality.session_walk import Reading, walk
from checkers.order.versions import Mask
from checkers.registers.session_registers import forgotten_writes, turned_back
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

CITED = 200
"""Broken reads that get a proof; the rest are counted."""

Tell = Callable[[Reading], Violation]
_SOURCE = "Terry, Demers, Petersen, Spreitzer, Theimer, Welch, PDIS 1994"


@check(
    "read-your-writes",
    question="Does a session see what it wrote, and miss what it deleted?",
    guarantee="A session's reads show or cover every write of its own that was acknowledged.",
    source=_SOURCE,
)
def read_your_writes(case: Case) -> Finding:
    """`judged` counts reads; asserted, only those before the first data loss or ring change."""
    if case.single_winner:
        return _over_registers(case, forgotten_writes)
    name = "read-your-writes"
    if case.terms(name).asserted and case.ledger.doubt("unreaped"):
        # Who forgets deletes (`reap_tombstones_s`) does not promise that one's own stay.
        return _over_reads(case, name, lambda read: read.unseen_own, proofs.not_own)
    return _over_reads(case, name, lambda read: read.unseen_own or read.back_own, proofs.not_own)


@check(
    "monotonic-reads",
    question="Does a session ever lose sight of what it had read?",
    guarantee="What a session has read once, its later reads show or cover.",
    source=_SOURCE,
)
def monotonic_reads(case: Case) -> Finding:
    """`judged` counts reads."""
    if case.single_winner:
        return _over_registers(case, turned_back)
    return _over_reads(case, "monotonic-reads", lambda read: read.unseen_read, proofs.turned_back)


@check(
    "monotonic-writes",
    question="Does anybody see a write without the same session's earlier ones?",
    guarantee="Whoever sees a session's write sees that session's earlier writes, or what replaced them.",
    source=_SOURCE,
)
def monotonic_writes(case: Case) -> Finding:
    """`judged` counts reads."""
    if case.single_winner:
        return not_applicable("a single value does not tell which writes it stands on")
    name = "monotonic-writes"
    return _over_reads(case, name, lambda read: read.unseen_before or read.back_before, proofs.out_of_order)


@check(
    "writes-follow-reads",
    question="Does anybody see a write without what its session had read before it?",
    guarantee="Whoever sees a write sees what its session had read before, or what replaced that.",
    source=_SOURCE,
)
def writes_follow_reads(case: Case) -> Finding:
    """`judged` counts reads."""
    if case.single_winner:
        return not_applicable("a single value does not tell which writes it stands on")
    name = "writes-follow-reads"
    return _over_reads(case, name, lambda read: read.unseen_followed, proofs.not_followed)


def _over_registers(case: Case, find: Callable[[Case], tuple[int, list[Violation]]]) -> Finding:
    reads, violations = find(case)
    if not reads:
        return _no_reads()
    return case.as_far(judged(reads, violations[:CITED], broken=len(violations)))


def _no_reads() -> Finding:
    return not_applicable("no read returned values")


def _over_reads(case: Case, name: str, broken: Callable[[Reading], Mask], tell: Tell) -> Finding:
    """Told once for each session and write; `stats` counts every read that shows it."""
    asked = case.terms(name)
    early = asked.asserted and "before-loss" in asked.conditions and not case.ledger.doubt("before-loss")
    readings = [read for read in walk(case).readings if not early or case.ledger.before_loss(read.get)]
    if not readings:
        return _no_reads()
    known: dict[tuple[int, int], Violation] = {}
    count = 0
    for read in readings:
        if not (mask := broken(read)):
            continue
        count += 1
        key = (id(read.session), next(read.view.order.ops(mask)).id)
        if key not in known and len(known) < CITED:
            known[key] = tell(read)
    return case.as_far(judged(len(readings), known.values(), broken=count, share=count / len(readings)))
