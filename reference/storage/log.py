"""The engine over a disk: a batch is one record, one sync makes many batches durable (group commit).

It serves `engine: log`, where the disk is an append-only file, and `engine: sqlite`, where it is a database
and a sync is one transaction.

Nothing is applied, so nothing is visible to a read or a message, before the sync that covers it has ended: a
power cut never takes back what somebody saw.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from reference.runtime import Future, Runtime
from reference.storage.engine import Apply, Batch


class LogEngine:
    """Batches in the order of their commits."""

    buffered = False

    def __init__(self, runtime: Runtime, apply: Apply) -> None:
        self._runtime = runtime
        self._apply = apply
        self._waiting: list[tuple[Batch, Future]] = []
        self._noted: list[Batch] = []
        self._flushing = False

    def recover(self) -> Iterable[Batch]:
        """Every whole record on the disk."""
        return self._runtime.disk.records()

    def ready(self) -> Awaitable[None]:
        """One sync over what the last incarnation wrote."""
        return self._runtime.disk.sync()

    def commit(self, batch: Batch) -> Future:
        """Joins the flush under way, or starts one."""
        done = self._runtime.future()
        self._waiting.append((batch, done))
        if not self._flushing:
            self._flushing = True
            self._runtime.spawn(self._flush())
        return done

    accept = commit

    def note(self, batch: Batch) -> None:
        """Written before the next commit's batch."""
        self._noted.append(batch)

    async def _flush(self) -> None:
        disk = self._runtime.disk
        while self._waiting:
            taken, self._waiting = self._waiting, []
            noted, self._noted = self._noted, []
            for batch in noted:
                disk.append(batch)
            for batch, _ in taken:
                disk.append(batch)
            await disk.sync()
            for batch, done in taken:
                self._apply(batch)
                done.resolve(True)
        self._flushing = False
