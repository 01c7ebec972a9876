"""The Disk of a node whose engine is SQLite: the writer thread commits what the log's would append."""

from __future__ import annotations

import errno
import os
import sqlite3
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reference.net.disk.datadir import DataError
from reference.net.disk.disk import FileDisk
from reference.net.peers.fields import WireError, pack, unpack
from reference.net.peers.states import batch_codec
from reference.storage.engine import Batch, StorageError
from reference.storage.sqlite import Database


class Transactions:
    """A database as the writer thread of `FileDisk` wants a log: each group is one transaction."""

    torn_bytes = damaged_bytes = 0
    """SQLite cuts off a torn transaction by itself, and a damaged row is refused."""

    def __init__(self, path: Path, mode: str) -> None:
        """Open or create. Raises DataError."""
        self.path = path
        codec = batch_codec(mode)
        try:
            self._database = Database(str(path), partial(pack, codec), partial(unpack, codec))
        except StorageError as error:
            raise DataError(str(error)) from None

    def write(self, group: Sequence[Batch]) -> None:
        """Durable when this returns. Raises OSError."""
        try:
            self._database.write(group)
        except sqlite3.OperationalError as error:
            # SQLite says how it failed in the low byte. All but a full disk ends the process, as for the log.
            full = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
            code = errno.ENOSPC if full else errno.EIO
            raise OSError(code, os.strerror(code) if full else str(error)) from None

    def batches(self) -> Iterator[Batch]:
        """What a start finds. Raises DataError."""
        try:
            yield from self._database.batches()
        except (StorageError, WireError) as error:
            text = str(error)
            raise DataError(text if text.startswith(str(self.path)) else f"{self.path}: {text}") from None

    @property
    def size(self) -> int:
        """Bytes in its files."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def sync(self) -> None:
        """Every transaction that has ended is durable already."""

    def undo(self) -> None:
        """A transaction that failed has left nothing."""

    def close(self) -> None:
        """No more."""
        self._database.close()


class DatabaseDisk(FileDisk):
    """Batches stay what they are until the writer thread has them: they are encoded there, row by row."""

    def __init__(
        self, log: Transactions, loop: AbstractEventLoop, on_error: Callable[[BaseException], None]
    ) -> None:
        self._transactions = log
        super().__init__(log, None, loop, on_error)  # type: ignore[arg-type]  # it has all that a log has

    def append(self, record: Any) -> None:
        """Part of the next transaction."""
        self._pending.append(record)

    def records(self) -> Iterator[Any]:
        """What a start finds. Raises DataError."""
        return self._transactions.batches()
