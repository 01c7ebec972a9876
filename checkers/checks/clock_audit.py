"""clock-audit: do the store's own clocks say what the clients know (strong clock condition, Fidge, Mattern
1988)?

Where an adapter decodes them (`clock`, docs/history.md), a read g comes with its vector V(g), actor ->
counter. What superseded what is known from the contexts that clients carried. Three patterns are
violations:

- *unsound*: V(g) <= V(h), so the store holds that h knows all that g knew, and yet h hides a put that g
  returned, with no delete that could have hidden it. The put is lost from then on for whoever writes with
  h's context;
- *incomplete*: a put u carried g's context, h returned u, and yet V(g) is not <= V(h): the store no longer
  knows that u superseded what g had returned, and will show both;
- *one dot, two values*: two values of one key under the same dot (riak_kv issue 679).

Only one key's clocks are compared. Reads are audited, not whole contexts: a vector may well cover deletes
and values that no client saw, which only ever makes it larger, so neither pattern accuses for that. Where
clocks are made to forget (`reap_tombstones_s`), nothing is called incomplete. O(n (W + A)) for reads of W
values and vectors of A actors, and one comparison for each read and witness of a put that the read hides.
`stats` counts how often the vector of a session's reads went back: rightly so under weak quorums. Source:
docs/checks.md; Schwarz, Mattern 1994.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checkers.case import Case
from checkers.model.history import Op
from checkers.model.words import at, values, what
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

NAME = "clock-audit"
WITNESSES = 4
"""Reads that stand for what the store knew when a put was there: those with the smallest vectors."""
CITED = 100

Vector = Mapping[str, int]


@check(
    NAME,
    question="Do the store's own clocks agree with what superseded what?",
    guarantee="A clock covers exactly what was superseded: nothing that was not, and all that was.",
    source="Fidge 1988; Mattern 1988; Schwarz, Mattern 1994; riak_kv issue 679",
)
def clock_audit(case: Case) -> Finding:
    """`judged` counts reads whose vector is known."""
    views = [view for view in case if not view.repeated]
    audited = {view.key: [get for get in view.gets if _vector(get) is not None] for view in views}
    dotted = any(_dots(get) for view in views for get in view.gets)
    if not dotted and not any(audited.values()):
        return not_applicable("the history has no clocks (`clock`, docs/history.md)")
    if case.promise == "lww":
        return not_applicable("timestamps order everything: they say nothing of what superseded what")
    forgets = (case.config.get("reap_tombstones_s") or 0) > 0
    found: list[Violation] = []
    for view in views:
        found += _unsound(view, audited[view.key])
        if not forgets:
            found += _incomplete(view, audited[view.key])
        found += _twice(view)
    counts: dict[str, int] = {}
    for one in found:
        counts[one.data["pattern"]] = counts.get(one.data["pattern"], 0) + 1
    reads = sum(map(len, audited.values()))
    return judged(reads, found[:CITED], **counts, went_back=_went_back(case), broken=len(found))


def _vector(get: Op) -> Vector | None:
    return get.clock.get("vector") if get.clock else None


def _dots(get: Op) -> list[Any]:
    return (get.clock.get("dots") or []) if get.clock else []


def covers(upper: Vector, lower: Vector) -> bool:
    """lower <= upper."""
    return all(upper.get(actor, 0) >= counter for actor, counter in lower.items())


def _unsound(view: KeyView, gets: list[Op]) -> Iterator[Violation]:
    order, sight = view.order, view.sight
    witnesses: dict[int, list[Op]] = {}
    known = 0
    for get in gets:
        for put in order.ops(sight.acted(get)):
            witnesses.setdefault(put.id, []).append(get)
            known |= order.bit(put)
    for reads in witnesses.values():
        reads.sort(key=lambda get: (sum((_vector(get) or {}).values()), get.inv))
        del reads[WITNESSES:]
    told: set[int] = set()
    for get in gets:
        hidden = known & ~sight.accounted(get)
        for put in order.ops(hidden):
            vector = _vector(get) or {}
            first = next((one for one in witnesses[put.id] if covers(vector, _vector(one) or {})), None)
            if first is not None and put.id not in told:
                told.add(put.id)
                yield _unsound_violation(view, put, first, get)


def _unsound_violation(view: KeyView, put: Op, first: Op, get: Op) -> Violation:
    lines = [
        f"op {first.id} returned {values(first.result)} at {at(first.ret)}, under {_shown(first)}",
        f"op {get.id} returned {values(get.result)} at {at(get.ret)}, under {_shown(get)}: not less",
        f"so the store holds that op {get.id} knows {put.value} (op {put.id}), but nothing that it returned "
        "superseded it, and no delete that could hide it had begun",
    ]
    message = f"the clock of op {get.id} covers {put.value}, which nothing superseded"
    data = {"value": put.value, "pattern": "unsound", "get": get.id}
    ops = tuple(dict.fromkeys((put.id, first.id, get.id)))
    return Violation(NAME, view.key, ops, message, tuple(lines), (), data)


def _incomplete(view: KeyView, gets: list[Op]) -> Iterator[Violation]:
    order = view.order
    told: set[tuple[int, int]] = set()
    for get in gets:
        for put in order.ops(view.sight.acted(get)):
            for source in order.sources(put):
                lower = _vector(source)
                if lower is None or covers(_vector(get) or {}, lower) or (put.id, source.id) in told:
                    continue
                told.add((put.id, source.id))
                lines = [
                    f"op {source.id} returned {values(source.result)} under {_shown(source)}",
                    f"{what(put)} carried that context",
                    f"op {get.id} returned {put.value} at {at(get.ret)}, under {_shown(get)}: that is less",
                ]
                message = f"the clock of op {get.id} has forgotten what {put.value} superseded"
                data = {"value": put.value, "pattern": "incomplete", "get": get.id}
                ops = tuple(dict.fromkeys((source.id, put.id, get.id)))
                yield Violation(NAME, view.key, ops, message, tuple(lines), (), data)


def _shown(get: Op) -> str:
    vector = _vector(get) or {}
    return "{" + ", ".join(f"{actor}: {counter}" for actor, counter in sorted(vector.items())) + "}"


def _twice(view: KeyView) -> Iterator[Violation]:
    held: dict[tuple[str, int], tuple[Any, Op]] = {}
    for get in view.gets:
        for value, dot in zip(get.result, _dots(get), strict=False):
            if dot is None:
                continue
            actor, counter = dot
            other, first = held.setdefault((actor, counter), (value, get))
            if other != value:
                seen = ((other, first), (value, get))
                lines = [f"op {one.id} returned {v} under ({actor}, {counter})" for v, one in seen]
                message = f"{other} and {value} have the same dot, ({actor}, {counter})"
                data = {"value": value, "pattern": "one dot, two values", "get": get.id}
                ops = tuple(dict.fromkeys((first.id, get.id)))
                yield Violation(NAME, view.key, ops, message, tuple(lines), (), data)


def _went_back(case: Case) -> int:
    count = 0
    for session in case.sessions:
        last: dict[str | None, Vector] = {}
        for op in session:
            if (vector := _vector(op)) is not None:
                count += op.key in last and not covers(vector, last[op.key])
                last[op.key] = vector
    return count
