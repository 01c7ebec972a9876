"""What a file may hold: how deep it nests, how long its numbers are. Beyond that it is the file's error."""

from __future__ import annotations

import math
from typing import Any

BOM = b"\xef\xbb\xbf"
"""A byte order mark, which may stand before any text."""
DEPTH = 100
"""Levels of collections in one another: Jepsen's deepest values, printed exceptions, have about ten."""
DIGITS = 300
"""Digits of an integer: what a float can hold, so that sums of both can be compared."""
LARGEST = 10**DIGITS


class Malformed(ValueError):
    """A text breaks its format. `at`: where, in characters from its beginning."""

    def __init__(self, message: str, at: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def integer(text: str, at: int = 0) -> int:
    """The whole number of these digits. Raises Malformed if they are too many."""
    if len(text) > DIGITS:
        raise Malformed(f"an integer of {len(text)} digits: at most {DIGITS} are read", at)
    return int(text)


def decimal(text: str, at: int = 0) -> float:
    """The number of these digits. Raises Malformed if it is too large."""
    found = float(text)
    if not math.isfinite(found):
        raise Malformed(f"`{text[:40]}` is too large a number", at)
    return found


def complaint(value: Any, depth: int = 0) -> str | None:
    """What of a decoded JSON value is beyond the limits, or None."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= LARGEST:
        return f"an integer of more than {DIGITS} digits"
    if isinstance(value, (list, dict)):
        if depth >= DEPTH:
            return f"is nested more than {DEPTH} deep"
        parts = value if isinstance(value, list) else value.values()
        return next((wrong for one in parts if (wrong := complaint(one, depth + 1))), None)
    return None
