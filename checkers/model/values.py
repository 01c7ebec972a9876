"""Values as a history has them: JSON's scalars, each kind equal to itself alone.

To Python `True == 1`, so a store that answers true where 1 was put would pass every check that compares
with `==`. Whatever reads a history therefore brings its values through this door: booleans become `TRUE` and
`FALSE`, which equal nothing but themselves. 1 and 1.0 stay one number, as to Python; text equals text only.
Where a name has to be text (keys, elements of sets), `name_of` gives each value its own.
"""

from __future__ import annotations

import json
import re
from typing import Any


class Boolean:
    """true or false, as a value: there are two of them, and each equals itself alone (by identity)."""

    __slots__ = ("_is_true",)

    def __init__(self, is_true: bool) -> None:
        self._is_true = is_true

    def __bool__(self) -> bool:
        return self._is_true

    def __repr__(self) -> str:
        return "true" if self._is_true else "false"

    def __hash__(self) -> int:  # by default it is an address: sets would then differ in order from run to run
        return 7919 + self._is_true

    def __eq__(self, other: object) -> bool:
        return self is other

    def __reduce__(self) -> tuple[Any, ...]:
        return value_of, (self._is_true,)


TRUE, FALSE = Boolean(True), Boolean(False)

_QUOTED = re.compile(r'"|(?:true|false|null|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\Z')
"""Text that might be taken for the name of another kind of value, or for quoted text."""


def value_of(given: Any) -> Any:
    """A decoded JSON value as a value of the model; lists and objects keep their shape."""
    if given is True:
        return TRUE
    if given is False:
        return FALSE
    if type(given) is list:
        return [value_of(one) for one in given]
    if type(given) is dict:
        return {name: value_of(one) for name, one in given.items()}
    return given


def plain(value: Any) -> Any:
    """The way back: what a JSON encoder takes, in lists, tuples and objects too."""
    if type(value) is Boolean:
        return bool(value)
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {plain(name) if type(name) is Boolean else name: plain(one) for name, one in value.items()}
    return value


def name_of(value: Any) -> str:
    """The name of a key or an element: equal values have one name, and no two others share it.

    Text is its own name (`k1`), a number is written out (`1`, also for 1.0), and text that looks like a
    number, a boolean, null or quoted text is put in quotes: the text 1 is named `"1"`.
    """
    if type(value) is str:
        return json.dumps(value, ensure_ascii=False) if _QUOTED.match(value) else value
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def named(name: str) -> Any:
    """The value that has this name: the way back from `name_of`."""
    if not _QUOTED.match(name):
        return name
    try:
        return value_of(json.loads(name))
    except ValueError:  # a name that came otherwise than from `name_of`
        return name


def is_number(value: Any) -> bool:
    """Whether it is a number; Python's own booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
