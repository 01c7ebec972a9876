"""Object buffering (section 6.1): a write is acknowledged from memory, and a writer stores it later.

It trades durability for latency: what was not yet written is lost with the process. So the coordinator asks
one replica of each write for `commit`, which ends when the write is durable; the others `accept` it. What
nobody waits for (deliveries of hints, exchanges, transfers) is always committed: what was durable at one
node is never given up for a copy that is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from reference.runtime import Future, Runtime
from reference.storage.engine import Apply, Batch, Engine


class Buffering(NamedTuple):
    """When the writer writes: every `flush_s` seconds, and whenever `objects` writes wait."""

    flush_s: float
    objects: int


class BufferEngine:
    """A buffer before another engine. Reads see what is in it, because it is applied as it is accepted."""

    def __init__(
        self, runtime: Runtime, apply: Apply, below: Callable[[Runtime, Apply], Engine], buffering: Buffering
    ) -> None:
        self._runtime = runtime
        self._apply = apply
        self._below = below(runtime, _applied_already)
        self._flush_s, self._objects = buffering
        self._buffer: list[Batch] = []
        self._written: Future = runtime.future()
        """Ends when all that the writer has taken is durable."""
        self._written.resolve(True)
        self._due = False

    @property
    def buffered(self) -> bool:
        """Whether a kill now would lose something."""
        return bool(self._buffer) or not self._written.done()

    def recover(self) -> Iterable[Batch]:
        """What was written."""
        return self._below.recover()

    def ready(self) -> Any:
        """What the engine below needs."""
        return self._below.ready()

    def accept(self, batch: Batch) -> Future:
        """Over at once, unless the buffer is full again before the disk has taken what it held before."""
        self._apply(batch)
        self._buffer.append(batch)
        if len(self._buffer) >= self._objects:
            full_again = not self._written.done()
            written = self._write()
            if full_again:
                return written
        elif not self._due:
            self._due = True
            self._runtime.spawn(self._write_later())
        done = self._runtime.future()
        done.resolve(True)
        return done

    def commit(self, batch: Batch) -> Future:
        """The whole buffer goes to disk with it."""
        if batch:
            self._apply(batch)
            self._buffer.append(batch)
        return self._write()

    def note(self, batch: Batch) -> None:
        """Behind what it is about: in the buffer too."""
        self._buffer.append(batch)

    async def _write_later(self) -> None:
        await self._runtime.sleep(self._flush_s)
        self._due = False
        self._write()

    def _write(self) -> Future:
        """Hand everything to the engine below, in order, as one batch: one sync makes it durable."""
        taken, self._buffer = self._buffer, []
        if taken:
            self._written = self._below.commit(tuple(record for batch in taken for record in batch))
        return self._written


def _applied_already(_batch: Batch) -> None:
    """Readers saw it when it was accepted."""
