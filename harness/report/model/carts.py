"""Carts in words: of dozens of items, those that an argument is about, and how many more there are.

The whole value stands in the history and in `results.json`; on a page it hides what differs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from checkers.model.history import Op

MOST_ITEMS = 4
"""A cart with more items is told by those that matter."""
_ITEM = r"""[^\s\[\]{}'"`()|,]+"""
_CART = re.compile(rf"({_ITEM})\|({_ITEM}(?:,{_ITEM}){{{MOST_ITEMS},}})")
"""`<unique id>|<item>,<item>...` as `checkers.model.cart` has it, with many items."""
_AFTER = ".:;!?"


def short(text: str, focus: Collection[str] = ()) -> str:
    """The text with every large cart in it cut down to the items of `focus`: `9:3|4:1 and 59 more`."""
    return _CART.sub(lambda found: f"{found[1]}|{_some(found[2], focus)}", text)


def _some(items: str, focus: Collection[str]) -> str:
    bare = items.rstrip(_AFTER)
    return few(bare.split(","), focus) + items[len(bare) :]


def few(items: list[str], focus: Collection[str] = ()) -> str:
    """A list of items: all of a few; of many, at most four that matter, and how many more there are."""
    if len(items) <= MOST_ITEMS:
        return ", ".join(items)
    shown = [item for item in items if item in focus][:MOST_ITEMS]
    rest = len(items) - len(shown)
    return f"{','.join(shown)} and {rest} more" if shown and rest else ",".join(shown) or f"{rest} items"


def differing(ops: Iterable[Op]) -> frozenset[str]:
    """The items that these operations added or removed."""
    found: set[str] = set()
    for op in ops:
        found.update(map(str, op.items or ()))
        if op.f in ("add", "remove") and op.value is not None:
            found.add(str(op.value))
    return frozenset(found)
