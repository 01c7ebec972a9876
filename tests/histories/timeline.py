"""Draws a history in text, a line for each client, so that a page can show what a test judges.

    a  ├ put 1 ┤
    b             ├ get {} ┤   ├ put 2 {} ┄┄┄

Time runs to the right, not to scale: only what comes before what can be seen. A bar on the right is an
answer; dots mean that none came. Under the clients, what each replica held at the end.
"""

from __future__ import annotations

from itertools import groupby

from checkers.model.history import OPEN, History, Op

MS = 1_000_000


def drawn(history: History) -> str:
    """The picture, as lines of text."""
    ops = [op for op in history.ops if op.parent is None]
    several = len({op.key for op in ops}) > 1
    labels = {op.id: _label(op, history, several) for op in ops}
    faults = [
        (fault.requested, fault.end, f"{fault.fault} {' '.join(fault.nodes)}") for fault in history.faults
    ]
    columns = _columns([(op.inv, op.ret, labels[op.id]) for op in ops] + faults)
    width = max(columns.values(), default=0) + 1
    lines: dict[str, list[str]] = {}
    for op in ops:
        row = lines.setdefault(_client(op.process), [" "] * width)
        _draw(row, columns[op.inv], columns.get(op.ret, width), labels[op.id], op.type)
    for start, end, label in faults:
        row = lines.setdefault("~", [" "] * width)
        _draw(row, columns[start], columns.get(end, width), label, "ok")
    found = [f"{name}  {''.join(lines[name]).rstrip()}" for name in sorted(lines)]
    finals = sorted(history.finals, key=lambda final: (final.key, final.round, final.node))
    for (key, _), group in groupby(finals, key=lambda final: (final.key, final.round)):
        held = (f"{final.node} {_values(final.values)}" for final in group)
        where = f" of {key}" if several else ""
        found.append(f"at the end{where}:  {'  '.join(held)}")
    return "\n".join(found) + "\n"


def _client(process: int) -> str:
    return chr(ord("a") + process % 26)


def _columns(spans: list[tuple[int, int, str]]) -> dict[int, int]:
    """Where each moment stands: far enough from the others for every label."""
    moments = sorted({time for start, end, _ in spans for time in (start, end) if time != OPEN})
    columns: dict[int, int] = {}
    at = -2
    for moment in moments:
        at += 2
        for start, end, label in spans:
            if end == moment and start != end:
                at = max(at, columns[start] + len(label) + 3)
        columns[moment] = at
    last = max(columns.values(), default=0)
    longest = max((columns[start] + len(label) + 6 for start, end, label in spans if end == OPEN), default=0)
    if longest > last:
        columns[OPEN] = longest
    return columns


def _draw(row: list[str], start: int, end: int, label: str, type: str) -> None:
    text = f"├ {label} "
    row[start : start + len(text)] = text
    if type == "info":
        row[start + len(text) :] = "┄" * (len(row) - start - len(text))
        return
    row[start + len(text) : end] = "─" * (end - start - len(text))
    row[end] = "┤" if type == "ok" else "╳"


def _label(op: Op, history: History, several: bool) -> str:
    f = {"delete": "del", "remove": "rem"}.get(op.f, op.f)
    key = f" {op.key}" if several else ""
    asked = "" if op.value is None else f" {op.value}"
    if op.f in ("get", "members", "remove") and op.ok:
        return f"{f}{key}{asked} {_values(op.result)}"
    if op.f in ("read", "total") and op.ok:
        return f"{f}{key} {'nothing' if op.result is None else op.result}"
    if op.context is not None:
        source = next(read for read in history.ops if read.id == op.context)
        return f"{f}{key}{asked} over {_values(source.result)}"
    return f"{f}{key}{asked}"


def _values(values: object) -> str:
    if values is None:
        return "?"
    assert isinstance(values, list)
    return "{" + ", ".join(map(str, values)) + "}"
