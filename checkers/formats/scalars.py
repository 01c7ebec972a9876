"""What the lines of a history may hold as values: scalars, typed as the model has them, within limits."""

from __future__ import annotations

from typing import Any

import msgspec

from checkers.formats.limits import DIGITS, LARGEST, complaint
from checkers.model.values import FALSE, TRUE, Boolean

SCALARS = (str, int, float, Boolean, type(None))
"""What a value may be, once it is typed."""


class Refusal(Exception):
    """This line breaks the contract; the reader adds the file and the line."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def typed(value: Any) -> Any:
    """As `values.value_of`, made short for what most lines hold. Raises Refusal for an integer too long."""
    if value is True or value is False:
        return TRUE if value else FALSE
    if type(value) is int and not -LARGEST < value < LARGEST:
        raise Refusal(f"an integer of more than {DIGITS} digits", "value")
    return list(map(typed, value)) if type(value) is list else value


def fields_of(line: bytes) -> dict[str, Any]:
    """A line's fields as plain JSON, for kinds that keep all of them. Raises Refusal beyond the limits."""
    fields: dict[str, Any] = msgspec.json.decode(line)
    if wrong := complaint(fields):
        raise Refusal(wrong)
    return fields


def all_scalars(values: list[Any]) -> bool:
    """Whether a list, once typed, holds nothing else."""
    return all(isinstance(value, SCALARS) for value in values)


def named_kind(value: Any) -> str:
    """What it is instead of a scalar, in words."""
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "nothing"
