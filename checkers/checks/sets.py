"""set and set-resurfaced: the elements of sets and carts (Dynamo 4.4, 6.1; Jepsen's set and set-full).

At the end: there must be every acknowledged add that no remove can have taken away, and what a read had
shown where nothing excuses its loss; away must be what an acknowledged remove observed. The rest may be
either. The paper's cart reconciles by union, so there deleted items can resurface ("set-resurfaced" counts
them) but an added item is never lost. Under every promise: an element that nobody added, whose add certainly
failed, or which is shown before its add began, is wrong wherever it is seen.

Under `linearizable` every read is judged: `checkers/wholes/growing.py` and `changing.py`. A cart is left out
of that: its add is a read and a write of a register, which one copy does not make one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from checkers.case import Case
from checkers.model.elements import Elements, elements_of
from checkers.model.history import Op
from checkers.model.rounds import REMEDY, Round
from checkers.model.words import at
from checkers.numbers.percentiles import latencies
from checkers.order.key_view import KeyView
from checkers.registry import check
from checkers.verdict import Finding, Verdict, Violation, not_applicable
from checkers.wholes.changing import back, gone, too_costly
from checkers.wholes.growing import Breach, Growing, Sight
from checkers.wholes.strange import strange
from checkers.wholes.visibility import visibility_ns

COSTLY = 2_000_000
"""Adds times reads of one key above which latencies of visibility are not computed."""
CITED = 200
"""Violations of one key that get a proof; the rest are counted."""


@dataclass(frozen=True, slots=True)
class _Key:
    """One key's elements. `round` is None where its final state was not read completely."""

    view: KeyView
    elements: Elements
    round: Round | None
    one_copy: bool
    """Whether its reads are promised to be those of one copy."""

    @property
    def reads(self) -> list[Sight]:
        return [Sight(op.inv, op.ret, frozenset(tags), op) for op, tags in self.elements.reads]

    @property
    def open(self) -> str:
        """Why it cannot be judged to the end; empty if it can."""
        silent = self.elements.unanswered
        if self.one_copy and self.round is None:
            last = max((op.inv for op, _ in self.elements.reads), default=-1)
            if silent and silent[-1].inv > last:
                return f"op {silent[-1].id} answered nothing at all: what `{self.view.key}` held is not known"
            return ""
        if self.round is None and self.view.acknowledged:
            return f"the final state of key `{self.view.key}` was not read completely: {REMEDY}"
        return ""


@check(
    "set",
    question="Is every acknowledged element there that no remove observed, and nothing that nobody added?",
    guarantee="An acknowledged add is never lost: it stays until a remove that observed it.",
    source="Dynamo, sections 4.4 and 6.1: an item added to the cart is never lost; Jepsen's set-full",
)
def lost_adds(case: Case) -> Finding:
    """`judged` counts the acknowledged adds that had to be there, and reads judged as those of one copy."""
    if not any(op.f == "add" for op in case.history.ops):
        return not_applicable("no operation added an element")
    found: list[Violation] = []
    required = answers = 0
    totals = {"adds": 0, "acknowledged": 0, "removed": 0, "lost": 0, "phantom": 0}
    stable: list[int] = []
    lost: list[int] = []
    never, skipped, reason = 0, 0, ""
    for key in _keys(case, "set"):
        elements = key.elements
        reason = reason or key.open
        totals["adds"] += len(elements.adds)
        totals["acknowledged"] += len(elements.acked)
        totals["removed"] += len(elements.removed)
        answers += len(elements.reads) + (len(key.round.readable) if key.round else 0)
        odd = [*strange(key.view, elements, key.round, case.promise == "linearizable")]
        missing, why = _missing(case, key)
        reason = reason or why
        required += len(elements.reads) if key.one_copy else 0
        if key.round is not None:
            required += sum(not elements.may_be_gone(tag, add.inv) for tag, add in elements.acked)
        totals["lost"] += len(missing)
        totals["phantom"] += len(odd)
        found += odd[:CITED] + missing[:CITED]
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
    return replace(_finding(required, found, reason, stats), unconditional=answers)


@check(
    "set-resurfaced",
    question="Did an element come back that an acknowledged remove had observed?",
    guarantee="What a remove observed and removed stays away.",
    source="Dynamo, section 4.4: deleted items can resurface; observed-remove sets do not let them",
)
def resurfaced(case: Case) -> Finding:
    """`judged` counts the elements that had to be away."""
    if not any(op.f == "add" for op in case.history.ops):
        return not_applicable("no operation added an element")
    violations: list[Violation] = []
    away = retried = 0
    reason = ""
    for key in _keys(case, "set-resurfaced"):
        view, elements, round = key.view, key.elements, key.round
        away += len(elements.removed) if round or key.one_copy else 0
        reason = reason or (key.open if elements.removes else "")
        returned: dict[str, Breach] = {}
        if key.one_copy and not too_costly(elements, key.reads):
            returned = {one.tag: one for one in back(elements, key.reads)}
            violations += [_told("set-resurfaced", view, one) for one in returned.values()]
        held = elements.present(round.values) if round else set()
        for tag, remove in elements.removed.items():
            if round is None or tag not in held or tag in returned:
                continue
            if tag in elements.retried:
                retried += 1
            else:
                violations.append(_came_back(view, elements, round, tag, remove.id))
    stats = {"removed": away, "back": len(violations), "retried": retried}
    return _finding(away, violations, reason, stats)


def _keys(case: Case, name: str) -> Iterator[_Key]:
    """The keys with elements."""
    rounds = {view.key: round for view, round in case.judgeable(name).keys}
    for view in case:
        if any(op.f in ("add", "remove", "members") for op in view.ops):
            elements = elements_of(view.ops, case.by_id)
            one_copy = case.promise == "linearizable" and not elements.is_cart
            yield _Key(view, elements, rounds.get(view.key), one_copy)


def _finding(count: int, violations: list[Violation], reason: str, stats: dict[str, Any]) -> Finding:
    verdict = Verdict.INVALID if violations else Verdict.UNKNOWN if reason else Verdict.VALID
    return Finding(verdict, count, tuple(violations), reason, stats)


def _missing(case: Case, key: _Key) -> tuple[list[Violation], str]:
    """What is lost: one violation for each element; and why not everything could be judged."""
    found: dict[str, Violation] = {}
    if key.round is not None and not (key.elements.is_cart and case.promise == "linearizable"):
        found |= {one.data["tag"]: one for one in _lost(case, key, key.round)}
    if not key.one_copy:
        return list(found.values()), ""
    reads = key.reads
    breaches = list(Growing(key.elements).breaches(reads))
    reason = ""
    if too_costly(key.elements, reads):
        reason = f"key `{key.view.key}` has too many reads and removes to hold each against each"
    else:
        breaches += gone(key.elements, reads)
    for one in breaches:
        found.setdefault(one.tag, _told("set", key.view, one))
    return list(found.values()), reason


def _told(kind: str, view: KeyView, one: Breach) -> Violation:
    data = {"tag": one.tag, "cause": one.cause, "last_seen": one.seen_by}
    ops = tuple(op.id for op in one.ops)
    return Violation(kind, view.key, ops, f"{one.message} (key `{view.key}`)", one.lines, one.nodes, data)


def _lost(case: Case, key: _Key, round: Round) -> Iterator[Violation]:
    view, elements = key.view, key.elements
    held = elements.present(round.values)
    # Data that were lost may be what a read had shown of an add that nobody acknowledged.
    facts = case.promise == "linearizable" or case.ledger.doubt("no-loss") is None
    for tag, adds in elements.adds.items():
        if tag in held:
            continue
        seen = [op for op, tags in elements.reads if tag in tags and op.ret < round.start]
        acked = [op for op in adds if op.ok]
        if not acked and not (seen and facts):
            continue
        if acked:
            since = max(op.inv for op in acked)
            if key.one_copy:
                since = max([since, *(op.inv for op in seen)])
            shown = next(op for op in reversed(acked) if op.inv == max(one.inv for one in acked))
            line = f"op {shown.id} added `{tag}` to `{view.key}` and was acknowledged at {at(shown.ret)}"
            message = f"the acknowledged add of `{tag}` to `{view.key}` is lost"
            ops: tuple[Op, ...] = (shown,)
        else:
            since = max(op.inv for op in seen) if key.one_copy else 0
            line = (
                f"op {adds[0].id} added `{tag}` to `{view.key}` and was never answered; op {seen[-1].id} "
                f"showed it at {at(seen[-1].ret)}, so it took effect"
            )
            message = f"`{tag}` was read from `{view.key}` and is lost, though its add was never answered"
            ops = (adds[0], seen[-1])
        if elements.may_be_gone(tag, since):
            continue
        proof = (
            line,
            "no remove that may have taken effect observed it",
            f"the final values of {', '.join(round.nodes)} together do not hold it",
        )
        data: dict[str, Any] = {"tag": tag, "cause": "lost", "last_seen": seen[-1].id if seen else None}
        yield Violation("set", view.key, tuple(op.id for op in ops), message, proof, round.nodes, data)


def _came_back(view: KeyView, elements: Elements, round: Round, tag: str, remove: int) -> Violation:
    adds = elements.adds.get(tag)
    holders = tuple(final.node for final in round.readable if tag in elements.present(final.values or ()))
    message = f"`{tag}` is in `{view.key}` at the end, though a remove had observed it"
    proof = (
        f"op {remove} observed `{tag}` in `{view.key}`, removed it and was acknowledged",
        "nobody added it again",
        f"the final values of {', '.join(holders)} hold it",
    )
    ops = (adds[0].id, remove) if adds else (remove,)
    return Violation("set-resurfaced", view.key, ops, message, proof, holders, {"tag": tag})
