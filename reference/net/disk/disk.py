"""The Disk of a real node: appended records become durable in one writer thread, many with one sync.

The event loop never waits for the disk. When the disk is full the writer keeps what it has and tries again:
nothing is acknowledged meanwhile, and `trouble` says why. Any other error of a write or sync is the end of
the process: after a failed fsync nobody knows what is on the disk.
"""

from __future__ import annotations

import errno
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

from reference.net.disk.datadir import DataError
from reference.net.disk.groups import GroupFile
from reference.net.futures import Future
from reference.net.peers.fields import Codec, WireError, pack, unpack

MAX_GROUP = 4 * 1024 * 1024
"""Bytes after which a group is closed."""
RETRY_S = 0.25
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_Job = tuple[list[bytes], Future]


class FileDisk:
    """A log file that implements `reference.runtime.Disk`."""

    def __init__(
        self,
        log: GroupFile,
        codec: Codec,
        loop: AbstractEventLoop,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.trouble = ""
        """Why nothing can be written at present."""
        self.log = log
        self._codec = codec
        self._loop = loop
        self._on_error = on_error
        self._pending: list[bytes] = []
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._stopping = threading.Event()
        self._writer = threading.Thread(target=self._run, name="disk", daemon=True)
        self._writer.start()

    def append(self, record: Any) -> None:
        """Durable with the next sync."""
        self._pending.append(pack(self._codec, record))

    def sync(self) -> Future:
        """Ends once everything appended before is durable."""
        done = Future(self._loop)
        records, self._pending = self._pending, []
        self._jobs.put((records, done))
        return done

    def records(self) -> Iterator[Any]:
        """What a start finds. Raises DataError on a record that this version cannot read."""
        return self.records_of(self.log, self._codec)

    @staticmethod
    def records_of(log: GroupFile, codec: Codec) -> Iterator[Any]:
        """The same, of a log that nobody writes to."""
        for number, record in enumerate(log.records()):
            try:
                yield unpack(codec, record)
            except WireError as error:
                raise DataError(f"{log.path}: record {number}: {error}") from None

    def close(self) -> None:
        """Write what was handed over, unless the disk is full, and let go of the file."""
        self._jobs.put(None)
        self._stopping.set()
        self._writer.join()
        self.log.close()

    def _run(self) -> None:
        try:
            while jobs := self._next_jobs():
                records = [record for taken, _ in jobs for record in taken]
                for group in groups_of(records):
                    if not self._written(group):
                        return
                if not records:
                    self.log.sync()
                self._loop.call_soon_threadsafe(_resolve, [done for _, done in jobs])
        except BaseException as error:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._on_error, error)

    def _next_jobs(self) -> list[_Job]:
        """All that wait now, one at least; none once closed."""
        job = self._jobs.get()
        jobs: list[_Job] = []
        while job is not None:
            jobs.append(job)
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return jobs
        self._jobs.put(None)  # for the next call
        return jobs

    def _written(self, group: list[bytes]) -> bool:
        """Write and sync; again and again while the disk is full. False if closed meanwhile."""
        while True:
            try:
                self.log.write(group)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                self.trouble = f"cannot write {self.log.path}: {error.strerror}"
                self.log.undo()
                if self._stopping.wait(RETRY_S):
                    return False
            else:
                self.trouble = ""
                return True


class NoDisk:
    """For the engine `memory`: nothing is written, nothing is found."""

    trouble = ""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop

    def append(self, record: Any) -> None:
        """Forgotten."""

    def sync(self) -> Future:
        """At once."""
        done = Future(self._loop)
        done.resolve(None)
        return done

    def records(self) -> Iterable[Any]:
        """None."""
        return ()

    def close(self) -> None:
        """Nothing to close."""


def groups_of(records: list[bytes]) -> Iterator[list[bytes]]:
    """Cut into groups of about MAX_GROUP bytes."""
    group: list[bytes] = []
    size = 0
    for record in records:
        if group and size + len(record) > MAX_GROUP:
            yield group
            group, size = [], 0
        group.append(record)
        size += len(record)
    if group:
        yield group


def _resolve(futures: list[Future]) -> None:
    for future in futures:
        future.resolve(None)
