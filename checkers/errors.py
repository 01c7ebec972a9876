"""What the library raises on bad input: one line that names file, line, field and the fix."""

from __future__ import annotations


class InputError(Exception):
    """The caller's input cannot be judged as it is; the message is one line and says what to change."""


class HistoryError(InputError):
    """A history that cannot be read. `path`, `line` (from 1) and `field` say where, as far as known."""

    def __init__(self, path: str, message: str, line: int | None = None, field: str | None = None) -> None:
        place = path if line is None else f"{path}:{line}"
        named = "" if field is None else f"field `{field}`: "
        super().__init__(f"{place}: {named}{message}")
        self.path = path
        self.line = line
        self.field = field


class PromiseError(InputError):
    """A promise that nobody has defined."""


class TooLarge(Exception):
    """More than can be held in memory: whoever needs it cannot tell, and says why."""
