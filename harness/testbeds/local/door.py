"""The address at which one endpoint finds one node: a listening socket that stands for a directed link."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from harness.testbeds.hosts.seat import Address

_BACKLOG = 128


class Door:
    """A port, ours as long as this lives: open it takes calls, shut it refuses them as a kernel does."""

    def __init__(self, host: str, accept: Callable[[socket.socket], object]) -> None:
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._socket = _bound((host, 0))
        self._open = False
        self.address: Address = self._socket.getsockname()[:2]

    def set_open(self, wanted: bool) -> None:
        """Take calls from now on, or refuse them; calls that were taken stay."""
        if wanted == self._open:
            return
        self._open = wanted
        if wanted:
            self._socket.listen(_BACKLOG)
            self._loop.add_reader(self._socket, self._ring)
        else:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = _bound(self.address)

    def close(self) -> None:
        """Give the port back."""
        if self._open:
            self._loop.remove_reader(self._socket)
        self._open = False
        self._socket.close()

    def _ring(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            call, _ = self._socket.accept()
            call.setblocking(False)
            self._accept(call)


def _bound(address: Address) -> socket.socket:
    """A socket that holds this address and does not listen."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setblocking(False)
    found.bind(address)
    return found
