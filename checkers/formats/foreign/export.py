"""Writes a history for other judges: Elle and Knossos (both by elle-cli's JSON) and Jepsen's EDN.

Only what they can express is written, and what they cannot is refused with the operation that shows it: a
read of several siblings, a delete for Elle, a cas for Elle, several keys for Knossos.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from checkers.errors import InputError
from checkers.formats.foreign.last_reads import marked
from checkers.model.history import History, Op
from checkers.model.values import Boolean, name_of, named, plain

Row = dict[str, Any]
_AS = {"get": "read", "put": "write", "delete": "write", "members": "read", "total": "read", "incr": "add"}
_READS = frozenset({"read", "get", "members", "total"})
_KEYWORD = re.compile(r":[A-Za-z0-9*+!?_.<>=/-]+")
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\["\\/bfnrt])*"')


class ExportError(InputError):
    """The other tool's format cannot say what this history says."""


def elle_json(history: History, key: str | None = None) -> str:
    """elle-cli's JSON: registers as one-step transactions (`-m rw-register`), sets and counters plainly."""
    ops = _ops(history, key)
    return _json(_rows(ops, _plain if _has_elements(ops) else _step, marked(history.finals)))


def knossos_json(history: History, key: str | None = None) -> str:
    """elle-cli's JSON for Knossos (`-m cas-register`): one key's plain reads, writes and cas."""
    ops = _ops(history, key)
    keys = list(dict.fromkeys(op.key for op in ops))
    if len(keys) > 1:
        raise ExportError(f"{len(keys)} keys, and Knossos judges one register: name one with --key {keys[0]}")
    return _json(_rows(ops, _plain))


def jepsen_edn(history: History, key: str | None = None) -> str:
    """Jepsen's `history.edn`, an op map a line; the values of several keys are [key value] tuples."""
    ops = _ops(history, key)
    keyed = len({op.key for op in ops}) > 1
    rows = _rows(ops, _tuple if keyed else _plain, marked(history.finals))
    return "\n".join(_edn_row(row) for row in rows) + "\n"


def _ops(history: History, key: str | None) -> list[Op]:
    found = [op for op in history.top_ops if key is None or op.key in (key, name_of(key))]
    if key is not None and not found:
        raise ExportError(f"no operation touches the key `{key}`")
    for op in found:
        if op.f == "remove":
            raise ExportError(f"operation {op.id} is a remove: Jepsen's and Elle's sets only add and read")
    return found


def _has_elements(ops: list[Op]) -> bool:
    return any(op.f in ("add", "members", "incr", "total") for op in ops)


def _rows(
    ops: list[Op], value: Callable[[Op, Any], tuple[str, Any]], finals: Collection[int] = ()
) -> Iterator[Row]:
    """Both ends of every operation in order of time: at equal times, invocations first.

    An operation that begins in the nanosecond in which its process ended another gets a process of its own,
    as after a crash, and so does one that follows an unanswered read: no order is claimed that is not there.
    """
    ends = [(op.inv, 0, op) for op in ops]
    ends += [(_end(op), 1, op) for op in ops if _end(op) is not None]
    ends.sort(key=lambda end: end[:2])
    fresh = max((op.process for op in ops), default=0) + 1
    running: dict[int, Op] = {}
    names: dict[int, int] = {}
    for index, (time, end, op) in enumerate(ends):
        if end == 0 and op.process in running:
            names[op.id], fresh = fresh, fresh + 1
        elif end == 0:
            running[op.process] = op
        elif running.get(op.process) is op and not _open(op):
            del running[op.process]
        asked = op.value if end == 0 or op.type != "ok" else _answer(op)
        f, given = value(op, None if op.f in _READS and (end == 0 or op.type != "ok") else asked)
        kind = "invoke" if end == 0 else "info" if _open(op) else op.type if op.type != "info" else "fail"
        row = {"type": kind, "f": f, "value": given, "process": names.get(op.id, op.process)}
        row.update(time=time, index=index)
        if op.id in finals:
            row["final?"] = True
        if end and op.error:
            row["error"] = op.error
        yield row


def _end(op: Op) -> Any:
    return op.gave_up if op.type == "info" else op.ret


def _open(op: Op) -> bool:
    """Unanswered, and it may have done something; an unanswered read did nothing, so it is a `fail`."""
    return op.type == "info" and op.f not in _READS


def _answer(op: Op) -> Any:
    if op.f == "get":
        values = op.result or []
        if len(values) > 1:
            raise ExportError(
                f"operation {op.id} read {len(values)} siblings of `{op.key}`: a register of Elle's or "
                "Knossos's holds one value; --key names a key without siblings"
            )
        return values[0] if values else None
    return op.result if op.f in _READS else op.value


def _plain(op: Op, value: Any) -> tuple[str, Any]:
    return _AS.get(op.f, op.f), None if op.f == "delete" else value


def _tuple(op: Op, value: Any) -> tuple[str, Any]:
    f, given = _plain(op, value)
    return f, [_key(op), given]


def _step(op: Op, value: Any) -> tuple[str, Any]:
    if op.f in ("delete", "cas"):
        raise ExportError(f"operation {op.id} is a {op.f}: Elle's rw-register reads and writes, nothing else")
    return "txn", [["r" if op.f in _READS else "w", _key(op), value]]


def _key(op: Op) -> Any:
    return None if op.key is None else named(op.key)


def _json(rows: Iterator[Row]) -> str:
    return "[" + ",\n".join(json.dumps(row, ensure_ascii=False, default=plain) for row in rows) + "]\n"


def _edn_row(row: Row) -> str:
    fields = [f":{name} {_edn(value, name in ('type', 'f'))}" for name, value in row.items()]
    return "{" + ", ".join(fields) + "}"


def _edn(value: Any, keyword: bool = False) -> str:
    if keyword:
        return f":{value}"
    if value is None or isinstance(value, (bool, Boolean)):
        return "nil" if value is None else str(value).lower()
    if isinstance(value, list):
        return "[" + " ".join(_edn(item) for item in value) + "]"
    if isinstance(value, str) and (_KEYWORD.fullmatch(value) or _QUOTED.fullmatch(value)):
        return value  # as EDN is read, a keyword has its colon, and text that looks like one its quotes
    return json.dumps(value, ensure_ascii=False)


def write_with(text: Callable[[History, str | None], str]) -> Callable[[History, Path, str | None], None]:
    """A writer of files out of one of the functions above."""
    return lambda history, path, key: _save(path, text(history, key))


def _save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
