"""set and set-resurfaced: the elements of sets and carts at the end (Dynamo 4.4, 6.1; Jepsen's set-full).

Must be there: every acknowledged add that no remove observed. Must be away: what an acknowledged remove
observed. The rest may be either. The paper's cart reconciles by union, so there deleted items can resurface
("set-resurfaced" counts them) but an added item is never lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkers.case import Case
from checkers.model.elements import Elements, elements_of, visibility_ns
from checkers.model.rounds import Round
from checkers.model.words import at
from checkers.numbers.percentiles import latencies
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, judged, not_applicable, unknown

COSTLY = 2_000_000
"""Adds times reads of one key above which latencies of visibility are not computed."""


@check(
    "set",
    question="Is every acknowledged element there that no remove observed, and nothing that nobody added?",
    guarantee="An acknowledged add is never lost: it stays until a remove that observed it.",
    source="Dynamo, sections 4.4 and 6.1: an item added to the cart is never lost",
)
def lost_adds(case: Case) -> Finding:
    """`judged` counts the acknowledged adds that had to be there."""
    if not _any_elements(case):
        return not_applicable("no operation added an element")
    violations: list[Violation] = []
    required = 0
    totals = {"adds": 0, "acknowledged": 0, "removed": 0, "lost": 0, "phantom": 0}
    stable: list[int] = []
    lost: list[int] = []
    never, skipped = 0, 0
    keys, reason = _keys(case, "set")
    for view, elements, round in keys:
        held = elements.present(round.values)
        totals["adds"] += len(elements.adds)
        totals["acknowledged"] += len(elements.acked)
        totals["removed"] += len(elements.removed)
        required += sum(tag not in elements.excused for tag, _ in elements.acked)
        missing = [*_lost(view, elements, round, held)]
        strange = [*_phantoms(view, elements, round, held)]
        totals["lost"] += len(missing)
        totals["phantom"] += len(strange)
        violations += missing + strange
        if len(elements.acked) * len(elements.reads) > COSTLY:
            skipped += 1
            continue
        of_key = visibility_ns(elements)
        stable += of_key[0]
        lost += of_key[1]
        never += of_key[2]
    stats = {
        **totals,
        "stable": latencies(stable),
        "lost_to_readers": latencies(lost),
        "never_read": never,
        "keys_without_latencies": skipped,
    }
    return _finding(required, violations, reason, stats)


@check(
    "set-resurfaced",
    question="Did an element come back that an acknowledged remove had observed?",
    guarantee="What a remove observed and removed stays away.",
    source="Dynamo, section 4.4: deleted items can resurface; observed-remove sets do not let them",
)
def resurfaced(case: Case) -> Finding:
    """`judged` counts the elements that had to be away."""
    if not _any_elements(case):
        return not_applicable("no operation added an element")
    violations: list[Violation] = []
    gone = retried = 0
    keys, reason = _keys(case, "set-resurfaced")
    for view, elements, round in keys:
        held = elements.present(round.values)
        gone += len(elements.removed)
        for tag, remove in elements.removed.items():
            if tag not in held:
                continue
            if tag in elements.retried:
                retried += 1
            else:
                violations.append(_came_back(view, elements, round, tag, remove.id))
    return _finding(gone, violations, reason, {"removed": gone, "back": len(violations), "retried": retried})


def _any_elements(case: Case) -> bool:
    return any(op.f == "add" for op in case.history.ops)


def _keys(case: Case, name: str) -> tuple[list[tuple[KeyView, Elements, Round]], str]:
    """Keys with elements that can be judged, and why another cannot (empty if all can)."""
    judgeable = case.judgeable(name)
    rounds = {view.key: round for view, round in judgeable.keys}
    found: list[tuple[KeyView, Elements, Round]] = []
    reason = ""
    for view in case:
        if not any(op.f in ("add", "remove", "members") for op in view.ops):
            continue
        if view.key in rounds:
            found.append((view, elements_of(view.ops, case.by_id), rounds[view.key]))
        elif view.acknowledged and not reason:
            reason = f"the final state of key `{view.key}` was not read completely"
    return found, reason


def _finding(count: int, violations: list[Violation], reason: str, stats: dict[str, Any]) -> Finding:
    if reason and not violations:
        return unknown(reason, count, **stats)
    if reason:
        return Finding(Verdict.INVALID, count, tuple(violations), reason, stats)
    return judged(count, violations, **stats)


def _lost(view: KeyView, elements: Elements, round: Round, held: set[str]) -> Iterator[Violation]:
    for tag, add in elements.acked:
        if tag in held or tag in elements.excused:
            continue
        seen = [read.id for read, tags in elements.reads if tag in tags]
        message = f"the acknowledged add of `{tag}` to `{view.key}` is lost"
        proof = (
            f"op {add.id} added `{tag}` to `{view.key}` and was acknowledged at {at(add.ret)}",
            "no remove that may have taken effect observed it",
            f"the final values of {', '.join(round.nodes)} together do not hold it",
        )
        data: dict[str, Any] = {"tag": tag, "cause": "lost", "last_seen": seen[-1] if seen else None}
        yield Violation("set", view.key, (add.id,), message, proof, round.nodes, data)


def _phantoms(view: KeyView, elements: Elements, round: Round, held: set[str]) -> Iterator[Violation]:
    for read, tags in elements.reads:
        for tag in sorted(tags - elements.adds.keys()):
            message = f"op {read.id} read `{tag}` from `{view.key}`, which nobody added"
            yield Violation("set", view.key, (read.id,), message, (message,), (), _phantom(tag))
    for tag in sorted(held - elements.adds.keys()):
        message = f"`{view.key}` holds `{tag}` at the end, which nobody added"
        yield Violation("set", view.key, (), message, (message,), round.nodes, _phantom(tag))


def _phantom(tag: str) -> dict[str, Any]:
    return {"tag": tag, "cause": "phantom"}


def _came_back(view: KeyView, elements: Elements, round: Round, tag: str, remove: int) -> Violation:
    add = elements.adds.get(tag)
    holders = tuple(final.node for final in round.readable if tag in elements.present(final.values or ()))
    message = f"`{tag}` is in `{view.key}` at the end, though a remove had observed it"
    proof = (
        f"op {remove} observed `{tag}` in `{view.key}`, removed it and was acknowledged",
        "nobody added it again: a tag is added once",
        f"the final values of {', '.join(holders)} hold it",
    )
    ops = (remove,) if add is None else (add.id, remove)
    return Violation("set-resurfaced", view.key, ops, message, proof, holders, {"tag": tag})
