"""The log file: groups of records, each group written and synced before the next one begins.

A group is a magic, its length, a CRC and its records. The CRC also covers the file's own id and the group's
place, so that nothing stored inside a value can be taken for a group. Because groups are synced one after the
other, a broken group with a whole one behind it was durable once: that is damage, and never dropped in
silence. A broken group at the end is a write that was cut off before anybody was told of it.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from reference.net.disk.datadir import DataError, write_durably

_TITLE = b"dynamo log 1\n"
_ID_BYTES = 8
_START = len(_TITLE) + _ID_BYTES
_MAGIC = b"\xd1GRP"
_HEAD = struct.Struct(">4sII")
_SEED = struct.Struct(">QI")
_RECORD = struct.Struct(">I")
_sync = getattr(os, "fdatasync", os.fsync)


class GroupFile:
    """One open log. All calls block; one thread at a time."""

    def __init__(self, path: Path, accept_damage: bool = False) -> None:
        """Open or create, cut off a torn end, make the rest durable.

        Raises DataError if a group in the middle is damaged, unless `accept_damage`: then the whole groups
        around it are kept and the old file stays beside the new one as `log.damaged`.
        """
        self.path = path
        self.torn_bytes = 0
        """What was cut off at the end."""
        self.damaged_bytes = 0
        """What was given up in the middle."""
        try:
            if not path.exists():
                write_durably(path, _TITLE + os.urandom(_ID_BYTES))
            self._open(path)
            self._recover(accept_damage)
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None

    def _open(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        head = os.pread(self._file, _START, 0)
        if len(head) < _START or not head.startswith(_TITLE):
            raise DataError(f"{path}: its first bytes are not a node's log; restore it or remove it")
        self._id = head[len(_TITLE) :]
        self.size = os.fstat(self._file).st_size

    def _recover(self, accept_damage: bool) -> None:
        good: list[tuple[int, int]] = []
        with self._mapped() as data:
            at = _START
            while at < len(data):
                end = self._group_end(data, at)
                if end:
                    good.append((at, end))
                    at = end
                    continue
                behind = self._next_group(data, at + 1)
                if not behind:
                    self.torn_bytes = len(data) - at
                    break
                if not accept_damage:
                    raise DataError(
                        f"{self.path}: damaged at byte {at} (whole again at {behind}): what was acknowledged "
                        "is lost here; wipe this node, or start it with --accept-damage to keep the rest"
                    )
                self.damaged_bytes += behind - at
                at = behind
            whole = good if self.damaged_bytes else []
            payloads = [bytes(data[start + _HEAD.size : end]) for start, end in whole]
        if self.damaged_bytes:
            self._rewrite(payloads)
            return
        if self.torn_bytes:
            self.size -= self.torn_bytes
            os.ftruncate(self._file, self.size)
        os.fsync(self._file)

    def _rewrite(self, payloads: Sequence[bytes]) -> None:
        """A new file of the groups that are whole; the damaged one is kept for a reader."""
        content = bytearray(_TITLE + os.urandom(_ID_BYTES))
        self._id = bytes(content[len(_TITLE) :])
        for payload in payloads:
            content += self._group(len(content), payload)
        os.close(self._file)
        os.replace(self.path, self.path.with_name("log.damaged"))
        write_durably(self.path, bytes(content))
        self._open(self.path)

    def records(self) -> Iterator[bytes]:
        """Every record, oldest first."""
        with self._mapped() as data:
            at, size = _START, self.size
            while at < size:
                end = at + _HEAD.size + _HEAD.unpack_from(data, at)[1]
                at += _HEAD.size
                while at < end:
                    (length,) = _RECORD.unpack_from(data, at)
                    at += _RECORD.size
                    yield bytes(data[at : at + length])
                    at += length

    def write(self, records: Sequence[bytes]) -> None:
        """One group, durable when this returns. After an OSError `undo` must come before another write."""
        payload = b"".join(part for record in records for part in (_RECORD.pack(len(record)), record))
        group = memoryview(self._group(self.size, payload))
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

    def _group(self, at: int, payload: bytes) -> bytes:
        return _HEAD.pack(_MAGIC, len(payload), self._crc(at, payload)) + payload

    def _crc(self, at: int, payload: bytes | memoryview) -> int:
        return zlib.crc32(payload, zlib.crc32(self._id + _SEED.pack(at, len(payload))))

    def _group_end(self, data: mmap.mmap, at: int) -> int:
        """Where the group that begins here ends; 0 if there is no whole one."""
        if at + _HEAD.size > len(data):
            return 0
        magic, size, crc = _HEAD.unpack_from(data, at)
        end = at + _HEAD.size + size
        if magic != _MAGIC or end > len(data):
            return 0
        return end if self._crc(at, data[at + _HEAD.size : end]) == crc else 0

    def _next_group(self, data: mmap.mmap, at: int) -> int:
        """Where the next whole group begins; 0 if there is none."""
        at = data.find(_MAGIC, at)
        while at >= 0:
            if self._group_end(data, at):
                return at
            at = data.find(_MAGIC, at + 1)
        return 0
