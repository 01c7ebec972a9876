"""linearizable: every operation takes effect at one moment between its ends (Herlihy and Wing 1990).

Judged key by key (linearizability is local). Where every written value is unique and nothing compares and
sets, by zones: exact, O(n log n), see `checkers/registers/zones.py`; an unanswered write that nobody read is
left out, one that was read has no end. With compare-and-set of unique values, by chains of them
(`checkers/registers/cas_chains.py`), O(n log n). Otherwise by search with a memo and a budget
(`checkers/registers/register_search.py`): if the budget is spent the key is `unknown`. Revisions that a
store gives (`order`) are tried first, and only verified. Stores with siblings are judged only if no read
returned several values, and keys with deletes are left out there; unless linearizability is what they
promise: then such a read is a violation.

A violation of zones is two values, each of which must have come before the other. One of a search is the few
operations that have no order whatever the others did (`checkers/registers/shrink.py`), and why
(`checkers/registers/no_order.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from sys import maxsize
from time import monotonic
from typing import Any

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.words import at, outcome, values, what
from checkers.order.key_view import KeyView
from checkers.registers.actions import Action, actions, by_revision
from checkers.registers.cas_chains import chains_of
from checkers.registers.clusters import Cluster, Clusters, backwards, clusters_of, single_values
from checkers.registers.no_order import told
from checkers.registers.register_search import Out, Search
from checkers.registers.shrink import core
from checkers.registers.zones import Conflict, conflicts, evidence
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, not_applicable

NAME = "linearizable"
BUDGET = 4_000_000
"""Configurations tried for one key."""
CITED = 100
_KNOWN = frozenset({"get", "put", "delete", "read", "write", "cas"})


@dataclass
class _Tally:
    violations: list[Violation] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    judged: int = 0
    by_zones: int = 0
    by_chains: int = 0
    by_search: int = 0
    by_revision: int = 0
    left_out: int = 0
    states: int = 0
    broken: int = 0
    until: float | None = None
    """When to give up, by the clock (s); None: when the configurations are spent."""


@check(
    NAME,
    question="Is there one order of all operations on a key that explains every answer?",
    guarantee="Every operation takes effect at one moment between its invocation and its return.",
    source="Herlihy, Wing 1990; Gibbons, Korach 1997; Wing, Gong 1993; Lowe 2017",
)
def linearizable(case: Case) -> Finding:
    """`judged` counts operations on registers."""
    if not any(op.f in _KNOWN for op in case.history.ops):
        return not_applicable("no register was read or written")
    promised = case.terms(NAME).asserted
    if (reason := single_values(case)) and not promised:
        return not_applicable(reason)
    limit = case.time_limit_s
    tally = _Tally(until=None if limit is None else monotonic() + limit)
    searching = case.single_value or promised
    for view in case:
        if several := [read for read in view.gets if len(read.result) > 1]:
            tally.judged += len(several)
            tally.broken += 1
            if len(tally.violations) < CITED:
                tally.violations.append(_several(view, several[0]))
            continue
        clusters = clusters_of(case, view)
        if not clusters.why_not:
            tally.by_zones += 1
            tally.judged += clusters.operations
            for told in _by_zones(view, clusters):
                tally.broken += 1
                if len(tally.violations) < CITED:
                    tally.violations.append(told())
        elif searching and not _sent_again(view):
            _by_search(case, view, tally)
        else:
            tally.left_out += 1
            if searching:
                tally.reasons.append(clusters.why_not)
    return _finding(tally)


def _sent_again(view: KeyView) -> bool:
    """Whether some write may have acted twice: then no answer of a search would be right."""
    return any(op.attempts > 1 and op.f in ("put", "write", "cas", "delete") for op in view.ops)


def _finding(tally: _Tally) -> Finding:
    stats = {
        "keys_by_zones": tally.by_zones,
        "keys_by_search": tally.by_search,
        "keys_by_revision": tally.by_revision,
        "keys_left_out": tally.left_out,
        "states": tally.states,
        "broken": tally.broken,
    }
    if tally.by_chains:
        stats["keys_by_chains"] = tally.by_chains
    reason = tally.reasons[0] if tally.reasons else ""
    if not tally.judged and not tally.violations and not reason:
        return not_applicable(
            "no key could be judged: each has deletes, or values written more than once"
            if tally.left_out
            else "no operation that can have acted, and no answer, is there to be judged"
        )
    verdict = Verdict.INVALID if tally.violations else Verdict.UNKNOWN if reason else Verdict.VALID
    return Finding(verdict, tally.judged, tuple(tally.violations), reason, stats)


def _by_zones(view: KeyView, clusters: Clusters) -> Iterator[Callable[[], Violation]]:
    """What is wrong, each to be told if there is room."""
    yield from (partial(_unwritten, view, read) for read in clusters.unwritten)
    yield from (partial(_early, view, *pair) for pair in backwards(clusters.all))
    yield from (partial(_clash, view, conflict) for conflict in conflicts(clusters.all))


def _unwritten(view: KeyView, read: Op) -> Violation:
    line = f"op {read.id} returned {_shown(read)} at {at(read.ret)}: no write that can have acted wrote it"
    return _violation(view, [read], [line], line, "unwritten")


def _several(view: KeyView, read: Op) -> Violation:
    line = f"op {read.id} returned {_shown(read)} at {at(read.ret)}: a register holds one value"
    return _violation(view, [read], [line], line, "siblings")


def _early(view: KeyView, cluster: Cluster, read: Op) -> Violation:
    assert cluster.write is not None, "the initial value is never late"
    lines = [f"op {read.id} had returned {cluster.value} at {at(read.ret)}"]
    lines.append(f"{what(cluster.write)} was invoked at {at(cluster.write.inv)}: later")
    message = f"{cluster.value} was read before its write"
    return _violation(view, [read, cluster.write], lines, message, "future")


def _clash(view: KeyView, conflict: Conflict) -> Violation:
    ops, pairs = evidence(conflict)
    one, other = conflict.one.in_words, conflict.other.in_words
    lines = [_line(op) for op in ops]
    lines += [f"op {a.id} ended at {at(a.ret)}, before op {b.id} began at {at(b.inv)}" for a, b in pairs]
    lines.append(f"so {one} must come wholly before {other}, and {other} wholly before {one}")
    return _violation(view, ops, lines, f"{one} and {other} must each come before the other", "zones")


def _line(op: Op) -> str:
    if op.f in ("get", "read"):
        return f"op {op.id} read {_shown(op)}, from {at(op.inv)} to {at(op.ret)}"
    return f"{what(op)} was invoked at {at(op.inv)}; {outcome(op)}"


def _shown(op: Op) -> str:
    if isinstance(op.result, list):
        return values(op.result)
    return "nothing" if op.result is None else f"{op.result}"


def _by_search(case: Case, view: KeyView, tally: _Tally) -> None:
    initial = case.history.meta.get("initial")
    found = actions(view.ops)
    tally.judged += len(found)
    if by_revision(found, initial):
        tally.by_revision += 1
        return
    chains = chains_of(view.ops, initial)
    if chains is not None and ((wrong := chains.contradiction()) or chains.exact):
        tally.by_chains += 1
        if wrong:
            tally.broken += 1
            tally.violations.append(_without_order(view, actions(wrong), initial))
        return
    tally.by_search += 1
    limit = case.time_limit_s
    search = Search(BUDGET if limit is None else maxsize, tally.until)
    try:
        if search.linearizable(found, [initial]):
            return
    except Out:
        spent = f"{BUDGET} configurations" if limit is None else f"{limit:g} s"
        tally.reasons.append(
            f"key `{view.key}` with {len(found)} operations was not decided within {spent}"
            + ("" if limit is not None else " (`schism check --time-limit SECONDS` searches longer)")
        )
        return
    finally:
        tally.states += search.states
    tally.broken += 1
    tally.violations.append(_without_order(view, found, initial, search.stuck))


def _without_order(
    view: KeyView, found: Sequence[Action], initial: Any, stuck: Action | None = None
) -> Violation:
    why = told(core(found, initial, stuck, BUDGET), view.ops, view.key, initial)
    return _violation(view, why.ops, why.lines, why.message, "search")


def _violation(view: KeyView, ops: list[Op], lines: list[str], message: str, pattern: str) -> Violation:
    data = {"pattern": pattern, "value": ops[0].value if ops[0].value is not None else ops[0].result}
    return Violation(NAME, view.key, tuple(op.id for op in ops), message, tuple(lines), (), data)
