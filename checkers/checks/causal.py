"""causal: one order of cause and effect over all keys, and no read that ignores its own past.

*Multi-value registers.* With hb the closure of sessions, reads and moved contexts, a history without
deletes is causally consistent if and only if (1) hb has no circle, (2) nothing is read that was not
written, (3) no read returns a value beside one that supersedes it, (4) no read hides a put of its key that
happened before it. Proof sketch: take what is visible to be exactly hb; every supersession passes through
a read in its writer's past, so all that a read shows happened before it; (3) and (4) make the answer
exactly the maxima of what is visible; and to make more visible repairs nothing. With deletes the four stay
sound, and (5) is sound too: no read returns what a delete that happened before it covered. Registers with
versions need no arbitration, so the variants of causal consistency coincide. A value sent twice may come
back: excused in (3) and (5). O(n S + n W) for S sessions and keys whose reads return W values.

*Single values*: causal convergence (CCv), see `checkers/registers/causal_registers.py`.

Source: Bouajjani, Enea, Guerraoui, Hamza, POPL 2017; Burckhardt, Gotsman, Yang, Zawirski, POPL 2014.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checkers.case import Case
from checkers.causality import causal_proofs
from checkers.causality.happened_before import Happened
from checkers.causality.visibility import Blind, causally
from checkers.checks import read_local
from checkers.registers.causal_registers import convergent
from checkers.registry import Check, check
from checkers.verdict import Finding, Violation, judged, not_applicable, unknown

NAME = "causal"
CITED = 100
"""Broken reads that get a proof; the rest are counted."""


@check(
    NAME,
    question="Does every read account for all that happened before it, over all keys?",
    guarantee="Whoever sees an effect sees its causes: what its writer had read or written before.",
    source="Ahamad et al. 1995; Bouajjani, Enea, Guerraoui, Hamza, POPL 2017; docs/checks.md",
)
def causal(case: Case) -> Finding:
    """`judged` counts reads. One violation stands for all reads of a session that hide the same write."""
    happened, blind = (Happened(case), []) if case.single_winner else causally(case)
    if not happened.read_steps:
        return not_applicable("no read returned values")
    if happened.too_large:
        return unknown(f"too large a history: {happened.too_large}")
    if case.single_winner:
        violations, stats = convergent(happened)
        unwritten = _answers(case, (read_local.phantom, read_local.aborted_read))
        finding = judged(len(happened.read_steps), [*violations[:CITED], *unwritten], **stats)
        return case.as_far(finding, case.repeats or happened.unclear)
    return case.as_far(_multi_value(case, happened, blind))


def _multi_value(case: Case, happened: Happened, blind: list[Blind]) -> Finding:
    told: dict[tuple[int, int], Violation] = {}
    for found in blind:
        first = next(found.view.order.ops(found.hidden or found.back)).id
        if (found.step.session, first) not in told and len(told) < CITED:
            told[found.step.session, first] = causal_proofs.blind(NAME, happened, found)
    violations = sorted(told.values(), key=lambda one: one.data["get"])
    if happened.stuck:
        violations.insert(0, causal_proofs.cycle(NAME, happened))
    violations += _answers(case, (read_local.phantom, read_local.aborted_read, read_local.false_sibling))
    reads, broken = len(happened.read_steps), len(blind)
    return judged(reads, violations, broken=broken, share=broken / reads, sessions=len(happened.steps))


def _answers(case: Case, checks: Iterable[Check]) -> Iterator[Violation]:
    """Patterns that need only one answer and the writes behind it: clients' answers, not final reads."""
    for local in checks:
        for one in local.judge(case).violations:
            if not one.nodes:
                data = {**one.data, "pattern": local.name}
                yield Violation(NAME, one.key, one.ops, one.message, one.proof, (), data)
