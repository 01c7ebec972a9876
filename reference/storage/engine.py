"""The one interface of local persistence (section 5): batches that become durable whole, in order.

A batch is a tuple of records; a copy and the hints that go with it are one batch, or a power cut could keep
the copy and lose the hints, and replicas would never agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from reference.floors import Floor
from reference.membership import Change
from reference.requests import Once


class Copy(NamedTuple):
    """This node's copy of a key is now this state; None: it is forgotten."""

    key: str
    state: Any


class Hint(NamedTuple):
    """The state held for an owner that has not acknowledged it; None: delivered, forget it."""

    owner: str
    key: str
    state: Any


class Decision(NamedTuple):
    """A change of membership that this node knows (`membership.Change`)."""

    change: Change


class Written(NamedTuple):
    """This write of a client is among what the other records of its batch store."""

    once: Once


class FloorLaid(NamedTuple):
    """The key's clock was cut down: until further notice nothing below these comes back; None: the notice."""

    key: str
    state: tuple[Floor, ...] | None


Record = Copy | Hint | Decision | Written | FloorLaid
Batch = tuple[Record, ...]


Apply = Callable[[Batch], None]
"""Called with each batch as soon as it may be seen, in the order of the commits."""


class StorageError(Exception):
    """What is stored cannot be read; the message says where and what to do."""


class Engine(Protocol):
    """Where batches go."""

    @property
    def buffered(self) -> bool:
        """Whether something was accepted that is not yet durable."""

    def recover(self) -> Iterable[Batch]:
        """Everything durable, oldest first; called once, at the start."""

    def ready(self) -> Any:
        """Returns an awaitable: once it ends, all that was recovered is durable and may be shown.

        After a kill the log may hold records that no sync has covered: a power cut could take them back.
        """

    def commit(self, batch: Batch) -> Any:
        """Returns an awaitable: once it ends, this batch and all before it are durable."""

    def accept(self, batch: Batch) -> Any:
        """Like `commit`, but under `durability: buffer` it may end before the batch is durable."""

    def note(self, batch: Batch) -> None:
        """Let it become durable with the next commit; losing it must be harmless."""
