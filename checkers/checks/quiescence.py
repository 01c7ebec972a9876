"""quiescence: after settling the nodes themselves say that nothing is left to do (Dynamo 4.6, 4.7).

Judged from `state` events alone, each node by its last report of the final phase: no undelivered hint, no
repair since its report before that, equal digests wherever two nodes report one range, and as many distinct
primaries a range as the store keeps replicas.
"""

from __future__ import annotations

from collections.abc import Iterator

from checkers.case import Case
from checkers.conditions.settling import nothing_to_heal
from checkers.model.history import OPEN, State
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable, unknown

KIND = "quiescence"


@check(
    KIND,
    question="Do the nodes say, after settling, that nothing is left to do?",
    guarantee="Once healed and settled, every hint is delivered, nothing is repaired any more, and "
    "replicas of a range hold the same.",
    source="Dynamo, sections 4.3, 4.6 and 4.7",
)
def quiescence(case: Case) -> Finding:
    """`judged` counts nodes that reported after settling."""
    if not case.history.states:
        return not_applicable("no node reports its state")
    reports = _settled_reports(case)
    if not reports:
        return unknown("no node reported its state after settling")
    last = {node: states[-1] for node, states in reports.items()}
    violations = [
        *_hints(last),
        *_repairs(reports),
        *_digests(last),
        *_primaries(last, case.config.get("n")),
    ]
    return judged(len(reports), violations, nodes=len(reports), ranges=len(_by_range(last)))


def _settled_reports(case: Case) -> dict[str, list[State]]:
    """Node -> its reports once settled, in order of time. What it said before may rightly have changed."""
    history = case.history
    since = case.ledger.settled_at
    if not since and not nothing_to_heal(history):
        since = OPEN if (final := history.phase_start("final")) is None else final
    reports: dict[str, list[State]] = {}
    for state in history.states:
        if state.time >= since:
            reports.setdefault(state.node, []).append(state)
    return dict(sorted(reports.items()))


def _hints(last: dict[str, State]) -> Iterator[Violation]:
    for node, state in last.items():
        if hints := state.facts.get("hints"):
            text = f"{node} still holds {hints} undelivered hint{'s' if hints != 1 else ''} after settling"
            yield _violation(text, (node,), {"hints": hints, "time": state.time})


def _repairs(reports: dict[str, list[State]]) -> Iterator[Violation]:
    for node, states in reports.items():
        counts = [state.facts["repairs"] for state in states if state.facts.get("repairs") is not None]
        if len(counts) > 1 and counts[-1] != counts[-2]:
            text = f"{node} still repairs after settling: {counts[-2]} repairs, then {counts[-1]}"
            yield _violation(text, (node,), {"repairs": counts[-2:]})


def _by_range(last: dict[str, State]) -> dict[str, dict[str, str]]:
    """Range -> node -> digest, both sorted."""
    table: dict[str, dict[str, str]] = {}
    for node, state in last.items():
        for name, digest in (state.facts.get("digests") or {}).items():
            table.setdefault(name, {})[node] = digest
    return dict(sorted(table.items()))


def _digests(last: dict[str, State]) -> Iterator[Violation]:
    for name, digests in _by_range(last).items():
        first, *others = digests
        for node in others:
            if digests[node] != digests[first]:
                text = f"{first} and {node} hold different digests of range {name} after settling"
                yield _violation(text, (first, node), {"range": name, "digests": digests})
                break


def _primaries(last: dict[str, State], n: int | None) -> Iterator[Violation]:
    for node, state in last.items():
        for name, primaries in sorted((state.facts.get("primaries") or {}).items()):
            distinct = len(set(primaries))
            if distinct != len(primaries) or (n is not None and distinct != n):
                wanted = len(primaries) if n is None else n
                text = f"{node} counts {distinct} distinct primaries of range {name}, not {wanted}"
                yield _violation(text, (node,), {"range": name, "primaries": primaries})
                break


def _violation(message: str, nodes: tuple[str, ...], data: dict[str, object]) -> Violation:
    return Violation(KIND, None, (), message, (message,), nodes, data)
