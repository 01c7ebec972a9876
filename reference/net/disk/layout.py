"""How the bytes of the log file lie, and what a reader may conclude from those that are not whole. Pure.

A title, written twice: the format, the file's own id, a CRC. Then groups: a magic, the length of the records,
a CRC of this header, a CRC of the records, the records. Both CRCs also cover the file's id and the group's
place, so that nothing stored inside a value can be taken for a group.

Groups are written and synced one after the other, so only the last one can have been cut off by a crash. A
file that grows reads as zeros where nothing was written yet, and a disk writes a sector whole or not at all.
So a broken end is a *torn write* only if the file ends before the group does, or if a whole sector of it (as
far as it lies in the group) is zeros. Everything else that is broken was whole once: *damage*.
"""

from __future__ import annotations

import struct
import zlib
from mmap import mmap
from typing import NamedTuple

ID_BYTES = 8
_FORMAT = b"dynamo log 2\n"
_OLD = b"dynamo log 1\n"
_CRC = struct.Struct(">I")
_TITLE_BYTES = len(_FORMAT) + ID_BYTES + _CRC.size
START = 2 * _TITLE_BYTES
"""Where the first group begins."""
_MAGIC = b"\xd1GRP"
_HEAD = struct.Struct(">4sIII")
HEAD_BYTES = _HEAD.size
_SEED = struct.Struct(">QI")
_SECTOR = 512

Place = tuple[int, int]
"""(first byte, byte behind the last)."""


def title(log_id: bytes) -> bytes:
    """The first START bytes of a log with this id."""
    one = _FORMAT + log_id
    return 2 * (one + _CRC.pack(zlib.crc32(one)))


def id_in(head: bytes) -> bytes | None:
    """The id in a title of which one copy at least is whole; None if neither is."""
    for at in (0, _TITLE_BYTES):
        one = head[at : at + _TITLE_BYTES]
        body, crc = one[: -_CRC.size], one[-_CRC.size :]
        if body.startswith(_FORMAT) and _CRC.pack(zlib.crc32(body)) == crc:
            return body[len(_FORMAT) :]
    return None


def is_old(head: bytes) -> bool:
    """Whether an earlier version of the node wrote it."""
    return head.startswith(_OLD)


def group(log_id: bytes, at: int, payload: bytes) -> bytes:
    """A whole group for this place in the file with this id."""
    size = len(payload)
    seed = _seed(log_id, at, size)
    return _HEAD.pack(_MAGIC, size, seed, zlib.crc32(payload, seed)) + payload


def declared_end(data: mmap | bytes, log_id: bytes, at: int) -> int:
    """Where the group that begins here ends by its own header; 0 if no whole header is here."""
    if at + HEAD_BYTES > len(data):
        return 0
    magic, size, seed, _ = _HEAD.unpack_from(data, at)
    return at + HEAD_BYTES + size if magic == _MAGIC and seed == _seed(log_id, at, size) else 0


def whole_end(data: mmap | bytes, log_id: bytes, at: int) -> int:
    """Where the whole group that begins here ends; 0 if there is none."""
    end = declared_end(data, log_id, at)
    if not end or end > len(data):
        return 0
    _, _, seed, crc = _HEAD.unpack_from(data, at)
    return end if zlib.crc32(data[at + HEAD_BYTES : end], seed) == crc else 0


class Survey(NamedTuple):
    """What is in a log, from front to back."""

    whole: list[Place]
    damaged: list[Place]
    torn_at: int
    """Where a write that was cut off begins: the file's end if there is none."""


def survey(data: mmap | bytes, log_id: bytes) -> Survey:
    """Go through all groups of a file with this id."""
    whole: list[Place] = []
    damaged: list[Place] = []
    at = START
    while at < len(data):
        end = whole_end(data, log_id, at)
        if end:
            whole.append((at, end))
        else:
            end = _next_whole(data, log_id, at + 1)
            if not end and _may_be_torn(data, log_id, at):
                break
            end = end or len(data)
            damaged.append((at, end))
        at = end
    return Survey(whole, damaged, min(at, len(data)))


def _may_be_torn(data: mmap | bytes, log_id: bytes, at: int) -> bool:
    """Whether what begins here, with nothing whole behind it, can be a write that was cut off."""
    end = declared_end(data, log_id, at)
    if len(data) - at < HEAD_BYTES or end > len(data):
        return True
    if end and end < len(data):
        return False  # it was followed by another one, so it was synced before
    first = at
    while first < len(data):
        behind = first - first % _SECTOR + _SECTOR
        if not data[first:behind].strip(b"\0"):
            return True
        first = behind
    return False


def _next_whole(data: mmap | bytes, log_id: bytes, at: int) -> int:
    """Where the next whole group begins; 0 if there is none."""
    at = data.find(_MAGIC, at)
    while at >= 0:
        if whole_end(data, log_id, at):
            return at
        at = data.find(_MAGIC, at + 1)
    return 0


def _seed(log_id: bytes, at: int, size: int) -> int:
    return zlib.crc32(log_id + _SEED.pack(at, size) + _MAGIC)
