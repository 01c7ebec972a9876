"""What operators and harnesses ask: `/status /health /metrics` and `/admin/local/<key> state members`."""

from __future__ import annotations

import base64
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from reference.net.face import facts, operator
from reference.net.face.http import HttpError, Request, Response, answer
from reference.net.face.keyvalue import key_of
from reference.net.metrics import Sample

if TYPE_CHECKING:
    from reference.net.clock import WallClock
    from reference.net.disk.disk import FileDisk, NoDisk
    from reference.net.face.listener import Listener
    from reference.net.metrics import Metrics
    from reference.net.peers.transport import Transport
    from reference.net.runtime import NetRuntime
    from reference.node import Node

_LOCAL = "/admin/local/"


class Served(Protocol):
    """What these pages look at: a node on its sockets."""

    name: str
    ready: bool
    incarnation: int
    clock: WallClock
    disk: FileDisk | NoDisk
    listener: Listener
    metrics: Metrics
    node: Node
    runtime: NetRuntime
    transport: Transport

    def trouble(self, writes: bool) -> str:
        """Why it takes no requests, or no writes, at present; empty if it does."""


class Admin:
    """Looks into one server and its node."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._began = time.monotonic()
        self._pages = {
            "/": self._index,
            "/status": self._status,
            "/health": self._health,
            "/metrics": self._metrics,
            "/admin/state": self._state,
            "/admin/members": self._members,
        }

    async def handle(self, request: Request) -> Response:
        """One request. Raises HttpError: 404, 405."""
        path = request.target.partition("?")[0]
        page = self._pages.get(path)
        if page is None and not path.startswith(_LOCAL):
            raise HttpError(404, f"no such page; there are /kv/<key> {_LOCAL}<key> {' '.join(self._pages)}")
        if path == "/admin/members" and request.method == "POST":
            if not self._server.ready:
                raise HttpError(503, self._server.trouble(writes=True))
            return await operator.decide(self._server.node, self._server.runtime.life, request.body)
        if request.method not in ("GET", "HEAD"):
            raise HttpError(405, f"{path} takes GET only", Allow="GET, HEAD")
        return page() if page is not None else self._local(key_of(path.removeprefix(_LOCAL)))

    def _index(self) -> Response:
        return answer(200, node=self._server.name, pages=["/kv/<key>", f"{_LOCAL}<key>", *self._pages])

    def _health(self) -> Response:
        trouble = self._server.trouble(writes=True)
        return answer(503 if trouble else 200, ready=not trouble, trouble=trouble)

    def _status(self) -> Response:
        server = self._server
        node, log = server.node, getattr(server.disk, "log", None)
        storage: dict[str, Any] = {"engine": node.config.engine, "trouble": server.disk.trouble}
        if log is not None:
            storage |= {"path": str(log.path), "bytes": log.size, "torn_bytes": log.torn_bytes}
            storage |= {"damaged_bytes": log.damaged_bytes}
        peers = {
            name: {
                "address": f"{link.address[0]}:{link.address[1]}",
                "epoch": f"{link.incarnation:016x}" if link.incarnation else None,
                "trouble": link.trouble,
            }
            for name, link in server.transport.links.items()
        }
        return answer(
            200,
            name=server.name,
            epoch=f"{server.incarnation:016x}",
            ready=server.ready,
            uptime_s=round(time.monotonic() - self._began, 1),
            config=asdict(node.config),
            ring={"id": node.ring.id, "nodes": list(node.ring.nodes), "ranges": len(node.ring.ends)},
            members=facts.members(node),
            peers=peers,
            suspected=node.peers.detector.suspected(),
            keys=len(node.replica.copies),
            hints=node.replica.hint_count,
            repairs=facts.repairs(node),
            offset_ms=round(server.clock.offset_ms, 3),
            skew_trouble=server.clock.trouble,
            storage=storage,
        )

    def _state(self) -> Response:
        node, offset_ms = self._server.node, round(self._server.clock.offset_ms, 3)
        return answer(200, **facts.state(node, node.ring, offset_ms))

    def _members(self) -> Response:
        return answer(200, view=self._server.node.members.view.id, members=facts.members(self._server.node))

    def _local(self, key: str) -> Response:
        """What this replica alone holds, durable: nobody else is asked, nothing is repaired."""
        copy = self._server.node.replica.copies.get(key)
        if copy is None:
            return answer(200, held=False, values=[])
        values = [base64.b64encode(value).decode() for value in copy.values()]
        return answer(200, held=True, values=values, digest=copy.digest().hex())

    def _metrics(self) -> Response:
        server = self._server
        node, links = server.node, server.transport.links

        def one(value: float) -> list[Sample]:
            return [({}, value)]

        text = server.metrics.text(
            [
                ("ready", "1 once the node serves", one(float(server.ready))),
                ("keys", "keys that this node holds", one(len(node.replica.copies))),
                ("hints", "hints not yet delivered", one(node.replica.hint_count)),
                ("repairs", "states mended since the start", one(facts.repairs(node))),
                ("suspected_peers", "peers that did not answer", one(len(node.peers.detector.suspected()))),
                ("clients_connected", "open HTTP connections", one(server.listener.connections)),
                ("callers_connected", "nodes connected to this one", one(len(server.transport.callers))),
                ("links_up", "peers that this node is connected to", one(_up(links))),
                ("clock_offset_ms", "wall clock against the machine's", one(server.clock.offset_ms)),
                ("disk_trouble", "1 while nothing can be written", one(float(bool(server.disk.trouble)))),
            ]
        )
        return Response(200, text.encode(), kind="text/plain; version=0.0.4")


def _up(links: dict[str, Any]) -> int:
    return sum(1 for link in links.values() if link.incarnation)
