"""pram: everybody sees the writes of each process in the order in which it made them, over all keys.

Read your writes, monotonic reads and monotonic writes together, across keys (Lipton and Sandberg 1988;
Brzezinski et al. 2004). What a session sees grows by the values that it reads, by all that these
superseded, and for each of those writes by the earlier writes of the same process, on any key; a later
read that hides one of them is the bad pattern. What a writer had merely read does not travel with its
writes: that is `causal`. O(n S + n W) for S sessions and keys whose reads return W values.
"""

from __future__ import annotations

from checkers.case import Case
from checkers.causality import causal_proofs
from checkers.causality.happened_before import Happened
from checkers.causality.visibility import blind_reads, causally
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable, unknown

NAME = "pram"
CITED = 100
"""Broken reads that get a proof; the rest are counted."""


@check(
    NAME,
    question="Does everybody see each process's writes in the order in which it made them, over all keys?",
    guarantee="Whoever has seen a write sees all earlier writes of the same process, on every key.",
    source="Lipton, Sandberg 1988; Brzezinski, Sobaniec, Wawrzyniak 2004",
)
def pram(case: Case) -> Finding:
    """`judged` counts reads. One violation stands for all reads of a session that hide the same write."""
    if case.single_winner:
        return not_applicable("a single value does not tell which writes it stands on")
    happened = Happened(case, causal=False)
    if not happened.read_steps:
        return not_applicable("no read returned values")
    if happened.too_large:
        return unknown(f"too large a history: {happened.too_large}")
    causal, blind = causally(case)
    reads = len(happened.read_steps)
    if not blind and not causal.stuck:  # whatever breaks PRAM breaks causal consistency
        return case.as_far(judged(reads, (), broken=0, share=0.0, unreached=0))
    told: dict[tuple[int, int], Violation] = {}
    broken = 0
    for found in blind_reads(happened):
        broken += 1
        first = next(found.view.order.ops(found.hidden or found.back)).id
        if (found.step.session, first) not in told and len(told) < CITED:
            told[found.step.session, first] = causal_proofs.blind(NAME, happened, found)
    unreached = sum(step.reads for step in happened.stuck)
    violations = sorted(told.values(), key=lambda one: one.data["get"])
    finding = judged(reads - unreached, violations, broken=broken, share=broken / reads, unreached=unreached)
    return case.as_far(finding)
