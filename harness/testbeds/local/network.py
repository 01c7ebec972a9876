"""All links of one run: a door for each endpoint that calls a node, and the connections that go through.

Rules act on directed links, so a cut from `a` to `b` stops a's bytes to b on connections that a opened and on
those that b opened; bytes from b to a go on until the ends give up, as with a packet filter. A connection is
dialled on behalf of its caller as soon as the caller's own direction is open.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from random import Random

from harness.testbeds.hosts.links import Links
from harness.testbeds.hosts.seat import Address
from harness.testbeds.local.connection import Connection
from harness.testbeds.local.door import Door
from harness.testbeds.testbed import Link, LinkShape, Sent

MOST_CONNECTIONS = 2000
MOST_DIALLED = 20_000
"""Ends of connections that are over, remembered: the kernel knows them for a minute longer."""
MOST_CLIENT_DOORS = 200
"""A client that retires leaves its doors behind: the oldest are closed."""


class Network:
    """The proxies of one testbed; everything is on one event loop."""

    def __init__(
        self, hosts: Mapping[str, str], latency_s: tuple[float, float], stream: Callable[[Link], Random]
    ) -> None:
        """`hosts`: each node's host, where its doors are."""
        self._hosts = hosts
        self._links = Links(latency_s, stream)
        self._doors: dict[tuple[Link, Address], Door] = {}
        self._runs: dict[str, bool] = dict.fromkeys(hosts, False)
        self._serves: dict[str, bool] = dict.fromkeys(hosts, False)
        self._connections: dict[Connection, None] = {}
        self._dialled: dict[Address, None] = {}
        self._standing: dict[asyncio.Task[None], None] = {}

    @property
    def connections(self) -> int:
        """How many are under way."""
        return len(self._connections)

    def address(self, source: str, node: str, target: Address) -> Address:
        """Where `source` finds `node`; what calls there reaches `target`, one of the node's own addresses."""
        link = (source, node)
        door = self._doors.get((link, target))
        if door is None:
            door = Door(self._hosts[node], lambda call: self.enter(call, link, target))
            self._doors[link, target] = door
            self._links.state(*link)
            self._links.state(node, source)
            self._set(link)
            self._close_oldest()
        return door.address

    def enter(self, call: socket.socket, link: Link, target: Address, probe: bool = False) -> Connection:
        """A caller's socket: its bytes go over `link` to `target`, the answers come back over its reverse."""
        if len(self._connections) >= MOST_CONNECTIONS:
            next(iter(self._connections)).reset()
        source, node = link
        there, back = self._links.state(source, node), self._links.state(node, source)
        there.offered += not probe
        connection = Connection(there, back, target, self._forget, counts=not probe)
        self._connections[connection] = None
        loop = asyncio.get_running_loop()
        standing = loop.create_task(_stand(loop, connection, call), name=f"{source} calls {node}")
        self._standing[standing] = None
        standing.add_done_callback(lambda task: self._standing.pop(task, None))
        return connection

    def set_up(self, node: str, runs: bool, serves: bool) -> None:
        """Whether the node's process runs, for other nodes, and serves, for clients.

        If not, its doors refuse calls as its kernel would.
        """
        self._runs[node], self._serves[node] = runs, serves
        self._set(*(link for link, _ in self._doors if link[1] == node))

    def rule(self, fault: str, links: Sequence[Link], shape: LinkShape | None) -> None:
        """Block these links (None) or bend them, on behalf of this fault."""
        self._links.rule(fault, links, shape)
        self._set_all()

    def clear(self, fault: str) -> None:
        """Take back what was done for this fault."""
        self._links.clear(fault)
        self._set_all()

    def reset(self, links: Sequence[Link]) -> int:
        """Reset every connection on these links; how many."""
        hit = [
            connection for connection in self._connections if any(link in links for link in connection.links)
        ]
        for connection in hit:
            connection.reset()
        return len(hit)

    @property
    def traffic(self) -> dict[Link, Sent]:
        """What the store sent over each link so far, probes left out."""
        return self._links.traffic

    @property
    def bent(self) -> bool:
        """Whether any fault acts on any link now."""
        return self._links.bent

    def dialled(self, address: Address) -> bool:
        """Whether a connection of ours to some node began at this address, a short while ago or now."""
        return address in self._dialled or any(call.source == address for call in self._connections)

    def slowest_s(self, link: Link) -> float:
        """The longest that bytes may be on their way over this link, as its rules are now."""
        state = self._links.state(*link)
        return state.delay_s + state.jitter_s

    def close(self) -> None:
        """End everything."""
        for door in self._doors.values():
            door.close()
        self._doors.clear()
        for connection in list(self._connections):
            connection.close()

    def _set_all(self) -> None:
        self._set(*{link: None for link, _ in self._doors})

    def _set(self, *links: Link) -> None:
        """A door is open while its node is up or its link is cut: what is cut refuses nothing."""
        for (link, _), door in self._doors.items():
            if link not in links:
                continue
            source, node = link
            cut = self._links.state(source, node).blocked or self._links.state(node, source).blocked
            up = self._runs[node] if source in self._hosts else self._serves[node]
            door.set_open(up or cut)

    def _close_oldest(self) -> None:
        clients = [place for place in self._doors if place[0][0] not in self._hosts]
        for place in clients[: max(0, len(clients) - MOST_CLIENT_DOORS)]:
            self._doors.pop(place).close()

    def _forget(self, connection: Connection) -> None:
        self._connections.pop(connection, None)
        if connection.source is not None:
            self._dialled[connection.source] = None
            if len(self._dialled) > MOST_DIALLED:
                del self._dialled[next(iter(self._dialled))]


async def _stand(loop: asyncio.AbstractEventLoop, connection: Connection, call: socket.socket) -> None:
    try:
        await loop.connect_accepted_socket(lambda: connection.caller, call)
    except OSError:
        call.close()
        connection.close()
