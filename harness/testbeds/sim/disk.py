"""Disks that forget what was not synced when the power goes.

A plain one keeps whole records in the order of their writing, and forgets nothing when only the process
dies. A power cut leaves every synced record and a random prefix of the others: a drive may have written more
than it confirmed, but never out of order. A database keeps them in transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Protocol

from harness.testbeds.sim.kernel import NS, Kernel


class SimDisk:
    """One node's disk; it outlives the node's incarnations."""

    __slots__ = ("_kernel", "_latency_s", "_rng", "_synced", "_written", "generation")

    def __init__(self, kernel: Kernel, rng: Random, latency_ms: tuple[float, float]) -> None:
        self._kernel = kernel
        self._rng = rng
        self._latency_s = (latency_ms[0] / 1e3, (latency_ms[1] - latency_ms[0]) / 1e3)
        self._written: list[Any] = []
        self._synced = 0
        self.generation = 0
        """Changes when records are lost, so that a sync that was under way then means nothing."""

    def append(self, record: Any) -> None:
        """Write into the operating system's cache."""
        self._written.append(record)

    def sync_at(self) -> int:
        """When a sync that begins now ends (ns)."""
        base, spread = self._latency_s
        return self._kernel.now() + int((base + spread * self._rng.random()) * NS)

    def synced(self, count: int, generation: int) -> bool:
        """A sync ended that covers the first `count` records; False if they were lost meanwhile."""
        if generation != self.generation:
            return False
        self._synced = max(self._synced, count)
        return True

    @property
    def count(self) -> int:
        """Records written, durable or not."""
        return len(self._written)

    @property
    def stored(self) -> int:
        """Records that a start would find."""
        return len(self._written)

    def records(self) -> tuple[Any, ...]:
        """What a process that starts now finds."""
        return tuple(self._written)

    def power_cut(self) -> int:
        """Lose what was not synced, but for a random prefix of it; how many records went."""
        before = len(self._written)
        del self._written[self._rng.randint(self._synced, before) :]
        self._synced = len(self._written)
        self.generation += 1
        return before - self._synced

    def wipe(self) -> None:
        """Lose everything."""
        self._written.clear()
        self._synced = 0
        self.generation += 1

    def killed(self) -> None:
        """The process is dead: what it had written stays."""


class Database(Protocol):
    """What a store's own engine keeps on a disk, written for real: each write is one transaction."""

    def write(self, records: Sequence[Any], /) -> None:
        """All of them, or none."""

    def batches(self) -> Iterable[Any]:
        """What a start finds."""

    @property
    def count(self) -> int:
        """How much it holds."""

    def clear(self) -> None:
        """Forget everything."""


class DatabaseDisk(SimDisk):
    """A disk with a database on it: a sync commits what was appended since the last one, all or nothing.

    What no commit has begun to write is in the process only, and dies with it. A commit that is under way
    when the process dies or the power goes has come to pass or has not; a coin decides. That a commit is
    whole and, once confirmed, stays is what the database promises: this model takes its word.
    """

    __slots__ = ("_begun", "_database", "_ended")

    def __init__(
        self, kernel: Kernel, rng: Random, latency_ms: tuple[float, float], database: Database
    ) -> None:
        super().__init__(kernel, rng, latency_ms)
        self._database = database
        self._ended = 0
        """Records of commits that have ended, over the disk's life."""
        self._begun = 0
        """Records that a commit under way covers."""

    def sync_at(self) -> int:
        """When a commit that begins now ends (ns)."""
        self._begun = len(self._written)
        return super().sync_at()

    def synced(self, count: int, generation: int) -> bool:
        """A commit ended that covers the first `count` records; False if it was lost meanwhile."""
        if generation != self.generation:
            return False
        self._commit(count - self._ended)
        return True

    @property
    def count(self) -> int:
        """Records appended over the disk's life."""
        return self._ended + len(self._written)

    @property
    def stored(self) -> int:
        """Rows that are durable now."""
        return self._database.count

    def records(self) -> tuple[Any, ...]:
        """What a process that starts now finds."""
        return tuple(self._database.batches())

    def killed(self) -> None:
        """The process is dead: decide about the commit under way, forget the rest."""
        if self._begun and self._rng.random() < 0.5:
            self._commit(self._begun)
        self._forget()

    def power_cut(self) -> int:
        """Like the death of the process; how many records went."""
        before = len(self._written)
        self.killed()
        return before

    def wipe(self) -> None:
        """Lose everything."""
        self._database.clear()
        self._forget()

    def _commit(self, records: int) -> None:
        if records > 0:
            self._database.write(self._written[:records])
            del self._written[:records]
            self._ended += records
            self._begun = max(0, self._begun - records)

    def _forget(self) -> None:
        self._written.clear()
        self._begun = 0
        self.generation += 1
