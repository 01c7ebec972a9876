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
from checkers.formats.foreign.jepsen import assemble
from checkers.formats.foreign.records import Record, record_of
from checkers.formats.limits import BOM, DEPTH, complaint
from checkers.model.history import History
from checkers.model.values import value_of


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file, line (or operation) and field."""
    data = (path.read_bytes() if content is None else content).removeprefix(BOM)
    return assemble(str(path), _records(str(path), data))


def _records(path: str, data: bytes) -> Iterator[Record]:
    for line, number, fields in _objects(path, data):
        if not isinstance(fields, dict):
            record = Record(None, "", "", None, line=line, number=number)
            raise record.refused(path, "expected an object with process, type and f")
        if wrong := complaint(fields):
            raise Record(None, "", "", None, line=line, number=number).refused(path, wrong)
        yield record_of(path, value_of(fields), line, number)


def _objects(path: str, data: bytes) -> Iterator[tuple[int | None, int | None, Any]]:
    """(line, None, operation) where operations stand a line each, (None, number, operation) in one list."""
    if data.lstrip().startswith(b"["):
        try:
            found = msgspec.json.decode(data)
        except RecursionError:
            raise HistoryError(path, f"is nested more than {DEPTH} deep") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            cut = ": is it cut off?" if "truncated" in str(error) else ""
            raise HistoryError(path, f"is not one whole JSON list ({error}){cut}") from None
        yield from ((None, number, fields) for number, fields in enumerate(found))
        return
    for line, text in enumerate(data.split(b"\n"), 1):
        if text.strip():
            try:
                yield line, None, msgspec.json.decode(text)
            except RecursionError:
                raise HistoryError(path, f"is nested more than {DEPTH} deep", line) from None
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                what = "is torn" if "truncated" in str(error) else "is not JSON"
                raise HistoryError(path, f"this line {what} ({error})", line) from None
