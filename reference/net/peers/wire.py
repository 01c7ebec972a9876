"""Frames between nodes: a 4-byte length, the receiver's incarnation, and one message.

A connection begins with a Hello that is answered by Welcome or Refuse. From then on every frame names the
incarnation that was met there, and another incarnation drops it: nothing meant for a dead process reaches
the one that took its place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from reference import messages
from reference.bounds import is_name, shown
from reference.net.peers.fields import WireError, pack, tagged, unpack
from reference.net.peers.places import check_fields
from reference.net.peers.states import special

MAX_FRAME = 32 * 1024 * 1024
"""Bytes of one frame: siblings of a key at 1 MB each, with room."""
MAX_GREETING = 8 * 1024
"""Bytes of a frame before a peer has said who it is."""
_LENGTH = struct.Struct(">I")
_FRAME = struct.Struct(">IQ")
ANYONE = 0
"""The incarnation in a frame to a process that has not yet said which one it is."""


class Hello(NamedTuple):
    """First frame of a connection: who calls whom, and with which configuration ((field, value) as text)."""

    name: str
    to: str
    incarnation: int
    config: tuple[tuple[str, str], ...]


class Welcome(NamedTuple):
    """The one that was called, and its incarnation."""

    name: str
    incarnation: int


class Refuse(NamedTuple):
    """Why the connection ends here."""

    reason: str


class Beat(NamedTuple):
    """Nothing to say; answered by another one. Shows a half-open connection for what it is."""


INCARNATIONS = 2**64
GREETINGS = (Hello, Welcome, Refuse, Beat)


def message_kinds() -> list[type]:
    """Everything in `reference.messages` that has a request id: a new message there needs no line here."""
    return [
        kind
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, tuple) and "request" in getattr(kind, "_fields", ())
    ]


class Wire:
    """The frames of one mode."""

    def __init__(self, mode: str) -> None:
        self._codec = tagged((*GREETINGS, *message_kinds()), special(mode))

    def encode(self, message: Any, incarnation: int = ANYONE) -> bytes:
        """A whole frame. Raises WireError if it would be too large to be accepted."""
        body = pack(self._codec, message)
        size = len(body) + _FRAME.size - _LENGTH.size
        if size > MAX_FRAME:
            raise WireError(f"a {type(message).__name__} of {size} bytes; the limit is {MAX_FRAME}")
        return _FRAME.pack(size, incarnation) + body

    def decode(self, frame: bytes | memoryview) -> tuple[int, Any]:
        """(incarnation, message) from what follows the length. Raises WireError."""
        if len(frame) < 8:
            raise WireError(f"a frame of {len(frame)} bytes")
        message = unpack(self._codec, memoryview(frame)[8:])
        check_fields(message)
        if isinstance(message, Hello | Welcome) and not (
            message.incarnation < INCARNATIONS and is_name(message.name)
        ):
            raise WireError(f"no process of ours is called {shown(message.name)}, or has such an incarnation")
        return int.from_bytes(frame[:8], "big"), message


class Splitter:
    """Cuts a stream of bytes into frames, wherever the network has split it. Holds one frame at most."""

    __slots__ = ("_buffer", "limit")

    def __init__(self, limit: int = MAX_GREETING) -> None:
        self.limit = limit
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Every frame that is whole now, without its length. Raises WireError on a length over the limit."""
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= _LENGTH.size:
                (size,) = _LENGTH.unpack_from(buffer, at)
                if size > self.limit:
                    raise WireError(f"a frame of {size} bytes; the limit is {self.limit}")
                end = at + _LENGTH.size + size
                if end > len(buffer):
                    break
                yield bytes(buffer[at + _LENGTH.size : end])
                at = end
        finally:
            del buffer[:at]
