"""Histories that were compressed with gzip, unpacked as far as a history can be large."""

from __future__ import annotations

import zlib

from checkers.errors import HistoryError

GZIP = b"\x1f\x8b"
MOST_BYTES = 2 * 1024**3
MOST_TIMES = 200
"""Unpacked, a history is ten to fifty times as large; what grows more is made to fill the memory."""
_ALWAYS = 1024**2
_STEP = 1024**2


def plain(path: str, content: bytes) -> bytes:
    """The content, unpacked where it is gzip. Raises HistoryError on what is broken or grows too large."""
    if not content.startswith(GZIP):
        return content
    most = min(MOST_BYTES, max(_ALWAYS, MOST_TIMES * len(content)))
    found: list[bytes] = []
    size, rest = 0, content
    try:
        while rest.startswith(GZIP):  # a file may hold several members, one after the other
            unpack = zlib.decompressobj(wbits=31)
            waiting = rest
            while not unpack.eof:
                part = unpack.decompress(waiting, _STEP)
                waiting = unpack.unconsumed_tail
                if not part and not waiting and not unpack.eof:
                    raise HistoryError(path, "is cut off: this gzip file has no end")
                size += len(part)
                if size > most:
                    raise HistoryError(path, f"unpacks to more than {most} bytes: no history of ours does")
                found.append(part)
            rest = unpack.unused_data
    except zlib.error as error:
        raise HistoryError(path, f"is no gzip file that can be unpacked ({error})") from None
    return b"".join(found)
