r"""Reads Jepsen's text logs: `INFO  jepsen.util - 3 :invoke :write 4`, one end of an operation a line; and
its `history.txt`, which has the same columns and nothing before them.

Lines of other kinds are passed over. A `:fail` cas is a real outcome here: the value was not the expected
one. A `:fail` read tells nothing (`:timed-out`), and what never completes stays open to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkers.errors import HistoryError
from checkers.formats.foreign.edn_values import forms
from checkers.formats.foreign.jepsen import assemble
from checkers.formats.foreign.records import Record, word
from checkers.formats.limits import Malformed
from checkers.model.history import History

_TYPE = re.compile(r"\s:(invoke|ok|fail|info)\s++(?::([^\s,;\"()\[\]{}]++)|nil)(?:\s++(?=\S)|\Z)")
_PROCESS = re.compile(r":?[\w-]++\Z")
_LEVEL = re.compile(r"\b(?:INFO|WARN)\b")


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file and line."""
    data = path.read_bytes() if content is None else content
    text = data.decode("utf-8-sig", errors="replace")
    return assemble(str(path), _records(str(path), text), failed_cas_saw=True)


def _records(path: str, text: str) -> Iterator[Record]:
    empty = True
    known: dict[tuple[str, bool], tuple[Any, Any]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip()
        found = _TYPE.search(line)
        if found is None:
            continue
        head = line[: found.start()].split()
        if (
            not head
            or not _PROCESS.match(head[-1])
            or (head[1:] and not _LEVEL.search(line, 0, found.start()))
        ):
            continue
        empty = False
        process, kind, rest = head[-1], found[1], line[found.end() :]
        is_client = process.isascii() and process.isdigit() and len(process) < 10
        value: Any
        value, error = rest, None
        if is_client:
            said = rest or "nil", kind in ("fail", "info")
            if said not in known:
                known[said] = _value(path, number, *said)
            value, error = known[said]
        yield Record(
            process=int(process) if is_client else word(process),
            type=kind,
            f=found[2] or "",
            value=value,
            error=error,
            line=number,
        )
    if empty:
        raise HistoryError(path, "no line of this log is an operation (`… 3 :invoke :write 4`)")


def _value(path: str, number: int, text: str, may_be_error: bool) -> tuple[Any, Any]:
    """The value and, behind it or instead of it, the error."""
    try:
        found = [value for _, value in forms(text)]
    except Malformed as error:
        raise HistoryError(path, f"`{text[:60]}` is not EDN: {error.message}", number, "value") from None
    if may_be_error and len(found) == 1 and text.startswith(":"):
        return None, found[0]
    value, *rest = found or [None]
    return value, rest[0] if rest else None
