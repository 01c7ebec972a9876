"""Copies, hints and decisions as tables of one SQLite database; a group of batches is one transaction.

Unlike the log it holds only what counts now, so it does not grow with every write. The write-ahead log with
`synchronous=FULL` makes a transaction durable before it ends, whole or not at all. A checksum in every row
tells a flipped bit in a value from what was written.

All calls block: a real node makes them in its writer thread.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, get_args, get_type_hints

from reference.requests import CLIENTS_REMEMBERED
from reference.storage.engine import Batch, Record, StorageError, Written

MEMORY = ":memory:"
"""The path of a database that lives as long as its object."""
_WRITES_KEPT = 4 * CLIENTS_REMEMBERED
"""Clients' writes that are remembered. Of one that is not, a node that has started again says that it cannot
know, as of any."""


class _Table:
    """The rows of one kind of record. Its texts say which it is; one whose state is None goes."""

    def __init__(self, kind: type) -> None:
        fields = get_type_hints(kind)
        self.name = kind.__name__.lower()
        self.removable = "state" in fields
        texts = [name for name, of in fields.items() if of is str]
        self.key = ["client", "number"] if kind is Written else texts or ["id"]
        columns = ", ".join(f"{name} NOT NULL" for name in self.key)
        self.create = (
            f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}, record BLOB NOT NULL, crc INTEGER NOT NULL, "
            f"PRIMARY KEY ({', '.join(self.key)}))"
        )
        self.put = f"REPLACE INTO {self.name} VALUES ({'?, ' * len(self.key)}?, ?)"
        self.remove = f"DELETE FROM {self.name} WHERE " + " AND ".join(f"{name}=?" for name in self.key)
        self.rows = f"SELECT record, crc FROM {self.name} ORDER BY rowid"

    def identity(self, record: Any, packed: bytes) -> tuple[Any, ...]:
        """The columns of its key."""
        if isinstance(record, Written):
            return (record.once.client, record.once.number)
        return (packed,) if self.key == ["id"] else tuple(getattr(record, name) for name in self.key)


_TABLES = {kind: _Table(kind) for kind in get_args(Record)}


class Database:
    """An open database. One thread at a time."""

    def __init__(self, path: str, pack: Callable[[Batch], bytes], unpack: Callable[[bytes], Batch]) -> None:
        """Open or create. `pack` and `unpack` are the codec of batches.

        Raises StorageError if the file is no database of ours, or another process has it open.
        """
        self.path = path
        self._pack = pack
        self._unpack = unpack
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
                self._run(f"PRAGMA {pragma}").fetchall()
            for table in _TABLES.values():
                self._run(table.create)
        except sqlite3.Error as error:
            raise StorageError(f"{path}: {error}; restore it, or wipe this node") from None

    def write(self, batches: Iterable[Batch]) -> None:
        """All of them in one transaction, durable when this returns; none of them if it raises.

        Raises sqlite3.Error.
        """
        self._run("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                for record in batch:
                    self._put(record)
            self._run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._run("ROLLBACK")
            raise

    def batches(self) -> Iterator[Batch]:
        """All that is stored, one row a batch, the longest unchanged first.

        Raises StorageError on a row that is not what was written.
        """
        for table in _TABLES.values():
            try:
                rows = self._run(table.rows).fetchall()
            except sqlite3.Error as error:
                raise StorageError(f"{self.path}: {error}: wipe this node") from None
            for packed, crc in rows:
                if not isinstance(packed, bytes) or zlib.crc32(packed) != crc:
                    raise StorageError(
                        f"{self.path}: a damaged row in table `{table.name}`: wipe this node, and the other "
                        "replicas will give it what they have"
                    )
                yield self._unpack(packed)

    @property
    def count(self) -> int:
        """Rows."""
        counts = [self._run(f"SELECT count(*) FROM {table.name}").fetchone() for table in _TABLES.values()]
        return sum(count for (count,) in counts)

    def clear(self) -> None:
        """Forget everything."""
        for table in _TABLES.values():
            self._run(f"DELETE FROM {table.name}")

    def close(self) -> None:
        """No more."""
        self._connection.close()

    def _put(self, record: Any) -> None:
        table = _TABLES[type(record)]
        packed = self._pack((record,))
        key = table.identity(record, packed)
        if table.removable and record.state is None:
            self._run(table.remove, key)
            return
        self._run(table.put, (*key, packed, zlib.crc32(packed)))
        if isinstance(record, Written):
            self._forget(record.once.client, record.once.settled)

    def _forget(self, client: str, settled: int) -> None:
        """What this client will not ask again, and what is older than all that can be remembered."""
        self._run("DELETE FROM written WHERE client=? AND number<=?", (client, settled))
        self._run("DELETE FROM written WHERE rowid <= (SELECT max(rowid) FROM written) - ?", (_WRITES_KEPT,))

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)
