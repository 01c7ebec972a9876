"""A system for a small foreign store, as an outsider would write it: a service, a deployment, a client."""

import sys
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from harness.errors import Unanswered
from harness.systems.http import Response, request
from harness.systems.system import Reply
from harness.testbeds.hosts.seat import Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.hosts.testbed import Hosts

HERE = Path(__file__).parent


class Node(Service):
    """How a node is started. That it listens is all there is to being ready; of its clock it says nothing."""

    def __init__(self, program: str) -> None:
        self._program = program

    def command(self, seat: Seat, damaged: bool) -> list[str]:
        peers = ",".join(f"{peer.node}={peer.at()}" for peer in seat.peers.values())
        words = (
            "--name {node} --host {host} --peer-port {peer_port} --client-port {client_port} --data {data}"
        )
        return [sys.executable, str(HERE / self._program), *seat.filled(words).split(), "--peers", peers]


class Stranger:
    """The system. `lacks` says at once what its service would: no plan may skew it."""

    testbeds = ("local",)
    lacks = frozenset({"skew"})
    options: ClassVar[dict[str, str]] = {}

    def __init__(self, name: str, promise: str = "mvr-blind") -> None:
        self.name, self.summary = name, f"a stranger's store, {name}"
        self._promise = promise

    def promise(self, config: dict[str, Any]) -> str:
        return self._promise

    def deploy(self, testbed: Hosts, config: dict[str, Any]) -> "Running":
        testbed.install(Node(f"{self.name}.py"))
        return Running(testbed)


class Running:
    """The store as it runs: a majority of three, a log that is handed to the kernel, no hints, gossip."""

    config: ClassVar[dict[str, Any]] = {
        "n": 3,
        "r": 2,
        "w": 2,
        "sloppy": False,
        "engine": "log",
        "durability": "none",
        "settle_bound_s": 4.0,
        "background_period_s": 1.0,
        "detect_ms": 1000.0,
        "clock_sync_ms": 0.0,
    }

    def __init__(self, testbed: Hosts) -> None:
        self.nodes = testbed.nodes
        self._testbed = testbed

    def client(self, process: int, timeout_s: float = 1.0) -> "Client":
        return Client(self._testbed, f"c{process}", timeout_s)

    def preference_list(self, key: str) -> tuple[str, ...]:
        return self.nodes

    async def final(self, node: str, key: str) -> list[str] | None:
        """One replica's own copy, asked past all faults."""
        try:
            return values(await request(self._testbed.seat(node).address(), "GET", f"/local/{key}"))
        except Exception:
            return None

    async def state(self, node: str) -> None:
        return None


class Client:
    """204 is done, 200 a value, 404 none; after a 503 nobody knows."""

    def __init__(self, testbed: Hosts, name: str, timeout_s: float) -> None:
        self._testbed, self._name, self._timeout_s = testbed, name, timeout_s

    async def get(self, key: str, node: str) -> Reply:
        return Reply(values(await self._ask(node, "GET", key, None)), None)

    async def put(self, key: str, value: str, context: Any, node: str) -> None:
        done(await self._ask(node, "PUT", key, msgspec.json.encode(value)))

    async def delete(self, key: str, context: Any, node: str) -> None:
        done(await self._ask(node, "DELETE", key, None))

    async def _ask(self, node: str, method: str, key: str, body: bytes | None) -> Response:
        where = self._testbed.client_address(self._name, node)
        return await request(where, method, f"/kv/{key}", body, timeout_s=self._timeout_s)


def values(found: Response) -> list[str]:
    if found.status == 404:
        return []
    done(found, 200)
    return [msgspec.json.decode(found.body, type=str)]


def done(found: Response, wanted: int = 204) -> None:
    if found.status != wanted:
        raise Unanswered(f"HTTP {found.status}")
