"""The checks that need one answer and the writes behind it: no order of time beyond a single interval.

They judge client reads and final reads of replicas alike, in O(sum of |R|) and, for siblings, O(sum of
|R| n/64) with one machine word for 64 writes of a key. One violation stands for all answers that show the
same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from checkers.case import Case
from checkers.evidence.chains import told
from checkers.model.history import Op
from checkers.model.words import at, ids, values, what
from checkers.order.key_view import KeyView, Observation
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged

Hit = tuple[Any, Callable[[], Violation]]
"""What makes two answers show the same, and how to tell it: told once."""
Pattern = Callable[[Case, KeyView, Observation], Iterator[Hit]]


def _over_answers(case: Case, pattern: Pattern) -> Finding:
    """Apply a pattern to every answer. It yields under keys: the first answer with a key stands for all."""
    found: dict[Any, Violation] = {}
    answers = affected = 0
    for view in case:
        for seen in view.observations:
            answers += 1
            hit = False
            for key, tell in pattern(case, view, seen):
                hit = True
                if (view.key, key) not in found:
                    found[view.key, key] = tell()
            affected += hit
    return judged(answers, found.values(), answers=answers, affected=affected)


@check(
    "phantom",
    question="Does any read return a value that nobody ever wrote on that key?",
    guarantee="A read returns only values that some client wrote to the key it reads.",
    source="thin-air read: Bouajjani, Enea, Guerraoui, Hamza, POPL 2017",
)
def phantom(case: Case) -> Finding:
    """v in R(g), and no put, write or cas of v on this key (if on another key: it leaked). O(sum of |R|)."""
    homes: dict[Any, str] = {}
    for view in case:
        for value in view.writers:
            homes.setdefault(value, view.key)

    def pattern(_: Case, view: KeyView, seen: Observation) -> Iterator[Hit]:
        for value in seen.values:
            if value in view.writers or _from_the_start(case, value):
                continue
            home = homes.get(value)
            leak = f"; it was written on key `{home}`: it leaked" if home is not None else ""
            line = f"{seen.where} of key `{view.key}` returned {value} at {at(seen.until)}"
            proof = (line, f"no operation of this history wrote {value} on `{view.key}`{leak}")
            message = f"{value} was never written on key `{view.key}`{leak}"
            data = {"value": value, "leaked_from": home}
            yield (
                value,
                partial(Violation, "phantom", view.key, seen.op_ids, message, proof, seen.nodes, data),
            )

    return _over_answers(case, pattern)


def _from_the_start(case: Case, value: Any) -> bool:
    """Whether the key held this value before any write: then a read of it needs no other source."""
    initial = case.history.meta.get("initial")
    return bool(value == initial) and (initial is not None or case.single_value)


@check(
    "aborted-read",
    question="Does any read return a value whose write certainly did nothing?",
    guarantee="A write that was refused before anything was written never becomes visible.",
    source="G1a: Adya 1999; history.md, `fail`",
)
def aborted_read(case: Case) -> Finding:
    """v in R(g), and every write of v on this key is a `fail`. O(sum of |R|)."""
    return _over_answers(case, _aborted)


def _aborted(case: Case, view: KeyView, seen: Observation) -> Iterator[Hit]:
    for value in seen.values:
        writers = view.writers.get(value)
        if not writers or any(op.type != "fail" for op in writers) or _from_the_start(case, value):
            continue
        put = writers[0]
        why = f" with `{put.error}`" if put.error else ""
        proof = (
            f"{what(put)} failed{why}: it certainly did nothing, in any attempt",
            f"{seen.where} returned {value} at {at(seen.until)}: it was applied after all",
        )
        message = f"{value} was read, though its {put.f} failed"
        ops = (*(op.id for op in writers), *seen.op_ids)
        yield (
            value,
            partial(Violation, "aborted-read", view.key, ops, message, proof, seen.nodes, {"value": value}),
        )


@check(
    "future-read",
    question="Does any read return a value before its write was even asked for?",
    guarantee="A read returns only what was written before the read returned.",
    source="Lamport 1986, safe registers; docs/checks.md",
)
def future_read(case: Case) -> Finding:
    """v in R(g), and the earliest write of v was invoked after g returned. Equal times are concurrent."""
    return _over_answers(case, _future)


def _future(case: Case, view: KeyView, seen: Observation) -> Iterator[Hit]:
    for value in seen.values:
        put = view.writer(value)
        if put is None or put.inv <= seen.until or _from_the_start(case, value):
            continue
        proof = (
            f"{seen.where} had returned {value} at {at(seen.until)}",
            f"{what(put)}, the first to write it, was invoked at {at(put.inv)}: later",
        )
        message = f"{value} was read before it was written"
        ops = (*seen.op_ids, put.id)
        yield (
            value,
            partial(Violation, "future-read", view.key, ops, message, proof, seen.nodes, {"value": value}),
        )


@check(
    "duplicate-sibling",
    question="Does any read return one value twice?",
    guarantee="One write is one version: a read returns it once.",
    source="Dynamo section 4.4; docs/checks.md",
)
def duplicate_sibling(case: Case) -> Finding:
    """v more often in one multiset than it was written. A retried write may have two dots: excused.

    Two writes of one value may be siblings; whether they are, or one came back twice, nobody can tell.
    """
    doubtful = next(
        (view for view in case if any(_as_written(view, seen) for seen in view.observations)), None
    )
    return case.as_far(_over_answers(case, _duplicate), case.repeat(doubtful) if doubtful else "")


def _as_written(view: KeyView, seen: Observation) -> bool:
    """Whether a value is there more than once and was written so often."""
    if not view.repeated or len(set(seen.values)) == len(seen.values):
        return False
    return any(1 < seen.values.count(value) <= len(view.able(value)) for value in set(seen.values))


def _duplicate(_: Case, view: KeyView, seen: Observation) -> Iterator[Hit]:
    if len(set(seen.values)) == len(seen.values):
        return
    for value in dict.fromkeys(seen.values):
        count, put = seen.values.count(value), view.writer(value)
        writers = view.able(value) or view.writers.get(value, [])
        if put is None or count <= len(writers) or any(op.attempts > 1 for op in writers):
            continue
        times = "once" if len(writers) == 1 else f"by {len(writers)} operations, each once"
        versions = "one version" if len(writers) == 1 else f"{len(writers)} versions at most"
        proof = (
            f"{value} was sent {times} (first {what(put)}), so there is {versions}",
            f"{seen.where} returned {values(seen.values)} at {at(seen.until)}: {value} {count} times",
        )
        message = f"{value} came back {count} times as siblings of itself"
        ops = (*(op.id for op in writers), *seen.op_ids)
        data = {"value": value, "count": count}
        yield value, partial(Violation, "duplicate-sibling", view.key, ops, message, proof, seen.nodes, data)


@check(
    "false-sibling",
    question="Does any read return a value beside one that superseded it?",
    guarantee="Versions that a write's context covered are superseded; only concurrent ones are siblings.",
    source="Dynamo section 4.4; Preguica et al. 2012 (dotted version vectors); docs/checks.md",
)
def false_sibling(case: Case) -> Finding:
    """v, u in R(g) and v <s u. Sound even where u was never answered: it was returned, hence applied.

    A v that was sent more than once may have two dots: excused. O(|R|) bitset look-ups a read.
    """
    doubtful = (
        view for view in case if view.repeated and any(len(seen.values) > 1 for seen in view.observations)
    )
    return case.as_far(_over_answers(case, _false), next(map(case.repeat, doubtful), ""))


def _false(case: Case, view: KeyView, seen: Observation) -> Iterator[Hit]:
    if len(seen.values) < 2:
        return
    order = view.certain
    shown = order.mask(seen.values)
    for upper in order.ops(shown):
        for lower in order.ops(order.below(upper) & shown):
            if lower.attempts > 1 or lower.id == upper.id:
                continue
            yield (lower.id, upper.id), partial(_false_violation, case, view, seen, lower, upper)


def _false_violation(case: Case, view: KeyView, seen: Observation, lower: Op, upper: Op) -> Violation:
    cited, lines = told(view, lower, upper)
    lines.append(f"{seen.where} returned {values(seen.values)} at {at(seen.until)}: both, as if concurrent")
    message = f"{lower.value} came back beside {upper.value}, which superseded it ({ids(cited)})"
    if limit := case.config.get("clock_limit"):
        message += f"; explained by truncation: clocks are cut to {limit} entries (Dynamo section 4.4)"
    ops = tuple(dict.fromkeys((*(op.id for op in cited), *seen.op_ids)))
    path = [op.id for op in view.certain.path(lower, upper)]
    data = {"superseded": lower.value, "by": upper.value, "path": path}
    return Violation("false-sibling", view.key, ops, message, tuple(lines), seen.nodes, data)
