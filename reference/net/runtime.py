"""The Runtime of a real node: the event loop's time, sockets, the machine's randomness and disk."""

from __future__ import annotations

import os
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from reference.net.clock import WallClock
from reference.net.futures import Future, Life
from reference.runtime import Disk, Rng

Deliver = Callable[[str, Any], None]
"""(sender or receiver, message)."""


class NetRuntime:
    """One process is one incarnation (implements `reference.runtime.Runtime`)."""

    def __init__(
        self,
        name: str,
        loop: AbstractEventLoop,
        disk: Disk,
        clock: WallClock,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.name = name
        self.rng: Rng = Random(os.urandom(32))
        self.disk = disk
        self.clock = clock
        self.life = Life(loop, on_error)
        self.to_peer: Deliver = lambda _to, _message: None
        """Sends to another node; the transport puts itself here."""
        self.receive: Deliver = lambda _sender, _message: None
        """The node takes a message; installed once it serves."""
        self._loop = loop
        self._clients: dict[str, Callable[[Any], None]] = {}
        self._blamed: Callable[[Exception], None] | None = None
        """Whose the exceptions are of a coroutine that is spawned now."""

    def now(self) -> int:
        """Monotonic ns."""
        return time.monotonic_ns()

    def wall(self) -> int:
        """The wall clock with its skew, ns since the epoch."""
        return self.clock.read()

    def sleep(self, seconds: float) -> Future:
        """Wait on the monotonic clock."""
        return Future(self._loop, seconds)

    def future(self, timeout_s: float | None = None) -> Future:
        """A future that resolves to None by itself after `timeout_s`."""
        return Future(self._loop, timeout_s)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run beside the caller; an exception in it ends the process.

        Unless it is what a message's handler began: that is the message's own affair. (What such a coroutine
        spawns in its turn may be for others as well, like the flush of a log.)
        """
        blamed, self._blamed = self._blamed, None
        self.life.start(coroutine, blamed)

    def send(self, to: str, message: Any) -> None:
        """To a client of this process, or to a node."""
        if self.life.over:
            return
        client = self._clients.get(to)
        if client is not None:
            client(message)
        elif to == self.name:
            self._loop.call_soon(self.deliver, to, message)
        else:
            self.to_peer(to, message)

    def deliver(self, sender: str, message: Any, blame: Callable[[Exception], None] | None = None) -> None:
        """A message arrived for the node. What it breaks is `blame`'s, or else ends the process."""
        if self.life.over:
            return
        blame = blame or self.life.broke
        self._blamed = blame
        try:
            self.receive(sender, message)
        except Exception as error:
            blame(error)
        finally:
            self._blamed = None

    def attach(self, client: str, answer: Callable[[Any], None]) -> None:
        """A client in this process: the HTTP face gives each request a name of its own."""
        self._clients[client] = answer

    def detach(self, client: str) -> None:
        """It has gone; what is sent to it is dropped like anything to an unknown name."""
        self._clients.pop(client, None)
