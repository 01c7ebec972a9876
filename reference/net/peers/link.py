"""The way to one peer: one outgoing connection, made again whenever it breaks.

While there is no connection messages are dropped, as by a network: the node's own timeouts, hints and
anti-entropy are made for that, and nothing old is poured over a peer that comes back.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from reference.net.metrics import Metrics
from reference.net.peers.channel import Channel
from reference.net.peers.fields import WireError
from reference.net.peers.wire import ANYONE, Beat, Hello, Refuse, Welcome, Wire

Address = tuple[str, int]
CONNECT_S = 1.0
BEAT_S = 0.5
SILENCE_S = 1.6
"""A connection over which nothing came for so long is half-open: three beats were not answered."""
BACKOFF_S = (0.05, 0.5)


class Link:
    """Outgoing messages to one peer, at `address`, as long as `run` runs."""

    def __init__(self, peer: str, address: Address, wire: Wire, hello: Hello, metrics: Metrics) -> None:
        self.peer = peer
        self.address = address
        self.trouble = "not yet connected"
        """Why there is no connection; empty while there is one."""
        self.tried = asyncio.Event()
        """Set once the first attempt has ended."""
        self._wire = wire
        self._hello = hello._replace(to=peer)
        self._metrics = metrics
        self._channel: Channel | None = None
        self._wake = asyncio.Event()
        self._jitter = Random()

    @property
    def incarnation(self) -> int:
        """The peer's, as met on the present connection; 0 without one."""
        return self._channel.incarnation if self._channel is not None else ANYONE

    def send(self, message: Any) -> None:
        """Or drop it. Never waits, never raises."""
        channel = self._channel
        try:
            sent = channel is not None and channel.send(message)
        except WireError as error:
            self._metrics.count("messages_dropped_total", cause="too-large")
            self.trouble = str(error)
            return
        if sent:
            self._metrics.count("messages_sent_total")
        else:
            cause = "unconnected" if channel is None else "backlog"
            self._metrics.count("messages_dropped_total", cause=cause)

    def met(self, incarnation: int) -> None:
        """The peer called us: it lives, and a connection to an earlier incarnation of it is dead."""
        if self._channel is not None and self._channel.incarnation != incarnation:
            self._channel.end("the peer was started anew")
        self._wake.set()

    async def run(self) -> None:
        """Connect, keep alive, connect again, until cancelled."""
        backoff_s = BACKOFF_S[0]
        try:
            while True:
                if await self._connected():
                    backoff_s = BACKOFF_S[0]
                self._wake.clear()
                wait_s = backoff_s * self._jitter.uniform(0.5, 1.0)
                await _either(self._wake, wait_s)
                backoff_s = min(2 * backoff_s, BACKOFF_S[1])
        finally:
            if self._channel is not None:
                self._channel.end("this node stops")

    async def _connected(self) -> bool:
        """One connection from its attempt to its end; whether it ever stood."""
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        welcome: asyncio.Future[str] = loop.create_future()

        def frame(channel: Channel, _: int, message: Any) -> None:
            if welcome.done():
                return  # beats
            if isinstance(message, Welcome) and message.name == self.peer:
                channel.greeted(message.name, message.incarnation)
                welcome.set_result("")
            elif isinstance(message, Refuse):
                welcome.set_result(f"{self.peer} refused us: {message.reason}")
            else:
                welcome.set_result(f"{type(message).__name__} instead of a welcome from {self.peer}")

        stood = False
        channel = Channel(self._wire, frame, on_close=lambda _: over.set())
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.create_connection(lambda: channel, *self.address)
            channel.send(self._hello)
            self.trouble = await _first(welcome, over)
            if not self.trouble and not over.is_set():
                self._channel, stood = channel, True
                self.tried.set()
                await self._keep_alive(channel, over)
                self.trouble = channel.why
        except (OSError, TimeoutError, ValueError) as error:  # ValueError: a host that no resolver takes
            where = f"{self.peer} at {self.address[0]}:{self.address[1]}"
            self.trouble = f"no connection to {where}: {error or 'no answer'}"
        finally:
            self._channel = None
            self.tried.set()
            channel.end(self.trouble)
        return stood

    async def _keep_alive(self, channel: Channel, over: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while not await _either(over, BEAT_S):
            if loop.time() - channel.heard_at > SILENCE_S:
                self._metrics.count("peers_dropped_total", cause="silent")
                channel.end(f"{self.peer} has been silent for {SILENCE_S:g} s")
                return
            channel.send(Beat())


async def _first(welcome: asyncio.Future[str], over: asyncio.Event) -> str:
    """The answer to our hello, or why there is none."""
    closed = asyncio.ensure_future(over.wait())
    try:
        await asyncio.wait((welcome, closed), timeout=CONNECT_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        closed.cancel()
    if welcome.done():
        return welcome.result()
    return "it closed the connection" if over.is_set() else "no answer to our hello"


async def _either(event: asyncio.Event, timeout_s: float) -> bool:
    """Whether it came within the time. (Not wait_for, which may swallow the cancellation of a link.)"""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
