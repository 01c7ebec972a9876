r"""Reads Jepsen's text log: `INFO  jepsen.util - 3 :invoke :write 4`, one end of an operation a line.

Lines of other kinds are passed over. A `:fail` cas is a real outcome here: the value was not the expected
one. A `:fail` read tells nothing (`:timed-out`), and what never completes stays open to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkers.errors import HistoryError
from checkers.formats.edn import plain_values
from checkers.formats.jepsen import assemble
from checkers.formats.records import Record
from checkers.model.history import History

_LINE = re.compile(
    r"^.*?\b(?:INFO|WARN)\b.*?\s(?P<process>:?[\w-]+)\s+:(?P<type>invoke|ok|fail|info)\s+:(?P<f>[\w-]+)"
    r"(?:\s+(?P<value>.*?))?\s*$"
)


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file and line."""
    data = path.read_bytes() if content is None else content
    return assemble(str(path), _records(str(path), data.decode(errors="replace")), failed_cas_saw=True)


def _records(path: str, text: str) -> Iterator[Record]:
    count = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line)
        if match is None:
            continue
        count += 1
        process = match["process"]
        plain = process.isdigit()
        value, error = _value(path, number, match["value"] or "nil") if plain else (match["value"], None)
        yield Record(
            process=int(process) if plain else process.removeprefix(":"),
            type=match["type"],
            f=match["f"],
            value=value,
            error=error,
            line=number,
        )
    if not count:
        raise HistoryError(path, "no line of this log is an operation (`… 3 :invoke :write 4`)")


def _value(path: str, number: int, text: str) -> tuple[Any, Any]:
    """The value and, behind it or instead of it, the error."""
    try:
        found = plain_values(text)
    except ValueError as error:
        raise HistoryError(path, f"`{text}` is not EDN: {error}", number, "value") from None
    if len(found) == 1 and text.startswith(":"):
        return None, found[0]
    value, *rest = found or [None]
    return value, rest[0] if rest else None
