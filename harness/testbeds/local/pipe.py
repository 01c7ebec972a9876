"""One direction of one proxied connection: bytes in order, as late, slow and split as their link says.

A blocked link moves nothing: no bytes, no FIN and no RST, so that both sides meet silence, and what was on
its way arrives late if the connection outlives the fault, as with a kernel that sends again. What waits is
bounded: then the sender's socket is not read any more, and it meets back-pressure.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from harness.testbeds.hosts.links import LinkState

MOST_WAITING = 64 * 1024
"""Bytes that a pipe holds before it stops reading."""
PIECE_GAP_S = 0.001
"""Between two pieces of what was sent at once: or the receiver's kernel would join them again."""


class Ending(Enum):
    """How a side's stream ended."""

    FINISHED = "FIN"
    RESET = "RST"


class Sink(Protocol):
    """The socket that bytes go to."""

    @property
    def writable(self) -> bool:
        """Whether it takes bytes now."""

    def write(self, data: bytes) -> None:
        """Hand bytes to the kernel."""

    def finish(self, ending: Ending) -> None:
        """Send FIN, or RST."""


class Pipe:
    """From a socket that is read to one that is written."""

    def __init__(
        self,
        link: LinkState,
        throttle: Callable[[bool], None],
        connect: Callable[[], None],
        counts: bool = True,
    ) -> None:
        """`throttle(True)` stops the reading, `throttle(False)` lets it go on; `connect` finds the sink.

        `counts`: whether what passes is the store's own.
        """
        self.sink: Sink | None = None
        self.over = False
        """Whether the stream's end has been handed on."""
        self._link = link
        self._counts = counts
        self._throttle = throttle
        self._connect = connect
        self._queue: deque[tuple[float, bytes | Ending]] = deque()
        self._waiting = 0
        self._latest = 0.0
        self._free_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._throttled = False
        self._loop = asyncio.get_running_loop()
        link.heard_by[self.move] = None

    @property
    def untouched(self) -> bool:
        """Whether nothing has been handed on yet: the other side need never know."""
        return self.sink is None

    def feed(self, item: bytes | Ending) -> None:
        """The reading side has something."""
        if self.over:
            return
        now = self._loop.time()
        if item is Ending.RESET and not self._link.blocked:
            self._drop()  # a reset overtakes what it makes void
        self._latest = max(self._latest, now + self._link.wait_s())
        self._queue.append((self._latest, item))
        if isinstance(item, bytes):
            self._waiting += len(item)
            if self._counts:
                self._link.offered += len(item)
            if self._waiting > MOST_WAITING and not self._throttled:
                self._throttled = True
                self._throttle(True)
        self.move()

    def move(self) -> None:
        """Hand on what may go now; called again whenever something has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.over or self._link.blocked:
            return
        if self.sink is None:
            self._connect()
        while self._queue and self.sink is not None and self.sink.writable and not self.over:
            due, item = self._queue[0]
            wait_s = max(due, self._free_at) - self._loop.time()
            if wait_s > 0:
                self._timer = self._loop.call_later(wait_s, self.move)
                return
            self._queue.popleft()
            if isinstance(item, Ending):
                self._end(item)
                return
            self._write(self.sink, due, item)
        if self._throttled and self._waiting <= MOST_WAITING // 2:
            self._throttled = False
            self._throttle(False)

    def close(self) -> None:
        """The connection is over: nothing more is handed on."""
        self.over = True
        self._drop()
        self._link.heard_by.pop(self.move, None)
        if self._timer is not None:
            self._timer.cancel()

    def _write(self, sink: Sink, due: float, data: bytes) -> None:
        """All of it, or as much as the rate and the splitting allow at once."""
        link, size = self._link, len(data)
        if link.split_bytes:
            size = min(size, link.rng.randint(1, link.split_bytes))
            self._free_at = self._loop.time() + PIECE_GAP_S
        if link.rate_bps:
            size = min(size, max(1, int(link.rate_bps / 8 * 0.02)))  # 20 ms worth of it
            self._free_at = max(self._free_at, self._loop.time() + size * 8 / link.rate_bps)
        if size < len(data):
            self._queue.appendleft((due, data[size:]))
            data = data[:size]
        self._waiting -= size
        if self._counts:
            link.carried += size
        sink.write(data)

    def _end(self, ending: Ending) -> None:
        self.over = True
        sink = self.sink
        assert sink is not None
        sink.finish(ending)

    def _drop(self) -> None:
        self._queue.clear()
        self._waiting = 0
