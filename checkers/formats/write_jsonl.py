"""Writes a history as version-1 JSON Lines (docs/history.md); `jsonl.read` reads the same history back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from checkers.model.history import OPEN, Exit, Fault, History, Op
from checkers.model.values import named, plain

_INVOKE, _COMPLETE = 1, 2
_MOMENTS = ("requested", "effective", "verified", "healed")


def write(history: History, path: Path) -> None:
    """Write it to `path`, in order of time. Raises OSError."""
    encode = msgspec.json.Encoder(enc_hook=plain).encode
    with path.open("wb") as file:
        for event in events(history):
            file.write(encode(event) + b"\n")


def events(history: History) -> Iterator[dict[str, Any]]:
    """Its lines as plain objects: `meta` first, then by time; at equal times invocations come first."""
    yield {"kind": "meta", **{name: value for name, value in history.meta.items() if name != "kind"}}
    by_id = {op.id: op for op in history.ops}
    done: set[int] = set()
    for _, _, what in sorted(_moments(history), key=lambda moment: moment[:2]):
        if isinstance(what, dict):
            yield what
            continue
        op, end = what
        if end == _INVOKE:
            for source in _sources(op):
                # What a context stands for must be known before it is cited, even at the same time.
                if source in by_id and source not in done:
                    done.add(source)
                    yield _complete(by_id[source])
            yield _invoke(op)
        elif op.id not in done:
            done.add(op.id)
            yield _complete(op)


def _moments(history: History) -> Iterator[tuple[int, int, Any]]:
    """(time, rank at equal times, an event or one end of an operation)."""
    for time, name in history.phases:
        yield time, 0, {"kind": "phase", "time": time, "name": name}
    for fault in history.faults:
        for rank, moment in enumerate(_MOMENTS):
            if (at := getattr(fault, moment)) is not None:
                yield at, rank, _fault(fault, moment, at)
    for op in history.ops:
        yield op.inv, _INVOKE, (op, _INVOKE)
        if op.type != "info":
            yield op.ret, _COMPLETE, (op, _COMPLETE)
        elif op.gave_up is not None:
            yield op.gave_up, _COMPLETE, (op, _COMPLETE)
    for final in history.finals:
        read = {"node": final.node, "key": named(final.key), "values": final.values, "round": final.round}
        yield final.time, 3, {"kind": "final", "time": final.time, **read}
    for state in history.states:
        yield state.time, 3, {"kind": "state", "time": state.time, "node": state.node, **state.facts}
    for exit in history.exits:
        yield exit.time, 3, _exit(exit)
        if exit.serves is not None:
            yield exit.serves, 3, {"kind": "exit", "type": "serves", "time": exit.serves, "node": exit.node}
    for kind, found in (("note", history.notes), ("harness", history.failures)):
        yield from ((one["time"], 3, {"kind": kind, **one}) for one in found)


def _sources(op: Op) -> list[int]:
    context = op.context if isinstance(op.context, list) else [op.context]
    return [source for source in context if source is not None]


def _fault(fault: Fault, moment: str, time: int) -> dict[str, Any]:
    head = {"kind": "fault", "type": moment, "time": time, "id": fault.id, "fault": fault.fault}
    return {**head, "nodes": fault.nodes, **fault.details}


def _exit(exit: Exit) -> dict[str, Any]:
    given = {name: getattr(exit, name) for name in ("code", "signal", "last", "alive")}
    said = {name: value for name, value in given.items() if value is not None}
    return {"kind": "exit", "time": exit.time, "node": exit.node, **said}


def _invoke(op: Op) -> dict[str, Any]:
    line = {**_head("invoke", op, op.inv), "value": op.value}
    for name in ("context", "node", "due", "reaches", "items", "parent"):
        if (value := getattr(op, name)) is not None:
            line[name] = value
    if op.attempts != 1:
        line["attempts"] = op.attempts
    return line


def _complete(op: Op) -> dict[str, Any]:
    time = op.gave_up if op.type == "info" else op.ret
    assert time is not None, "only operations that ended are completed"
    line = _head(op.type, op, op.inv if time == OPEN else time)
    if op.type == "ok" and (op.body or op.f in ("get", "members", "remove", "total", "read")):
        line["value"] = op.result
    for name in ("error", "order", "clock"):
        if (value := getattr(op, name)) is not None:
            line[name] = value
    if op.body:
        line["body"] = True
    return line


def _head(type: str, op: Op, time: int) -> dict[str, Any]:
    head = {"kind": "op", "type": type, "op": op.id, "time": time, "process": op.process}
    return {**head, "f": op.f, "key": None if op.key is None else named(op.key)}
