"""One real server in a thread of this process, and raw sockets to it."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from reference.config import NodeConfig
from reference.net.face.http import Limits
from reference.net.peers.wire import Hello, Splitter, Wire
from reference.net.process import bind
from reference.net.server import Server, Settings

LOOPBACK = "127.0.0.1"


class Live:
    """Node n1 of a cluster of n1 and n2, of which n2 is whatever a test makes of it; n1 alone is a quorum."""

    def __init__(self, limits: Limits, **options: Any) -> None:
        self.config = NodeConfig.of({"n": 1, "r": 1, "w": 1, "engine": "memory", **options})
        peers, clients, other = (bind((LOOPBACK, 0), "test") for _ in range(3))
        self.peer_port, self.http_port = peers.getsockname()[1], clients.getsockname()[1]
        self.other = other
        """A bound socket where n1 looks for n2; it refuses until a test listens on it."""
        addresses = {"n1": peers.getsockname()[:2], "n2": other.getsockname()[:2]}
        self.settings = Settings(
            "n1", peers.getsockname()[:2], clients.getsockname()[:2], addresses, self.config, limits=limits
        )
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.server = self.call(self._start(peers, clients))

    async def _start(self, peers: socket.socket, clients: socket.socket) -> Server:
        server = Server(self.settings)
        await server.start(peers, clients)
        return server

    def call(self, coroutine: Any) -> Any:
        """Run on the server's loop; its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def stop(self) -> None:
        self.call(self.server.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()
        self.other.close()

    def http(self, data: bytes, shut: bool = True) -> bytes:
        """All that the server answers to these bytes; `shut`: nothing more will come."""
        with socket.create_connection((LOOPBACK, self.http_port), 60) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(data)
                if shut:
                    connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, dict]:
        """(status, JSON, headers by lower-case name) of one request."""
        lines = [f"{method} {path} HTTP/1.1", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += [] if body is None else [f"Content-Length: {len(body)}"]
        head, _, text = self.http(("\r\n".join(lines) + "\r\n\r\n").encode() + (body or b"")).partition(
            b"\r\n\r\n"
        )
        first, *rest = head.decode().split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        return int(first.split()[1]), json.loads(text), fields

    @property
    def agreed(self) -> tuple[tuple[str, str], ...]:
        """The configuration as a hello carries it."""
        return tuple(sorted((name, str(value)) for name, value in asdict(self.config).items()))

    @contextlib.contextmanager
    def peer(self, hello: Hello | None = None, greet: bool = True) -> Iterator["Peer"]:
        """A connection as n2 makes it."""
        with socket.create_connection((LOOPBACK, self.peer_port), 60) as connection:
            peer = Peer(connection, Wire(self.config.mode))
            if greet:
                peer.send(hello or Hello("n2", "n1", 99, self.agreed))
            yield peer


class Peer:
    """Frames over a blocking socket."""

    def __init__(self, connection: socket.socket, wire: Wire) -> None:
        self.socket = connection
        self.wire = wire
        self._splitter = Splitter(2**26)
        self._frames: list[bytes] = []

    def send(self, message: Any, incarnation: int = 0) -> None:
        self.socket.sendall(self.wire.encode(message, incarnation))

    def next(self) -> Any:
        """The next message; None once the other side has closed."""
        while not self._frames:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._frames += self._splitter.feed(data)
        return self.wire.decode(self._frames.pop(0))[1]


def read_all(connection: socket.socket) -> bytes:
    """Until the other side has closed."""
    found = []
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            found.append(data)
    return b"".join(found)
