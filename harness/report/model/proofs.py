"""Violations as proofs: the operations that show one, numbered in time, with what happened between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from checkers.model.history import OPEN, Fault, Final, History, Op
from harness.campaign.claims import reason_of
from harness.report.model import carts
from harness.report.model import faults as fault_words
from harness.report.model.guarantees import guarantee
from harness.report.model.run_model import Gap, Proof, Step
from harness.report.model.words import clock, named_in, sentence

MOST_OPERATIONS = 14


def build(
    check: str,
    found: dict[str, Any],
    violation: dict[str, Any],
    history: History,
    anchor: str,
    count: int = 1,
) -> Proof:
    """Tell one violation of `check` (`found`, as results.json holds it) by the operations that it names."""
    by_id = {op.id: op for op in history.ops}
    argument = tuple(sentence(str(line)) for line in violation.get("proof") or ())
    loud = next((op for op in violation.get("ops") or [] if op in by_id), None)
    told = [*(violation.get("ops") or []), *(op for line in argument for op in named_in(line))]
    named = [by_id[op] for op in dict.fromkeys(told) if op in by_id]
    named += _inner_puts(named, history)
    key = violation.get("key")
    words = guarantee(check)
    ops = sorted(_with_contexts(named, by_id), key=lambda op: (op.inv, op.id))
    numbers = {op.id: number for number, op in enumerate(ops, 1)}
    focus = carts.differing(ops)
    contacts = _contacts(ops, history)
    finals = tuple(_last_finals(history, key)) if key is not None else ()
    start = ops[0].inv if ops else 0
    last = max([op.inv if op.ret == OPEN else op.ret for op in ops] + [f.time for f in finals], default=start)
    faults = tuple(
        f for f in history.faults if f.effective is not None and f.end >= start and f.requested <= last
    )
    return Proof(
        anchor=anchor,
        check=check,
        asserted=bool(found.get("asserted")),
        owed=reason_of(found) if not found.get("asserted") else "",
        title=words.broken,
        key=key,
        message=carts.short(str(violation.get("message", "")), focus),
        promise=words.promise,
        source=words.source,
        conditions=words.conditions,
        rows=tuple(_rows(ops, numbers, loud, faults, finals, history, contacts, focus)),
        focus=focus,
        contacts=contacts,
        argument=tuple(carts.short(line, focus) for line in argument),
        ops=tuple(ops),
        numbers=numbers,
        loud=loud,
        finals=finals,
        faults=faults,
        window=(start, last),
        shown_of=count,
    )


def _with_contexts(named: Sequence[Op], by_id: dict[int, Op]) -> list[Op]:
    """The named operations and the gets whose contexts they carried."""
    found = {op.id: op for op in named[:MOST_OPERATIONS]}
    for op in named[:MOST_OPERATIONS]:
        for source in sources(op):
            if source in by_id:
                found.setdefault(source, by_id[source])
    return list(found.values())


def _inner_puts(named: Sequence[Op], history: History) -> list[Op]:
    """The put that carried out each cart operation: the last one, if there were several."""
    wanted = {op.id for op in named if op.f in ("add", "remove")}
    last = {op.parent: op for op in history.ops if op.parent in wanted and op.f == "put"}
    return [op for op in last.values() if op not in named]


def sources(op: Op) -> list[int]:
    """The operations whose contexts this one carried."""
    if op.context is None:
        return []
    return list(op.context) if isinstance(op.context, list) else [op.context]


def _contacts(ops: Sequence[Op], history: History) -> dict[int, str]:
    """The node that each operation contacted first; a cart's is that of its last inner operation."""
    inner = {op.parent: op.node for op in history.ops if op.parent is not None and op.node}
    return {op.id: node for op in ops if (node := op.node or inner.get(op.id))}


def _last_finals(history: History, key: str) -> list[Final]:
    """The last round of final reads of a key, one a node."""
    mine = [final for final in history.finals if final.key == key]
    last = max((final.round for final in mine), default=0)
    return sorted((final for final in mine if final.round == last), key=lambda final: final.node)


def _rows(
    ops: Sequence[Op],
    numbers: dict[int, int],
    loud: int | None,
    faults: Iterable[Fault],
    finals: Sequence[Final],
    history: History,
    contacts: dict[int, str],
    focus: frozenset[str],
) -> Iterable[Step | Gap]:
    """The table of operations: faults stand before the first operation that began after them."""
    nodes = list(history.meta.get("nodes") or [])
    told = sorted((fault_words.interval(f, history.end)[0], fault_words.told(f, nodes)) for f in faults)
    for op in ops:
        before = [text for start, text in told if start <= op.inv]
        told = told[len(before) :]
        yield from _gaps(before)
        yield step(op, numbers, loud, contacts.get(op.id), focus)
    yield from _gaps([text for _, text in told])
    if finals:
        yield Gap(f"{clock(finals[-1].time, 1)} final reads, each replica alone: {_held(finals, focus)}")


def _held(finals: Sequence[Final], focus: frozenset[str]) -> str:
    """Who held what; replicas that agree are named together."""
    holders: dict[str, list[str]] = {}
    for final in finals:
        holders.setdefault(values(final.values, focus), []).append(final.node)
    return " · ".join(f"{', '.join(nodes)} {held}" for held, nodes in holders.items())


def _gaps(texts: list[str]) -> Iterable[Gap]:
    if texts:
        yield Gap(" · ".join(texts[:4]) + (f" · and {len(texts) - 4} more faults" if len(texts) > 4 else ""))


def step(
    op: Op,
    numbers: dict[int, int],
    loud: int | None,
    node: str | None,
    focus: frozenset[str] = frozenset(),
) -> Step:
    """One operation as a row; of large carts the items in `focus`."""
    answer, is_value = answered(op, focus)
    carried = [numbers[source] for source in sources(op) if source in numbers]
    return Step(
        number=numbers[op.id],
        op=op.id,
        who=f"c{op.process} → {node}" if node else f"c{op.process}",
        invoked=clock(op.inv),
        took_ms="—" if op.ret == OPEN else f"{(op.ret - op.inv) / 1e6:.1f}",
        f=op.f,
        value="" if op.value is None else carts.short(str(op.value), focus),
        having_read=carried[0] if carried else None,
        part_of=numbers.get(op.parent) if op.parent is not None else None,
        blind=op.f == "put" and op.context is None,
        answer=answer,
        answer_is_value=is_value,
        loud=op.id == loud,
    )


def answered(op: Op, focus: frozenset[str] = frozenset()) -> tuple[str, bool]:
    """What an operation's caller got, and whether it is a value."""
    if op.type == "info":
        return "no answer" + (f": {op.error}" if op.error else ""), False
    if op.type == "fail":
        return "refused" + (f": {op.error}" if op.error else ""), False
    if op.returned_values is not None:
        return values(op.returned_values, focus), bool(op.returned_values)
    return ("ok", False) if op.result is None else (values(op.result, focus), True)


def values(held: Any, focus: frozenset[str] = frozenset()) -> str:
    """What a read or a replica gave, in one string; of large carts the items in `focus`."""
    if held is None:
        return "unreadable"
    if isinstance(held, list):
        told = list(map(str, held))
        if focus and not any("|" in value for value in told):  # the items themselves, not carts
            return carts.few(told, focus) or "nothing"
        return ", ".join(carts.short(value, focus) for value in told) or "nothing"
    return carts.short(str(held), focus)
