"""What clients do with siblings (section 6): merge them by what they mean, or let the last one win.

The store never looks into a value; these are for clients whose values have a form of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Reconciler = Callable[[Sequence[bytes]], bytes]
"""All siblings of a key (none if it was never written) -> the one value that they amount to."""


def cart_union(siblings: Sequence[bytes]) -> bytes:
    """The paper's shopping cart: an item in any sibling is in the cart, one a line, sorted.

    So that "add to cart" is never lost; the price is that removed items may come back (4.4).
    """
    return cart(item for sibling in siblings for item in items(sibling))


def cart(items_: Iterable[bytes]) -> bytes:
    """Items as a value: distinct, sorted, one a line. Raises ValueError on an empty item or a line break."""
    distinct = sorted(dict.fromkeys(items_))
    if any(not item or b"\n" in item for item in distinct):
        raise ValueError("an item is not empty and has no line break")
    return b"\n".join(distinct)


def items(value: bytes) -> list[bytes]:
    """A cart's items."""
    return value.split(b"\n") if value else []


def last_writer(siblings: Sequence[bytes]) -> bytes:
    """The sibling that was stamped last (`stamped`); of equal stamps the larger value."""
    return max(siblings, key=_stamp_and_value, default=b"")


def stamped(wall_ns: int, value: bytes) -> bytes:
    """A value with the time of its writing in front, for `last_writer`."""
    return b"%d %b" % (wall_ns, value)


def unstamped(value: bytes) -> bytes:
    """What `stamped` was given."""
    return value.partition(b" ")[2]


def _stamp_and_value(value: bytes) -> tuple[int, bytes]:
    stamp, _, rest = value.partition(b" ")
    return int(stamp), rest
