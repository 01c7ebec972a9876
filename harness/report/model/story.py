"""The story of one key: every operation, fault and version that touched it, in order of time, as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from checkers.model.history import OPEN, Fault, History, Op

_SECOND = 1_000_000_000


def busiest_key(history: History) -> str | None:
    """The key with most operations; the first of equals."""
    counts = Counter(op.key for op in history.ops if op.key is not None)
    return max(counts, key=lambda key: counts[key]) if counts else None


def story(history: History, key: str) -> Iterator[str]:
    """One line an event: operations where they begin, faults where they begin and end, phases, finals."""
    by_id = {op.id: op for op in history.ops}
    told: list[tuple[int, int, str]] = []
    for op in history.ops:
        if op.key == key:
            told.append((op.inv, 2, _operation(op, by_id)))
    for fault in history.faults:
        told += _fault(fault)
    told += [(time, 0, f"── {name}") for time, name in history.phases]
    told += [(note["time"], 1, f"   note: {note['text']}") for note in history.notes]
    told += [
        (item["time"], 1, f"   OUR FAILURE in {item['where']}: {item['error']}") for item in history.failures
    ]
    for final in history.finals:
        if final.key == key:
            held = "could not be read" if final.values is None else f"holds {_values(final.values)}"
            told.append((final.time, 3, f"   final {final.round}  {final.node} {held}"))
    for time, _, line in sorted(told, key=lambda item: item[:2]):
        yield f"{_clock(time)}  {line}".rstrip()


def _operation(op: Op, by_id: dict[int, Op]) -> str:
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
    return f"{inner}#{op.id:<5} {who:<10} {asked:<24} {answer} · {took}{_context(op, by_id)}"


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


def _fault(fault: Fault) -> Iterator[tuple[int, int, str]]:
    name = f"{fault.fault} {' '.join(fault.nodes)}"
    shown = ("kind", "blocked", "shape", "max_offset_ms", "lost")
    details = ", ".join(f"{part} {_detail(fault.details[part])}" for part in shown if part in fault.details)
    state = "verified" if fault.verified is not None else "NOT verified"
    begun = fault.requested if fault.effective is None else fault.effective
    yield begun, 1, f"▼  {name} {f'({details}) ' if details else ''}{state}"
    if fault.healed is not None:
        yield fault.healed, 1, f"▲  {name} healed"


def _detail(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {part}" for name, part in value.items() if part)
    if isinstance(value, list):
        return " ".join("→".join(map(str, one)) if isinstance(one, list) else str(one) for one in value)
    return str(value)


def _values(values: list[object]) -> str:
    return f"[{', '.join(map(_value, values))}]"


def _value(value: object) -> str:
    """Printable on a terminal, whatever a foreign history holds."""
    text = str(value)
    return text if text.isprintable() else ascii(text)


def _clock(time_ns: int) -> str:
    minutes, rest = divmod(time_ns, 60 * _SECOND)
    return f"{minutes:02d}:{rest / _SECOND:07.4f}"
