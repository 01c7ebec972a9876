"""What a node may ask of the world, and nothing else: time, tasks, messages, randomness, a disk.

Node modules import no asyncio, time, random or os. The same coroutines run in a simulation (virtual time,
one seed) and on real sockets. Monotonic and wall clock are separate calls, so that clock skew touches only
what reads the wall clock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Iterable
from typing import Any, Protocol


class Rng(Protocol):
    """A stream of random numbers, named after the node and its incarnation."""

    def random(self) -> float:
        """A float in [0, 1)."""

    def getrandbits(self, k: int, /) -> int:
        """An integer of k random bits."""

    def shuffle(self, x: list[Any], /) -> None:
        """Shuffle in place."""


class Future(Protocol):
    """A value to come; the first `resolve` counts."""

    def resolve(self, value: Any) -> None:
        """Give it its value."""

    def done(self) -> bool:
        """Whether it has its value."""

    def __await__(self) -> Any: ...


class Disk(Protocol):
    """An append-only sequence of records that survives a kill; a power cut loses what was not synced."""

    def append(self, record: Any) -> None:
        """Write a record; it is not yet durable. Records are whole or absent after a crash, in order."""

    def sync(self) -> Awaitable[None]:
        """Returns once everything appended before the call is durable."""

    def records(self) -> Iterable[Any]:
        """What a start finds."""


class Runtime(Protocol):
    """The world of one incarnation of one node. Once that incarnation is dead, nothing of it runs again."""

    name: str
    rng: Rng
    disk: Disk

    def now(self) -> int:
        """Monotonic nanoseconds."""

    def wall(self) -> int:
        """The wall clock, nanoseconds since the epoch, which may jump."""

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait on the monotonic clock."""

    def send(self, to: str, message: Any) -> None:
        """Send to a node or client; may be lost, late, twice or out of order. Never raises, never waits.

        The transport names the receiver's incarnation: a message for an earlier one is dropped.
        """

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run beside the caller."""

    def future(self, timeout_s: float | None = None) -> Future:
        """A future that resolves to None by itself after `timeout_s`."""
