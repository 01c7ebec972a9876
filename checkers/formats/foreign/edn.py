"""Reads Jepsen's `history.edn`: a vector of op maps, bare op maps, or `[process type f value]` vectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkers.errors import HistoryError
from checkers.formats.foreign.edn_values import forms
from checkers.formats.foreign.jepsen import assemble
from checkers.formats.foreign.records import Record, record_of
from checkers.formats.limits import Malformed
from checkers.model.history import History

_VECTOR = ("process", "type", "f", "value")


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file, line and field."""
    data = path.read_bytes() if content is None else content
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HistoryError(str(path), f"is not UTF-8 ({error.reason} at byte {error.start})") from None
    return assemble(str(path), _records(str(path), text))


def _records(path: str, text: str) -> Iterator[Record]:
    line, counted = 1, 0
    found = forms(text, look_through=True)
    empty = True
    while True:
        try:
            at, form = next(found)
        except StopIteration:
            break
        except Malformed as error:
            place = text.count("\n", 0, error.at) + 1
            raise HistoryError(path, f"is not EDN: {error.message}", place) from None
        line, counted = line + text.count("\n", counted, at), at
        empty = False
        yield record_of(path, _fields(path, line, form), line)
    if empty:
        raise HistoryError(path, "no operations: a history is a vector of op maps, or bare op maps")


def _fields(path: str, line: int, form: Any) -> dict[str, Any]:
    if isinstance(form, dict):
        return {name.removeprefix(":"): value for name, value in form.items()}
    if isinstance(form, list) and len(form) >= 3:
        return dict(zip(_VECTOR, form, strict=False))
    raise HistoryError(path, "expected an op map {:process … :type … :f …} or [process type f value]", line)
