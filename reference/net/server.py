"""One node put together: its data, its runtime, its peers, its clients."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reference.bounds import address
from reference.config import NodeConfig
from reference.membership import GONE, UP, Member, View
from reference.messages import ClientWrite, Forward, ReplicaPut
from reference.net.clock import WallClock
from reference.net.disk.datadir import DataDir, DataError
from reference.net.disk.disk import FileDisk, NoDisk
from reference.net.disk.disks import open_disk
from reference.net.face.admin import Admin
from reference.net.face.http import HttpError, Limits, Request, Response
from reference.net.face.keyvalue import KeyValue
from reference.net.face.listener import Listener
from reference.net.metrics import Metrics
from reference.net.peers.link import Address
from reference.net.peers.transport import Transport
from reference.net.runtime import NetRuntime
from reference.node import Node

_WRITES = (ReplicaPut, Forward, ClientWrite)
_FIRST_CALLS_S = 0.3


@dataclass(frozen=True)
class Settings:
    """What one process is told."""

    name: str
    listen: Address
    http: Address
    peers: Mapping[str, Address]
    """Every member of the cluster as it forms, this node included; without it, it waits to be joined."""
    config: NodeConfig
    data: Path | None = None
    skew_file: Path | None = None
    accept_damage: bool = False
    limits: Limits = field(default_factory=Limits)


class Server:
    """A node on its sockets. `failed` ends with the exception that ended the incarnation, if one does."""

    def __init__(self, settings: Settings) -> None:
        """Open the data. Raises DataError. Must be called on the loop that will run it."""
        self.settings = settings
        self.name = settings.name
        self.ready = False
        loop = asyncio.get_running_loop()
        self.failed: asyncio.Future[BaseException] = loop.create_future()
        self.metrics = Metrics()
        self.clock = WallClock(settings.skew_file)
        config = settings.config
        self._dir: DataDir | None = None
        self.disk: FileDisk | NoDisk = NoDisk(loop)
        if config.engine != "memory" and settings.data is not None:
            self._dir = DataDir(settings.data, self.name, config.mode, settings.accept_damage)
            try:
                self.disk = open_disk(settings.data, config, settings.accept_damage, loop, self._fail)
            except DataError:
                self._dir.close()
                raise
        self.runtime = NetRuntime(self.name, loop, self.disk, self.clock, self._fail)
        self.node = Node(self.runtime, config, self._view())
        self.incarnation = self.node.epoch
        agreed = tuple(sorted((option, str(value)) for option, value in asdict(config).items()))
        self.transport = Transport(
            self.name, self.incarnation, config.mode, agreed, self.metrics, self.runtime.deliver
        )
        self.runtime.to_peer = self.transport.send
        self.transport.accepts = lambda peer: peer in self.transport.links or not self.node.members.gone(peer)
        self._keys = KeyValue(self.runtime, config, self.incarnation, self.metrics, self.trouble)
        self._admin = Admin(self)
        limits = settings.limits._replace(body_bytes=config.max_object_bytes)
        self.listener = Listener(self.handle, limits, self.metrics)

    async def start(self, peers: socket.socket, clients: socket.socket) -> None:
        """Recover and serve on these bound sockets; ready once this returns."""
        await self.listener.listen(clients)
        for peer, where in self.settings.peers.items():
            self.transport.connect(peer, where)
        self.node.members.moved.append(lambda _: self._members_moved())
        self._members_moved()
        await self.runtime.life.start(self.node.start()).for_asyncio()
        self.runtime.receive = self._receive
        await self.transport.listen(peers)
        await self.transport.settled(_FIRST_CALLS_S)
        self.ready = True

    async def stop(self) -> None:
        """End in order: what was acknowledged is on the disk already, or in a buffer that now goes there."""
        self.ready = False
        if not self.runtime.life.over and not self.disk.trouble:
            await self.runtime.life.start(self.node.replica.flush()).for_asyncio()
        self.runtime.life.over = True
        await self.listener.close()
        await self.transport.close()
        self.disk.close()
        if self._dir is not None:
            self._dir.close()

    def trouble(self, writes: bool) -> str:
        """Why this node takes no requests, or no writes, at present; empty if it does."""
        if not self.ready:
            return f"{self.name} is starting"
        return self.disk.trouble if writes else ""

    async def handle(self, request: Request) -> Response:
        """One HTTP request."""
        try:
            if request.target.startswith("/kv/"):
                return await self._keys.handle(request)
            return await self._admin.handle(request)
        except HttpError as error:
            self.metrics.count("bad_requests_total", status=str(error.response.status))
            return error.response

    def _receive(self, sender: str, message: object) -> None:
        """With a full disk nothing more is taken in: silence is not an acknowledgement."""
        if self.disk.trouble and isinstance(message, _WRITES):
            self.metrics.count("messages_dropped_total", cause="disk")
            return
        self.node.receive(sender, message)

    def _view(self) -> View:
        """The members as they form the cluster. Their addresses are each node's own affair."""
        tokens = self.settings.config.tokens
        return View.initial([Member(name, UP, tokens, "", "") for name in sorted(self.settings.peers)])

    def _members_moved(self) -> None:
        """Reach those who joined later where their change says that they are."""
        for name, member in self.node.members.view.members.items():
            if member.status == GONE:
                self.transport.disconnect(name)
            elif member.address and name not in self.settings.peers:
                self.transport.connect(name, address(member.address))

    def _fail(self, error: BaseException) -> None:
        self.runtime.life.over = True
        if not self.failed.done():
            self.failed.set_result(error)
