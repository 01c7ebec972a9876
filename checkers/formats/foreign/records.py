"""Jepsen's operations in plain values: one end of an operation, and both ends together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from checkers.errors import HistoryError

_TRANSACTION = "txn"


@dataclass(slots=True)
class Record:
    """One end of an operation, in plain Python values.

    `line` is where it begins in the file; where that is not known, `number` (from 0) says which one it is.
    """

    process: Any
    type: str
    f: str
    """Empty where the file does not say it: the nemesis's, or a completion's."""
    value: Any
    time: Any = None
    error: Any = None
    line: int | None = None
    number: int | None = None
    key: Any = None
    """The field `key`, where there is one."""
    final: bool = False
    """Whether it is marked `:final? true`."""
    says_value: bool = True
    """Whether a value stands there, be it nil."""

    @property
    def is_client(self) -> bool:
        """Whether a client did it: those have numbers, the nemesis a name."""
        return isinstance(self.process, int)

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
        """The value that came back with an ok."""
        return None if self.end is None or self.end.type != "ok" else self.end.value

    @property
    def last(self) -> Record:
        """The end that says more: the completion, if there is one."""
        return self.end or self.start

    @property
    def final(self) -> bool:
        """Whether either end is marked as a final read."""
        return self.start.final or (self.end is not None and self.end.final)


def record_of(
    path: str, fields: dict[str, Any], line: int | None = None, number: int | None = None
) -> Record:
    """The record of an op map (names without colons). Raises HistoryError, naming place and field."""
    record = Record(None, "", "", fields.get("value"), line=line, number=number)
    process, kind, f = fields.get("process"), fields.get("type"), fields.get("f")
    for name, given in (("process", process), ("type", kind)):
        if given is None:
            raise record.refused(path, "is missing: every operation needs it", name)
        if not isinstance(given, str) and (name == "type" or type(given) is not int):
            wanted = "a word" if name == "type" else "a number (a client's) or a name (the nemesis's)"
            raise record.refused(path, f"expected {wanted}, got {shown(given)}", name)
    record.process = word(process)
    if isinstance(process, str) and process.isascii() and process.isdigit() and len(process) < 10:
        record.process = int(process)
    record.type = word(kind)
    if f is None and record.is_client and record.type == "invoke":
        if not _is_transaction(record.value):
            raise record.refused(path, "is missing: every operation needs it", "f")
        f = _TRANSACTION  # Elle's own histories may leave it away
    if f is not None and not isinstance(f, str):
        raise record.refused(path, f"expected a word, got {shown(f)}", "f")
    record.f = "" if f is None else word(f)
    record.time, record.error = fields.get("time"), fields.get("error")
    record.key, record.says_value = fields.get("key"), "value" in fields
    record.final = bool(fields.get("final?"))
    return record


def word(value: Any) -> Any:
    """A keyword or symbol without its mark; anything else as it is."""
    return value[1:] if isinstance(value, str) and value[:1] in (":", "'") else value


def shown(value: Any) -> str:
    """A value in an error: whole if it is short."""
    text = " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_transaction(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(step, list) for step in value)
