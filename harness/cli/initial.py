"""What a register holds before any write, as the command line says it."""

from __future__ import annotations

from typing import Any

import msgspec

from checkers.model.values import value_of
from harness.errors import UsageError


def initial_value(text: str) -> Any:
    """A JSON scalar; a bare word is text. Raises UsageError on a list or an object."""
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    if isinstance(value, (list, dict)):
        raise UsageError(f"--initial {text}: a register holds one JSON scalar, no list and no object")
    return value_of(value)
