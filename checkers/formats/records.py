"""Jepsen's operations in plain values: one end of an operation, and both ends together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checkers.errors import HistoryError


@dataclass(slots=True)
class Record:
    """One end of an operation, in plain Python values.

    `line` is where it begins in the file; where that is not known, `number` (from 0) says which one it is.
    """

    process: Any
    type: str
    f: str
    value: Any
    time: Any = None
    error: Any = None
    line: int | None = None
    number: int | None = None

    def refused(self, path: str, message: str, field: str | None = None) -> HistoryError:
        """The error that says what is wrong with this record, and where it stands."""
        place = f"operation {self.number}: " if self.line is None and self.number is not None else ""
        return HistoryError(path, place + message, self.line, field)


@dataclass(slots=True)
class Call:
    """One whole operation; `end` is None if it was never completed."""

    start: Record
    inv: int
    end: Record | None = None
    ret: int | None = None

    @property
    def outcome(self) -> str:
        """ok, fail or info."""
        return "info" if self.end is None else self.end.type

    @property
    def asked(self) -> Any:
        """The value asked with; where the invocation leaves it away, the completion's (as Knossos does)."""
        if self.start.value is None and self.end is not None and self.end.type != "ok":
            return self.end.value
        return self.start.value

    @property
    def answer(self) -> Any:
        """The value that came back."""
        return None if self.end is None else self.end.value
