"""A proxied TCP connection: the caller's socket, the one that is called, and a pipe each way."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any

from harness.testbeds.hosts.links import LinkState
from harness.testbeds.hosts.seat import Address
from harness.testbeds.local.pipe import Ending, Pipe

_LINGER_NOT = struct.pack("ii", 1, 0)
"""Closing then sends RST instead of FIN."""


class End(asyncio.Protocol):
    """One of the two sockets. What it reads goes into `pipe`; the other pipe writes here."""

    def __init__(self, connection: Connection) -> None:
        self.pipe: Pipe | None = None
        self.incoming: Pipe | None = None
        self.writable = False
        self.ended = False
        self._connection = connection
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket stands."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.writable = True
        with contextlib.suppress(OSError, AttributeError):
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.stands(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self.pipe is not None:
            self.pipe.feed(data)

    def eof_received(self) -> bool:
        """FIN came; this side may still be written to."""
        if self.pipe is not None:
            self.pipe.feed(Ending.FINISHED)
        self._connection.quiet(self)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is gone."""
        self.writable = False
        if not self.ended:
            self.ended = True
            if self.pipe is not None:
                self.pipe.feed(Ending.RESET if error else Ending.FINISHED)
            self._connection.lost(self)

    def pause_writing(self) -> None:
        """The kernel takes no more for now."""
        self.writable = False

    def resume_writing(self) -> None:
        """It does again."""
        self.writable = True
        if self.incoming is not None:
            self.incoming.move()

    def write(self, data: bytes) -> None:
        """Hand bytes to the kernel."""
        if self._transport is not None and not self.ended:
            self._transport.write(data)

    def finish(self, ending: Ending) -> None:
        """Send FIN and go on reading, or send RST, which ends both ways."""
        if ending is Ending.FINISHED:
            with contextlib.suppress(OSError):
                if self._transport is not None and not self.ended:
                    self._transport.write_eof()
            self._connection.finished()
        else:
            self.reset()
            self._connection.close()

    def reset(self) -> None:
        """Close with RST."""
        if self._transport is not None and not self.ended:
            with contextlib.suppress(OSError):
                self._transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT
                )
            self.ended = True
            self._transport.abort()

    def close(self) -> None:
        """Close with FIN."""
        if self._transport is not None and not self.ended:
            self.ended = True
            self._transport.close()

    def read(self, stopped: bool) -> None:
        """Stop reading the socket, or go on."""
        transport = self._transport
        if transport is not None and not self.ended and not transport.is_closing():
            (transport.pause_reading if stopped else transport.resume_reading)()


class Connection:
    """From a caller over `forward` to `target` and over `back` again; dialled once `forward` is open."""

    def __init__(
        self,
        forward: LinkState,
        back: LinkState,
        target: Address,
        over: Callable[[Connection], None],
        counts: bool = True,
    ) -> None:
        """`counts`: whether it is the store's own, and no probe's."""
        self.links = (forward.link, back.link)
        self.caller = End(self)
        self._called = End(self)
        self._target = target
        self._over = over
        self._dialling: asyncio.Task[Any] | None = None
        self._closed = False
        self.source: Address | None = None
        """Our own end of the connection to the target, once there is one."""
        self._forward = Pipe(forward, self.caller.read, self._dial, counts)
        self._back = Pipe(back, self._called.read, lambda: None, counts)
        self.caller.pipe = self._called.incoming = self._forward
        self._called.pipe = self.caller.incoming = self._back
        self._back.sink = self.caller

    def stands(self, end: End) -> None:
        """One of the sockets stands."""
        if self._closed:
            end.reset()
        elif end is self.caller:
            self._forward.move()
        else:
            self._forward.sink = end
            self._forward.move()

    def quiet(self, end: End) -> None:
        """The caller said FIN before anybody was called: the other side need never know of it."""
        if end is self.caller and self._dialling is None:
            self.close()

    def lost(self, end: End) -> None:
        """A socket is gone; the other hears of it through its pipe, in its turn."""
        if end is self.caller and self._dialling is None:
            self.close()

    def finished(self) -> None:
        """FIN was handed on; once both ways are finished nothing is left to do."""
        if self._forward.over and self._back.over:
            self.close()

    def reset(self) -> None:
        """RST to both sides, at once."""
        self.caller.reset()
        self._called.reset()
        self.close()

    def close(self) -> None:
        """End it here; whoever still has a socket hears FIN."""
        if self._closed:
            return
        self._closed = True
        for pipe in (self._forward, self._back):
            pipe.close()
        if self._dialling is not None:
            self._dialling.cancel()
        self.caller.close()
        self._called.close()
        self._over(self)

    def _dial(self) -> None:
        if self._dialling is None and not self._closed:
            self._dialling = asyncio.get_running_loop().create_task(self._dialled(), name="dial")

    async def _dialled(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_connection(lambda: self._called, *self._target)
            self.source = transport.get_extra_info("sockname")
        except OSError:
            self._back.feed(Ending.RESET)  # nobody listens there: the caller's connection breaks
