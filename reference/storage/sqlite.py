"""Copies, hints and decisions as tables of one SQLite database; a group of batches is one transaction.

Unlike the log it holds only what counts now, so it does not grow with every write. The write-ahead log with
`synchronous=FULL` makes a transaction durable before it ends, whole or not at all.

SQLite looks for damage only where it happens to read. So a start checks everything: SQLite's own structures
(`integrity_check`), a checksum in every row, that each row lies under its own key, and a tally: how many rows
there are, the sum of their checksums, how many transactions there were.

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
        self.put = f"INSERT INTO {self.name} VALUES ({'?, ' * len(self.key)}?, ?)"
        keyed = " AND ".join(f"{name}=?" for name in self.key)
        self.remove = f"DELETE FROM {self.name} WHERE {keyed} RETURNING crc"
        self.rows = f"SELECT {columns.replace(' NOT NULL', '')}, record, crc FROM {self.name} ORDER BY rowid"

    def identity(self, record: Any, packed: bytes) -> tuple[Any, ...]:
        """The columns of its key."""
        if isinstance(record, Written):
            return (record.once.client, record.once.number)
        return (packed,) if self.key == ["id"] else tuple(getattr(record, name) for name in self.key)


_TABLES = {kind: _Table(kind) for kind in get_args(Record)}
_TALLY = "CREATE TABLE IF NOT EXISTS tally (id INTEGER PRIMARY KEY, transactions, rows_, crcs)"
_NAMES = sorted(["tally", *(table.name for table in _TABLES.values())])
_SUMS = 2**62
"""The sum of checksums is modulo this."""


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
            self._create()
            found = self._run("SELECT transactions, rows_, crcs FROM tally").fetchall()
            self.transactions, self._rows, self._crcs = found[0]
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise StorageError(f"{path}: {error}; restore it, or wipe this node") from None
        except (ValueError, IndexError):
            raise self._damaged("the tally is not what was written") from None
        if not all(isinstance(number, int) for number in (self.transactions, self._rows, self._crcs)):
            raise self._damaged("the tally is not what was written")

    def _create(self) -> None:
        """All tables at once, in a new file; in an old one they must all be there."""
        names = [
            name for (name,) in self._run("SELECT name FROM sqlite_master WHERE type='table' ORDER BY 1")
        ]
        if names:
            if names != _NAMES:
                raise self._damaged("it has not the tables of this version of the node")
            return
        self._run("BEGIN IMMEDIATE")
        self._run(_TALLY)
        self._run("INSERT INTO tally VALUES (1, 0, 0, 0)")
        for table in _TABLES.values():
            self._run(table.create)
        self._run("COMMIT")

    def _damaged(self, what: str) -> StorageError:
        return StorageError(
            f"{self.path}: {what}: wipe this node, and the other replicas will give it what they have"
        )

    def write(self, batches: Iterable[Batch]) -> None:
        """All of them in one transaction, durable when this returns; none of them if it raises.

        Raises sqlite3.Error.
        """
        before = self._rows, self._crcs
        self._run("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                for record in batch:
                    self._put(record)
            tally = (self.transactions + 1, self._rows, self._crcs)
            self._run("UPDATE tally SET transactions=?, rows_=?, crcs=?", tally)
            self._run("COMMIT")
        except BaseException:
            self._rows, self._crcs = before
            if self._connection.in_transaction:
                self._run("ROLLBACK")
            raise
        self.transactions += 1

    def batches(self) -> Iterator[Batch]:
        """All that is stored, one row a batch, the longest unchanged first.

        Raises StorageError on a row that is not what was written, and at the end if one is missing.
        """
        count = crcs = 0
        for table in _TABLES.values():
            for *key, packed, crc in self._read(table.rows):
                if not isinstance(packed, bytes) or zlib.crc32(packed) != crc:
                    raise self._damaged(f"a damaged row in table `{table.name}`")
                batch = self._unpack(packed)
                if len(batch) != 1 or table.identity(batch[0], packed) != tuple(key):
                    raise self._damaged(f"a damaged key in table `{table.name}`")
                count, crcs = count + 1, (crcs + crc) % _SUMS
                yield batch
        if (count, crcs) != (self._rows, self._crcs):
            raise self._damaged(f"{count} rows where {self._rows} were written")

    def check(self) -> None:
        """Look at all of it, as a start must before it believes any of it. Raises StorageError."""
        verdict = self._read("PRAGMA integrity_check(1)")
        if verdict != [("ok",)]:
            raise self._damaged(f"damaged: {' '.join(str(verdict).split())[:120]}")
        for _ in self.batches():
            pass

    def _read(self, statement: str) -> list[Any]:
        try:
            return self._run(statement).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from None

    @property
    def count(self) -> int:
        """Rows."""
        counts = [self._run(f"SELECT count(*) FROM {table.name}").fetchone() for table in _TABLES.values()]
        return sum(count for (count,) in counts)

    def clear(self) -> None:
        """Forget everything."""
        for table in _TABLES.values():
            self._run(f"DELETE FROM {table.name}")
        self._rows = self._crcs = 0
        self._run("UPDATE tally SET rows_=0, crcs=0")

    def close(self) -> None:
        """No more."""
        self._connection.close()

    def _put(self, record: Any) -> None:
        table = _TABLES[type(record)]
        packed = self._pack((record,))
        key = table.identity(record, packed)
        self._gone(table.remove, key)
        if table.removable and record.state is None:
            return
        crc = zlib.crc32(packed)
        self._run(table.put, (*key, packed, crc))
        self._rows, self._crcs = self._rows + 1, (self._crcs + crc) % _SUMS
        if isinstance(record, Written):
            self._forget(record.once.client, record.once.settled)

    def _forget(self, client: str, settled: int) -> None:
        """What this client will not ask again, and what is older than all that can be remembered."""
        self._gone("DELETE FROM written WHERE client=? AND number<=? RETURNING crc", (client, settled))
        oldest = "(SELECT max(rowid) FROM written) - ?"
        self._gone(f"DELETE FROM written WHERE rowid <= {oldest} RETURNING crc", (_WRITES_KEPT,))

    def _gone(self, statement: str, values: Sequence[object]) -> None:
        """Delete, and take what is deleted out of the tally."""
        for (crc,) in self._run(statement, values).fetchall():
            self._rows, self._crcs = self._rows - 1, (self._crcs - crc) % _SUMS

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)
