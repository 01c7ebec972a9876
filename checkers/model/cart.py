"""How a cart is written into one value of a multi-value register, and how it is read back.

A register value is `<unique id>|<tag>,<tag>...`: the unique id is `process:counter`, as for any register
value; the tags are the cart's elements, possibly none after the bar. The workload writes it, this reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def tags_of(value: Any) -> tuple[str, ...]:
    """The tags of one register value, in the order written; none if it is not a cart's value."""
    if not isinstance(value, str) or "|" not in value:
        return ()
    return tuple(tag for tag in value.partition("|")[2].split(",") if tag)


def union(values: Iterable[Any]) -> set[str]:
    """All tags of the sibling values: what a client sees of the cart that they make together."""
    return {tag for value in values for tag in tags_of(value)}
