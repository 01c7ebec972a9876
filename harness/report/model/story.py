"""The story of one key: every operation, fault and version that touched it, in order of time, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checkers.model.history import OPEN, Fault, History, Op
from checkers.model.values import plain
from harness.report.model.words import one_line

_SECOND = 1_000_000_000


def busiest_key(history: History) -> str | None:
    """The key with most operations; the first of equals."""
    counts = Counter(op.key for op in history.ops if op.key is not None)
    return max(counts, key=lambda key: counts[key]) if counts else None


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the story: its time (ns), what it is, its line, and the same as plain values."""

    time: int
    what: str
    line: str
    facts: dict[str, Any]


Marks = Mapping[int, Sequence[tuple[str, bool]]]
"""The findings that name an operation, by its id: check, and whether it is asserted."""


def story(history: History, key: str, marks: Marks | None = None) -> Iterator[Told]:
    """One event a line: operations where they begin, faults where they begin and end, phases, finals.

    Operations that a finding names have a mark before them, and its checks behind.
    """
    by_id = {op.id: op for op in history.ops}
    told: list[tuple[int, Told]] = []
    for op in history.ops:
        if op.key == key:
            told.append((2, _operation(op, by_id, (marks or {}).get(op.id, ()))))
    for fault in history.faults:
        told += ((1, one) for one in _fault(fault))
    told += [(0, Told(time, "phase", f" ── {name}", {"name": name})) for time, name in history.phases]
    for note in history.notes:
        told.append((1, Told(note["time"], "note", f"    note: {note['text']}", {"text": note["text"]})))
    for item in history.failures:
        facts = {"where": item["where"], "error": item["error"]}
        line = f"    OUR FAILURE in {item['where']}: {item['error']}"
        told.append((1, Told(item["time"], "failure", line, facts)))
    for final in history.finals:
        if final.key == key:
            held = "could not be read" if final.values is None else f"holds {_values(final.values)}"
            facts = {"round": final.round, "node": final.node, "values": plain(final.values)}
            told.append(
                (3, Told(final.time, "final", f"    final {final.round}  {final.node} {held}", facts))
            )
    for _, one in sorted(told, key=lambda item: (item[1].time, item[0])):
        yield replace(one, line=one_line(f"{_clock(one.time)} {one.line}".rstrip()))


def _operation(op: Op, by_id: dict[int, Op], marks: Sequence[tuple[str, bool]]) -> Told:
    who = f"c{op.process} → {op.node}" if op.node else f"c{op.process}"
    inner = "  " if op.parent is not None else ""
    asked = op.f if op.value is None else f"{op.f} {_value(op.value)}"
    took = "no answer" if op.ret == OPEN else f"{(op.ret - op.inv) / 1e6:.1f} ms"
    answer = op.type if op.error is None else f"{op.type} ({op.error})"
    returned = op.returned_values
    if returned is not None:
        answer = f"{answer} {_values(returned)}"
    elif op.ok and op.result is not None:
        answer = f"{answer} {_value(op.result)}"
    mark = "✘" if any(asserted for _, asserted in marks) else "·" if marks else " "
    line = f"{mark}{inner}#{op.id:<5} {who:<10} {asked:<24} {answer} · {took}{_context(op, by_id)}"
    checks = [check for check, _ in marks]
    facts = {
        "op": op.id, "process": op.process, "node": op.node, "f": op.f, "value": plain(op.value),
        "type": op.type, "error": op.error, "result": plain(op.result), "context": op.context,
        "parent": op.parent, "end": None if op.ret == OPEN else op.ret, "findings": checks,
    }  # fmt: skip
    return Told(op.inv, "op", line + (f"  ◂ {', '.join(checks)}" if checks else ""), facts)


def _context(op: Op, by_id: dict[int, Op]) -> str:
    """Which versions a write replaces: those that its context's read returned."""
    if op.f not in ("put", "delete"):
        return ""
    if op.context is None:
        return " · blind: replaces nothing"
    ids = op.context if isinstance(op.context, list) else [op.context]
    covered = [value for one in ids if one in by_id for value in by_id[one].returned_values or []]
    read = ", ".join(f"#{one}" for one in ids)
    return f" · replaces {_values(covered)} as read by {read}"


_APART = ("links", "max_offset_ms", "offset_ms", "probe")
"""Details that are left out, or have words of their own: the offsets say more than the largest of them."""


def _fault(fault: Fault) -> Iterator[Told]:
    name = f"{fault.fault} {' '.join(fault.nodes)}"
    shown = [f"{part} {_detail(value)}" for part, value in fault.details.items() if part not in _APART]
    offsets = fault.details.get("offset_ms")
    if isinstance(offsets, dict):
        shown.append(f"offsets {', '.join(f'{node} {value:+g} ms' for node, value in offsets.items())}")
    elif (most := fault.details.get("max_offset_ms", offsets)) is not None:
        shown.append(f"offset up to {_detail(most)} ms")
    state = "verified" if fault.verified is not None else "NOT verified"
    begun = fault.requested if fault.effective is None else fault.effective
    facts = {"id": fault.id, "fault": fault.fault, "nodes": fault.nodes, **plain(fault.details)}
    facts |= {"verified": fault.verified is not None}
    told = f"({', '.join(shown)}) " if shown else ""
    yield Told(begun, "fault", f" ▼  {name} {told}{state}", facts)
    if fault.healed is not None:
        yield Told(fault.healed, "healed", f" ▲  {name} healed", {"id": fault.id, "fault": fault.fault})


def _detail(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {part}" for name, part in value.items() if part)
    if isinstance(value, list):
        return " ".join("→".join(map(str, one)) if isinstance(one, list) else str(one) for one in value)
    return str(value)


def _values(values: list[object]) -> str:
    return f"[{', '.join(map(_value, values))}]"


def _value(value: object) -> str:
    """As it is written, whatever kind of value a history holds."""
    return str(value)


def _clock(time_ns: int) -> str:
    minutes, rest = divmod(time_ns, 60 * _SECOND)
    return f"{minutes:02d}:{rest / _SECOND:07.4f}"
