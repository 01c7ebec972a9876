"""The log file: groups of records, each written and synced before the next one begins.

`layout.py` says how the bytes lie, and how a write that was cut off is told from damage. The former is
dropped: nobody was told of it. The latter is never dropped in silence: it stops the start, unless the
operator accepts it; then whatever is whole is kept, in a new file, and the damaged one stays beside it.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from reference.net.disk import layout
from reference.net.disk.datadir import DataError, set_aside, write_durably

_RECORD = struct.Struct(">I")
_sync = getattr(os, "fdatasync", os.fsync)


class GroupFile:
    """One open log. All calls block; one thread at a time."""

    def __init__(self, path: Path, accept_damage: bool = False) -> None:
        """Open or create, cut off a torn end, make the rest durable.

        Raises DataError if anything is damaged, unless `accept_damage`: then what is whole is kept, and the
        old file stays beside the new one as `log.damaged` (or `log.damaged-2` and so on).
        """
        self.path = path
        self.torn_bytes = 0
        """What was cut off at the end."""
        self.damaged_bytes = 0
        """What was given up."""
        self._file = -1
        try:
            if not path.exists():
                write_durably(path, layout.title(os.urandom(layout.ID_BYTES)))
            self._open()
            try:
                self._recover(accept_damage)
            except DataError:
                os.close(self._file)
                raise
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None

    def _open(self) -> None:
        self._file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        self.size = os.fstat(self._file).st_size

    def _recover(self, accept_damage: bool) -> None:
        head = os.pread(self._file, layout.START, 0)
        log_id = layout.id_in(head)
        if log_id is None:
            self._without_title(head, accept_damage)
            return
        self._id = log_id
        with self._mapped() as data:
            found = layout.survey(data, log_id)
            if found.damaged:
                self._damaged(found, data, accept_damage)
                return
        self.torn_bytes = self.size - found.torn_at
        if self.torn_bytes:
            self.size = found.torn_at
            os.ftruncate(self._file, self.size)
        if head != layout.title(log_id):
            os.pwrite(self._file, layout.title(log_id), 0)  # one of its two copies is damaged
        os.fsync(self._file)

    def _without_title(self, head: bytes, accept_damage: bool) -> None:
        """Without the id nothing in the file can be told from what only looks like it."""
        if layout.is_old(head):
            raise DataError(
                f"{self.path}: an older version of this node wrote it (log 1, this one reads log 2): "
                "start that version, or wipe this node"
            )
        if not accept_damage:
            raise DataError(
                f"{self.path}: its first bytes are not a node's log, or are damaged: restore it, wipe this "
                "node, or start it with --accept-damage to give up all that is in it"
            )
        self.damaged_bytes = self.size
        self._replace([])

    def _damaged(self, found: layout.Survey, data: mmap.mmap, accept_damage: bool) -> None:
        """Give up what is damaged, if the operator says so."""
        if not accept_damage:
            at, behind = found.damaged[0]
            where = f"whole again at {behind}" if behind < len(data) else "to its end"
            raise DataError(
                f"{self.path}: damaged at byte {at} ({where}): what was acknowledged is lost here; wipe this "
                "node, or start it with --accept-damage to keep the rest"
            )
        self.damaged_bytes = sum(end - start for start, end in found.damaged)
        self.torn_bytes = len(data) - found.torn_at
        self._replace([data[start + layout.HEAD_BYTES : end] for start, end in found.whole])

    def _replace(self, payloads: Sequence[bytes]) -> None:
        """A new file of these groups; the damaged one is kept for a reader, and first."""
        set_aside(self.path)
        self._id = os.urandom(layout.ID_BYTES)
        content = bytearray(layout.title(self._id))
        for payload in payloads:
            content += layout.group(self._id, len(content), payload)
        os.close(self._file)
        write_durably(self.path, bytes(content))
        self._open()

    def records(self) -> Iterator[bytes]:
        """Every record, oldest first."""
        with self._mapped() as data:
            at, size = layout.START, self.size
            while at < size:
                end = layout.declared_end(data, self._id, at)
                at += layout.HEAD_BYTES
                while at < end:
                    (length,) = _RECORD.unpack_from(data, at)
                    at += _RECORD.size
                    yield bytes(data[at : at + length])
                    at += length

    def write(self, records: Sequence[bytes]) -> None:
        """One group, durable when this returns. After an OSError `undo` must come before another write."""
        payload = b"".join(part for record in records for part in (_RECORD.pack(len(record)), record))
        group = memoryview(layout.group(self._id, self.size, payload))
        written = 0
        while written < len(group):
            written += os.pwrite(self._file, group[written:], self.size + written)
        _sync(self._file)
        self.size += len(group)

    def undo(self) -> None:
        """Take back what a failed write left."""
        os.ftruncate(self._file, self.size)

    def sync(self) -> None:
        """Everything written before is durable when this returns."""
        _sync(self._file)

    def close(self) -> None:
        """No more."""
        os.close(self._file)

    def _mapped(self) -> mmap.mmap:
        return mmap.mmap(self._file, 0, access=mmap.ACCESS_READ)
