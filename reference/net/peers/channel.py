"""One TCP connection between two nodes, as frames; either side may find the other mad, dead or slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from reference.net.peers.fields import WireError
from reference.net.peers.wire import ANYONE, MAX_FRAME, Splitter, Wire

MAX_WAITING = 8 * 1024 * 1024
"""Bytes that may wait for a slow peer; what comes on top is dropped, as a network would."""


class Channel(asyncio.Protocol):
    """Frames over one connection. `on_frame(channel, incarnation, message)` is called for each whole one."""

    def __init__(
        self,
        wire: Wire,
        on_frame: Callable[[Channel, int, Any], None],
        on_open: Callable[[Channel], None] | None = None,
        on_close: Callable[[Channel], None] | None = None,
    ) -> None:
        self.peer = ""
        """The other node's name, once it has said it."""
        self.incarnation = ANYONE
        """The other process's incarnation, once it has said it."""
        self.heard_at = 0.0
        """When bytes last arrived, by the loop's clock."""
        self.opened_at = 0.0
        """When the connection stood."""
        self.why = ""
        """Why it was closed, if this side did."""
        self.closed = False
        self._wire = wire
        self._on_frame = on_frame
        self._on_open = on_open
        self._on_close = on_close
        self._splitter = Splitter()
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._outgoing: list[bytes] = []
        self._outgoing_bytes = 0

    def greeted(self, peer: str, incarnation: int) -> None:
        """The other side is known from now on, and may send large frames."""
        self.peer, self.incarnation = peer, incarnation
        self._splitter.limit = MAX_FRAME

    def send(self, message: Any) -> bool:
        """Queue a frame for the incarnation met here. False if it was dropped: closed, or too much waits.

        Raises WireError if the message is larger than a frame.
        """
        transport = self._transport
        if transport is None or self.closed:
            return False
        if transport.get_write_buffer_size() + self._outgoing_bytes > MAX_WAITING:
            return False
        frame = self._wire.encode(message, self.incarnation)
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(frame)
        self._outgoing_bytes += len(frame)
        return True

    def end(self, why: str) -> None:
        """Close now; what waits is lost."""
        if not self.closed:
            self.why = self.why or why
            self._flush()
            if self._transport is not None:
                if self._transport.get_write_buffer_size():
                    self._transport.abort()
                else:
                    self._transport.close()
            self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.heard_at = self.opened_at = self._loop.time()
        if self._on_open is not None:
            self._on_open(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came; nonsense ends the connection."""
        self.heard_at = self._loop.time()
        try:
            for frame in self._splitter.feed(data):
                incarnation, message = self._wire.decode(frame)
                self._on_frame(self, incarnation, message)
                if self.closed:
                    return
        except WireError as error:
            self.end(f"nonsense: {error}")

    def connection_lost(self, error: BaseException | None) -> None:
        """It is over, whoever ended it."""
        if not self.closed:
            self.closed = True
            self.why = self.why or (str(error) if error else "the other side closed it")
            self._outgoing.clear()
            if self._on_close is not None:
                self._on_close(self)

    def _flush(self) -> None:
        """One write for all that was sent in this turn of the loop."""
        frames, self._outgoing, self._outgoing_bytes = self._outgoing, [], 0
        if frames and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(frames))
