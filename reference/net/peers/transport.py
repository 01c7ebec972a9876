"""All connections of one node: links to its peers, and the peers that call it."""

from __future__ import annotations

import asyncio
import socket
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from reference.bounds import shown
from reference.net.metrics import Metrics
from reference.net.peers.channel import Channel
from reference.net.peers.link import SILENCE_S, Address, Link
from reference.net.peers.wire import Beat, Hello, Refuse, Welcome, Wire

MAX_CALLERS = 256
"""Connections that other nodes may hold open here."""
HELLO_S = 2.0


class Transport:
    """Sends to peers by name and hands on what they send."""

    def __init__(
        self,
        name: str,
        incarnation: int,
        mode: str,
        config: tuple[tuple[str, str], ...],
        metrics: Metrics,
        receive: Callable[[str, Any, Callable[[Exception], None]], None],
    ) -> None:
        """`config`: what every node of the cluster must agree on, as text.

        `receive(peer, message, blame)`: what the message breaks is for `blame`.
        """
        self.name = name
        self.incarnation = incarnation
        self.links: dict[str, Link] = {}
        self.accepts: Callable[[str], bool] = lambda peer: peer in self.links
        """Whether a node of this name may call; membership may know more than we do."""
        self._wire = Wire(mode)
        self._hello = Hello(name, "", incarnation, config)
        self._metrics = metrics
        self._receive = receive
        self._callers: dict[Channel, None] = {}
        self._server: asyncio.Server | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def listen(self, listening: socket.socket) -> None:
        """Take calls on a bound socket."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Channel(self._wire, self._frame, self._opened, self._closed), sock=listening
        )
        self._run("sweep", self._sweep())

    def connect(self, peer: str, address: Address) -> None:
        """Keep a link to this peer; a new address replaces the old one."""
        known = self.links.get(peer)
        if peer == self.name or (known is not None and known.address == address):
            return
        self.disconnect(peer)
        link = self.links[peer] = Link(peer, address, self._wire, self._hello, self._metrics)
        self._run(f"link {peer}", link.run())

    def disconnect(self, peer: str) -> None:
        """This peer is no member any more."""
        self.links.pop(peer, None)
        task = self._tasks.pop(f"link {peer}", None)
        if task is not None:
            task.cancel()

    def send(self, to: str, message: Any) -> None:
        """Send and forget; an unknown name is a node that cannot be reached."""
        link = self.links.get(to)
        if link is not None:
            link.send(message)
        else:
            self._metrics.count("messages_dropped_total", cause="unknown")

    async def settled(self, timeout_s: float) -> None:
        """Until every link has made its first attempt, or the time is over."""
        waits = [asyncio.ensure_future(link.tried.wait()) for link in self.links.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=timeout_s)
            for wait in late:
                wait.cancel()

    async def close(self) -> None:
        """End every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for channel in list(self._callers):
            channel.end("this node stops")

    @property
    def callers(self) -> list[str]:
        """Names of the nodes that are connected to this one, in the order of their calls."""
        return [channel.peer for channel in self._callers if channel.peer]

    def _run(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.create_task(work, name=name)

    def _opened(self, channel: Channel) -> None:
        self._callers[channel] = None
        if len(self._callers) > MAX_CALLERS:
            channel.end("too many connections")

    def _closed(self, channel: Channel) -> None:
        self._callers.pop(channel, None)
        cause = channel.why.split(":")[0]
        if cause in ("nonsense", "refused", "silent", "too many connections", "broke"):
            self._metrics.count("peers_dropped_total", cause=cause.replace(" ", "-"))
        if cause in ("nonsense", "refused", "broke"):
            who = shown(channel.peer or "a caller")
            print(f"{self.name}: closed the connection of {who}: {channel.why}", file=sys.stderr, flush=True)

    def _frame(self, channel: Channel, incarnation: int, message: Any) -> None:
        if not channel.peer:
            self._greet(channel, message)
        elif isinstance(message, Beat):
            channel.send(message)
        elif isinstance(message, Hello | Welcome | Refuse):
            channel.end(f"nonsense: {type(message).__name__} in the middle of a conversation")
        elif incarnation != self.incarnation:
            self._metrics.count("messages_dropped_total", cause="other-incarnation")
        else:
            self._receive(channel.peer, message, lambda error: self._blame(channel, message, error))

    def _blame(self, channel: Channel, message: Any, error: Exception) -> None:
        """What this caller said broke its handler: that ends its connection, and nothing else."""
        print(
            f"{self.name}: {type(message).__name__} of {shown(channel.peer)} broke its handler:",
            file=sys.stderr,
        )
        traceback.print_exception(error)
        self._metrics.count("handlers_broken_total", kind=type(message).__name__)
        channel.end(f"broke: {type(error).__name__} in the handler of a {type(message).__name__}")

    def _greet(self, channel: Channel, hello: Any) -> None:
        if not isinstance(hello, Hello):
            channel.end("nonsense: a conversation begins with a hello")
            return
        reason = self._objection(hello)
        if reason:
            channel.send(Refuse(reason))
            channel.end(f"refused: {shown(hello.name)}: {reason}")
            return
        for other in list(self._callers):
            if other.peer == hello.name:
                other.end("it called again")
        channel.greeted(hello.name, hello.incarnation)
        channel.send(Welcome(self.name, self.incarnation))
        link = self.links.get(hello.name)
        if link is not None:
            link.met(hello.incarnation)

    def _objection(self, hello: Hello) -> str:
        """Why we do not talk to this caller: it is better to refuse than to guess."""
        if hello.to != self.name:
            return f"this is {self.name}, not {shown(hello.to)}: check the addresses in --peers"
        if hello.name == self.name or not self.accepts(hello.name):
            return f"{shown(hello.name)} is no other member: check --peers"
        ours, theirs = dict(self._hello.config), dict(hello.config)
        for field in dict.fromkeys((*ours, *theirs)):
            if ours.get(field) != theirs.get(field):
                told = f"{field}={theirs.get(field)} there, {field}={ours.get(field)} here"
                return f"mixed configuration: {shown(told)}"
        return ""

    async def _sweep(self) -> None:
        """End calls that never said hello, and those that have fallen silent."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(HELLO_S / 4)
            for channel in list(self._callers):
                since = channel.heard_at if channel.peer else channel.opened_at
                if loop.time() - since > (2 * SILENCE_S if channel.peer else HELLO_S):
                    channel.end("silent: nothing came for too long")
