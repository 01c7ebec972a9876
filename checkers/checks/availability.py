"""availability: "always writeable" where enough nodes were within reach (Dynamo 2.2, 2.3, 4.5, 4.6).

A put is owed if its client reached a live node that reached W live nodes (W live primaries where quorums are
strict) all the while, from `detect_ms` after the latest fault. What is owed and not acknowledged counts as
unavailable, refused or unanswered alike. Latency runs from the intended start (`due`), so that a stalled
client does not hide the requests it could not send.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from checkers.case import Case
from checkers.conditions.availability import Tally, due, latency_table, tally
from checkers.model.history import History
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, judged

KIND = "availability"
SHOWN = 5
"""Failed puts that a violation cites."""


@check(
    KIND,
    question="Could clients write wherever enough nodes were within reach?",
    guarantee="Who reaches a node that reaches enough others can always write, and soon.",
    source="Dynamo, sections 2.2, 2.3 and 4.5",
)
def availability(case: Case) -> Finding:
    """`judged` counts owed puts. Without a target it is n/a, with its numbers in `stats`."""
    history = case.history
    targets = {
        name: history.config.get(name) or None for name in ("put_success_min", "max_gap_s", "latency_p999_ms")
    }
    tallies = tally(history)
    table = latency_table(history)
    owed = sum(len(phase.owed) for phase in tallies.values())
    stats = {
        "puts": {name: phase.stats() for name, phase in tallies.items()},
        "latency": table,
        "targets": targets,
    }
    if not any(targets.values()):
        return Finding(Verdict.NOT_APPLICABLE, owed, reason="no target is set", stats=stats)
    if reason := _missing(history):
        return Finding(Verdict.UNKNOWN, owed, reason=reason, stats=stats)
    violations = [
        *_success(tallies, targets["put_success_min"]),
        *_gaps(tallies, targets["max_gap_s"]),
        *_slow(table, targets["latency_p999_ms"]),
    ]
    if not owed and not violations:
        return Finding(Verdict.NOT_APPLICABLE, reason="no put was owed success", stats=stats)
    return judged(owed, violations, **stats)


def _missing(history: History) -> str:
    needed = [name for name in ("w", "detect_ms") if history.config.get(name) is None]
    if history.interruptions and needed:
        return f"config has no `{needed[0]}`, so what the store owed during faults cannot be told"
    return ""


def _success(tallies: dict[str, Tally], least: float | None) -> Iterator[Violation]:
    for name, phase in tallies.items():
        if least is None or not phase.owed:
            continue
        share = 1 - len(phase.failed) / len(phase.owed)
        # Exactly: a target of 0.2 is met by 1 of 5, whatever binary fractions make of either.
        if len(phase.owed) - len(phase.failed) < Fraction(str(least)) * len(phase.owed):
            ops = tuple(op.id for op in phase.failed[:SHOWN])
            count = f"{len(phase.failed)} of {len(phase.owed)} owed puts were not acknowledged"
            text = f"in phase {name}, {count}: success {share:.4%} is below the target {least:.4%}"
            data = {"phase": name, "success": share, "target": least, "failed": len(phase.failed)}
            yield Violation(KIND, None, ops, text, (_why(phase), text), (), data)


def _gaps(tallies: dict[str, Tally], most_s: float | None) -> Iterator[Violation]:
    for name, phase in tallies.items():
        if most_s is None or phase.gap_ns <= round(most_s * 1e9):
            continue
        gap_s = phase.gap_ns / 1e9
        text = f"in phase {name}, one client could not write for {gap_s:.3f} s; the target is {most_s:g} s"
        data = {"phase": name, "gap_s": gap_s, "target_s": most_s, "failed": len(phase.gap_ops)}
        yield Violation(KIND, None, phase.gap_ops[:SHOWN], text, (_why(phase), text), (), data)


def _slow(table: dict[str, dict[str, dict[str, Any]]], most_ms: float | None) -> Iterator[Violation]:
    for f, phases in table.items():
        p999_ms = phases["all"]["p999_ms"]
        if most_ms is None or p999_ms is None or p999_ms <= most_ms:
            continue
        text = f"99.9 % of acknowledged {f}s took up to {p999_ms:.3f} ms; the target is {most_ms:g} ms"
        yield Violation(KIND, None, (), text, (text,), (), {"f": f, "p999_ms": p999_ms, "target_ms": most_ms})


def _why(phase: Tally) -> str:
    if not phase.failed:
        return ""
    first = phase.failed[0]
    what = "refused" if first.type == "fail" else "never answered"
    return (
        f"op {first.id} was due at {due(first) / 1e9:.3f} s and {what}, while its client reached a live node "
        f"that reached enough live nodes, and no fault had just begun"
    )
