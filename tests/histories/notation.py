"""Histories in a few characters, so that a test reads as the row of a table.

    a:put1; b:put2; a:get{1,2}; a:put3{1,2}; F{3}

Statements follow each other in time; `∥` joins operations that overlap. One time unit is 1 ms, and
operation n is the n-th one written, from 0. A statement is
`[process[@node]:]f[key ][value][mark]{list}[inv,ret]`:

- process: `a` is client 0 (and the default), `b` client 1 ...; key: one letter, default `x`;
- marks: `?` info, `!` fail, `*2` sent twice;
- `{..}` is what a get, members or remove returned; after put or del it is the context of that process's
  latest get that returned it (`{1}b`: of process b's latest); nothing is a blind write;
- `[3,9]` sets the times outright; `[3,]` starts at 3 and never returns (after an info a letter goes on as a
  new process id, 26 higher);
- `^` before a statement makes it the inner one of the latest add or remove of that process;
- `F{1,2}` final reads of every replica, `F{1}|{2}|-` one replica each (`-` unreadable); `F` again is round 2;
- `~wipe(n1)[5,6]` or `~skew(n1, max_offset_ms=40)[5,6]` a fault, requested, verified, healed;
- `#settle` or `#settle[50]` a phase begins.

Lists of cart values (`{0:1|tea,jam 1:4|tea}`) are separated by spaces, others by commas.
"""

from __future__ import annotations

import json
import re
from typing import Any

from checkers.model.history import OPEN, Fault, Final, History, Op

MS = 1_000_000

_OP = re.compile(
    r"(?P<inner>\^)?(?:(?P<process>[a-z])(?:@(?P<node>n\d+))?:)?"
    r"(?P<f>put|get|del|add|rem|members)\s*(?:(?P<key>[a-z])(?=[\s\d{?!*\[]|$)\s*)?(?P<value>[\w:|,.-]*)"
    r"(?P<mark>[?!])?(?:\*(?P<attempts>\d+))?(?:\{(?P<list>[^}]*)\}(?P<by>[a-z])?)?"
    r"(?P<mark2>[?!])?(?:\*(?P<attempts2>\d+))?(?:\[(?P<inv>\d+),(?P<ret>\d*)\])?"
)
_FAULT = re.compile(r"~(?P<fault>[\w-]+)\((?P<args>[^)]*)\)\[(?P<from>\d+),(?P<to>\d*)\]")
_PHASE = re.compile(r"#(?P<name>\w+)(?:\[(?P<at>\d+)\])?")
_F = {"put": "put", "get": "get", "del": "delete", "add": "add", "rem": "remove", "members": "members"}
_READS = ("get", "members", "remove")


def history(text: str, promise: str = "mvr-sloppy", **config: Any) -> History:
    """The history that `text` writes, under `promise`; `config` overrides n=3, w=2, r=2."""
    return _Writer(promise, config).write(text)


class _Writer:
    """Turns statements into a history, keeping the clock."""

    def __init__(self, promise: str, config: dict[str, Any]) -> None:
        meta = {
            "version": 1,
            "system": "notation",
            "promise": promise,
            "nodes": ["n1", "n2", "n3"],
            "seed": 0,
            "config": {"n": 3, "r": 2, "w": 2, **config},
            "clock": "monotonic-ns",
        }
        self.h = History(meta)
        self.now = 1
        self.parents: dict[int, Op] = {}
        self.processes: dict[int, int] = {}

    def write(self, text: str) -> History:
        for statement in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
            if statement.startswith("~"):
                self.fault(statement)
            elif statement.startswith("#"):
                self.phase(statement)
            elif statement.startswith("F"):
                self.finals(statement)
            else:
                self.together([part.strip() for part in statement.split("∥")])
        self.h.ops.sort(key=lambda op: (op.inv, op.id))
        self.h.faults.sort(key=lambda fault: fault.requested)
        self.h.phases.sort()
        return self.h

    def together(self, parts: list[str]) -> None:
        start, count = self.now, len(parts)
        for i, part in enumerate(parts):
            op = self.op(part, start + i, start + count + i)
            ends = op.gave_up if op.type == "info" else op.ret
            self.now = max(self.now, (op.inv if ends is None else ends) // MS + 1)

    def op(self, text: str, inv: int, ret: int) -> Op:
        found = _OP.fullmatch(text)
        assert found, f"cannot read the operation `{text}`"
        mark, f = found["mark"] or found["mark2"], _F[found["f"]]
        if found["inv"]:
            inv, ret = int(found["inv"]), int(found["ret"]) if found["ret"] else -1
        lasts = ret >= 0 and mark != "?"
        type = "fail" if mark == "!" else "ok" if lasts else "info"
        letter = ord(found["process"] or "a") - ord("a")
        process = self.processes.get(letter, letter)
        op = Op(len(self.h.ops), process, f, found["key"] or "x", found["value"] or None, inv * MS)
        op.type, op.node = type, found["node"]
        op.ret = ret * MS if type != "info" else OPEN
        if type == "info":
            op.gave_up = ret * MS if ret >= 0 else None
            self.processes[letter] = process if f in _READS[:2] else process + 26
        op.attempts = int(found["attempts"] or found["attempts2"] or 1)
        listed = None if found["list"] is None else _items(found["list"])
        if f in _READS:
            op.result = (listed or []) if type == "ok" else None
        elif listed is not None:
            op.context = self.source(op, listed, found["by"])
        if found["inner"]:
            op.parent, op.items = self.parents[letter].id, [self.parents[letter].value]
        elif f in ("add", "remove"):
            self.parents[letter] = op
        self.h.ops.append(op)
        return op

    def source(self, op: Op, listed: list[str], by: str | None) -> int:
        reader = op.process % 26 if by is None else ord(by) - ord("a")
        for read in reversed(self.h.ops):
            theirs = read.f == "get" and read.ok and (read.process % 26, read.key) == (reader, op.key)
            if theirs and sorted(read.result) == sorted(listed):
                return read.id
        raise AssertionError(f"no get of process {reader} returned {listed} before operation {op.id}")

    def finals(self, text: str) -> None:
        found = re.fullmatch(r"F\s*(?P<key>[a-z])?\s*(?P<sets>[^\[]*)(?:\[(?P<at>\d+)\])?", text)
        assert found, f"cannot read the finals `{text}`"
        key = found["key"] or "x"
        self.now = int(found["at"] or self.now)
        if self.h.phase_start("final") is None:
            self.h.phases.append((self.now * MS, "final"))
        round = 1 + max((final.round for final in self.h.finals if final.key == key), default=0)
        sets = [part.strip() for part in re.split(r"\|(?=\s*[{-])", found["sets"])]
        nodes = self.h.meta["nodes"][: self.h.config["n"]]
        for node, held in zip(nodes, sets * len(nodes) if len(sets) == 1 else sets, strict=False):
            values = None if held == "-" else list(_items(held.strip("{}")))
            self.h.finals.append(Final(self.now * MS, node, key, values, round))
        self.now += 1

    def fault(self, text: str) -> None:
        found = _FAULT.fullmatch(text)
        assert found, f"cannot read the fault `{text}`"
        args = [arg.strip() for arg in found["args"].split(",") if arg.strip()]
        pairs = (arg.partition("=") for arg in args if "=" in arg)
        details = {name: _scalar(value) for name, _, value in pairs}
        start = int(found["from"]) * MS
        end = int(found["to"]) * MS if found["to"] else None
        nodes = [arg for arg in args if "=" not in arg]
        name = f"f{len(self.h.faults) + 1}"
        self.h.faults.append(Fault(name, found["fault"], nodes, start, start, start, end, details))

    def phase(self, text: str) -> None:
        found = _PHASE.fullmatch(text)
        assert found, f"cannot read the phase `{text}`"
        self.now = int(found["at"] or self.now)
        self.h.phases.append((self.now * MS, found["name"]))


def _items(text: str) -> list[str]:
    parts = text.split() if "|" in text else text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _scalar(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def jsonl(h: History) -> str:
    """The same history as text of version 1: JSON Lines, in order of time, invocations before returns."""
    events: list[tuple[int, int, int, dict[str, Any]]] = []
    for op in h.ops:
        head = {"kind": "op", "op": op.id, "process": op.process, "f": op.f, "key": op.key}
        asked = {"value": op.value} if op.f in ("put", "add", "remove") else {}
        optional = {name: getattr(op, name) for name in ("context", "node", "parent", "items")}
        extra = {name: value for name, value in optional.items() if value is not None}
        events.append((op.inv, 1, op.id, {**head, "type": "invoke", "time": op.inv, **asked, **extra}))
        time = op.gave_up if op.type == "info" else op.ret
        if time is None:
            continue
        answer: dict[str, Any] = {"value": op.result} if op.f in _READS and op.ok else {}
        answer |= {"attempts": op.attempts} if op.attempts > 1 else {}
        events.append((time, 2, op.id, {**head, "type": op.type, "time": time, **answer}))
    for fault in h.faults:
        head = {"kind": "fault", "id": fault.id, "fault": fault.fault, "nodes": fault.nodes, **fault.details}
        moments = ("requested", "effective", "verified", "healed")
        for rank, (name, at) in enumerate((name, getattr(fault, name)) for name in moments):
            if at is not None:
                events.append((at, 0, rank, {**head, "type": name, "time": at}))
    events += [(at, 0, 9, {"kind": "phase", "time": at, "name": name}) for at, name in h.phases]
    for final in h.finals:
        values = {name: getattr(final, name) for name in ("time", "node", "key", "values", "round")}
        events.append((final.time, 3, final.round, {"kind": "final", **values}))
    events += [(s.time, 3, 0, {"kind": "state", "time": s.time, "node": s.node, **s.facts}) for s in h.states]
    lines = [{"kind": "meta", **h.meta}, *(event for *_, event in sorted(events, key=lambda e: e[:3]))]
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
