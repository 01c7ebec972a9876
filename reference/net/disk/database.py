"""The Disk of a node whose engine is SQLite: the writer thread commits what the log's would append.

Beside the database lies a small file with the number of the last transaction that has ended. SQLite takes a
damaged write-ahead log for one that was cut off by a crash, and drops its end in silence; the number tells.
It is written after the transaction is durable, and never synced: it is never ahead of what was acknowledged.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import struct
import zlib
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from reference.net.disk.datadir import DataError, set_aside
from reference.net.disk.disk import FileDisk
from reference.net.peers.fields import WireError, pack, unpack
from reference.net.peers.states import batch_codec
from reference.storage.engine import Batch, StorageError
from reference.storage.sqlite import Database

_NUMBER, _CRC = struct.Struct(">Q"), struct.Struct(">I")


class Transactions:
    """A database as the writer thread of `FileDisk` wants a log: each group is one transaction."""

    torn_bytes = 0
    """SQLite cuts off a torn transaction by itself."""

    def __init__(self, path: Path, mode: str, accept_damage: bool = False) -> None:
        """Open or create, and look at all of it. Raises DataError.

        `accept_damage`: one that is damaged is set aside whole, and an empty one begun.
        """
        self.path = path
        self.damaged_bytes = 0
        """What was given up."""
        self._ended = path.with_name(f"{path.name}-ended")
        self._files = (path, path.with_name(f"{path.name}-wal"), self._ended)
        codec = batch_codec(mode)
        self._open = partial(Database, str(path), partial(pack, codec), partial(unpack, codec))
        try:
            try:
                self._database = self._opened()
            except DataError as error:
                if not accept_damage or "locked" in str(error):
                    raise
                self._set_aside()
                self._database = self._opened()
            self._number = os.open(self._ended, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None

    def _opened(self) -> Database:
        database = None
        try:
            database = self._open()
            database.check()
            ended = _number_in(self._ended)
            if database.transactions < ended:
                missing = ended - database.transactions
                raise StorageError(
                    f"{self.path}: damaged: of {ended} transactions the last {missing} are gone; wipe this "
                    "node, and the other replicas will give it what they have"
                )
        except (StorageError, WireError) as error:
            if database is not None:
                database.close()
            text = str(error)
            raise DataError(text if text.startswith(str(self.path)) else f"{self.path}: {text}") from None
        return database

    def _set_aside(self) -> None:
        for file in self._files:
            if file.exists():
                self.damaged_bytes += file.stat().st_size
                set_aside(file)
        for file in self._files:
            file.unlink(missing_ok=True)

    def write(self, group: Sequence[Batch]) -> None:
        """Durable when this returns. Raises OSError."""
        try:
            self._database.write(group)
        except sqlite3.OperationalError as error:
            # SQLite says how it failed in the low byte. All but a full disk ends the process, as for the log.
            full = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
            code = errno.ENOSPC if full else errno.EIO
            raise OSError(code, os.strerror(code) if full else str(error)) from None
        ended = _NUMBER.pack(self._database.transactions)
        os.pwrite(self._number, ended + _CRC.pack(zlib.crc32(ended)), 0)

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
        return sum(file.stat().st_size for file in self._files if file.exists())

    def sync(self) -> None:
        """Every transaction that has ended is durable already."""

    def undo(self) -> None:
        """A transaction that failed has left nothing."""

    def close(self) -> None:
        """No more."""
        self._database.close()
        os.close(self._number)


def _number_in(path: Path) -> int:
    """The number of the last transaction that has ended, as far as it is known."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return 0
    number, crc = content[: _NUMBER.size], content[_NUMBER.size :]
    if len(number) < _NUMBER.size or _CRC.pack(zlib.crc32(number)) != crc:
        return 0
    return int(_NUMBER.unpack(number)[0])


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
