"""The one interface of versions (section 4.4): what a put, a delete and a merge do to a key's state.

A state is immutable and holds all siblings of one key. Merging is commutative, associative and idempotent
(dotted, last-writer), so that replicas which saw the same writes hold the same state, whatever the order.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol


class Event(NamedTuple):
    """Who writes, and when by its own clock. `actor` counts dots, `node` is the paper's Sx."""

    actor: str
    node: str
    wall: int


class Context(NamedTuple):
    """What a get returned beside its values; opaque to clients, good for its own key only."""

    key: str
    clock: Any
    coordinator: str | None = None
    """The owner that answered this read first: a hint for who coordinates the write (section 5)."""


class State(Protocol):
    """All that one replica knows of one key."""

    def digest(self) -> bytes:
        """Equal states have equal digests; computed once."""

    def values(self) -> list[bytes]:
        """The siblings, in an order that all replicas share; a deleted key has none."""

    def clock(self) -> Any:
        """What a context of this state covers."""


class Versions(Protocol):
    """One mode: pure functions on states."""

    empty: Any

    def write(self, state: Any, value: bytes | None, clock: Any | None, event: Event) -> Any:
        """The state after a put (None: a delete) with a context's clock (None: a blind put)."""

    def counter(self, state: Any, clock: Any | None, event: Event) -> int:
        """The counter that such a put would give its version; 0 where versions are not counted."""

    def merge(self, left: Any, right: Any) -> Any:
        """What someone knows who knows both. Returns `left` or `right` itself where that is the answer."""
