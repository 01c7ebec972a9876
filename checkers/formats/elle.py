"""Reads what elle-cli reads: a JSON list of op objects, or one object a line.

`{"type": "invoke", "process": 0, "f": "txn", "value": [["w", "x", 1]]}`; registers, sets, counters and
mutexes have plain functions (`read write cas add acquire release`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from checkers.errors import HistoryError
from checkers.formats.jepsen import assemble
from checkers.formats.records import Record
from checkers.model.history import History


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file, line (or operation) and field."""
    data = path.read_bytes() if content is None else content
    return assemble(str(path), _records(str(path), data))


def _records(path: str, data: bytes) -> Iterator[Record]:
    for line, number, fields in _objects(path, data):
        record = Record(None, "", "", None, line=line, number=number)
        if not isinstance(fields, dict):
            raise record.refused(path, "expected an object with process, type and f")
        value, f, process = fields.get("value"), fields.get("f"), fields.get("process")
        if f is None and isinstance(value, list):
            f = "txn"  # Elle's own histories may leave it away
        for name, given in (("process", process), ("type", fields.get("type")), ("f", f)):
            if given is None:
                raise record.refused(path, "is missing: every operation needs it", name)
        record.process = int(process) if isinstance(process, str) and process.isdigit() else process
        record.type, record.f = str(fields["type"]).removeprefix(":"), str(f).removeprefix(":")
        record.value, record.time, record.error = value, fields.get("time"), fields.get("error")
        yield record


def _objects(path: str, data: bytes) -> Iterator[tuple[int | None, int | None, Any]]:
    """(line, None, operation) where operations stand a line each, (None, number, operation) in one list."""
    if data.lstrip().startswith(b"["):
        try:
            found = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise HistoryError(path, f"is not one whole JSON list ({error}): is it cut off?") from None
        yield from ((None, number, fields) for number, fields in enumerate(found))
        return
    for line, text in enumerate(data.split(b"\n"), 1):
        if text.strip():
            try:
                yield line, None, msgspec.json.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise HistoryError(path, f"this line is torn or not JSON ({error})", line) from None
