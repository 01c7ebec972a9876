"""Whether a store's processes speak to each other past the testbed's links, as their own sockets show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.testbeds.hosts.seat import Address, Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.hosts.sockets import LISTENING, NOWHERE, PARTING, Socket, ephemeral, inodes, table
from harness.testbeds.testbed import Link

LOOK_S = 0.25
ANYWHERE = ("0.0.0.0", "0" * 32)
SOMEBODY = ""


@dataclass(slots=True)
class Bypasses:
    """What was seen so far."""

    seats: Sequence[Seat]
    service: Service
    ours: Callable[[Address], bool]
    """Whether a call of the testbed's own began at this address."""
    processes: Callable[[], Mapping[str, int]]
    """Node -> process id, of those that run."""
    now: Callable[[], int]
    _seen: dict[Link, tuple[int, str]] = field(default_factory=dict)
    """Pair in both directions -> when last, and how."""

    async def watch(self, bent: Callable[[], bool]) -> None:
        """While a fault acts on links, look again and again."""
        while True:
            await asyncio.sleep(LOOK_S)
            if bent():
                self.look()

    def look(self) -> None:
        """Read the kernel's tables now."""
        owners = {inode: node for node, pid in self.processes().items() for inode in inodes(pid)}
        for pair, how in past(table(), owners, self._doors(), self.ours).items():
            self._seen[pair] = (self.now(), how)

    def since(self, since: int) -> dict[Link, str]:
        """What was seen then or later."""
        return {pair: how for pair, (when, how) in self._seen.items() if when >= since}

    def _doors(self) -> dict[Address, tuple[str, bool]]:
        """Where nodes listen -> the node, and whether only nodes call there."""
        only_nodes = [name for name in self.service.peer_ports if name != self.service.client_port]
        return {
            seat.address(name): (seat.node, name in only_nodes) for seat in self.seats for name in seat.ports
        }


def past(
    sockets: Sequence[Socket],
    owners: Mapping[int, str],
    listens: Mapping[Address, tuple[str, bool]],
    ours: Callable[[Address], bool],
) -> dict[Link, str]:
    """The pairs of nodes, both ways, whose processes are connected to each other and to no door of ours."""
    nodes = list(dict.fromkeys(node for node, _ in listens.values()))
    at = {(socket.local, socket.remote): owners[socket.inode] for socket in sockets if socket.inode in owners}
    listening = {address: node for address, (node, _) in listens.items()}
    for socket in sockets:
        if socket.state == LISTENING and socket.inode in owners:
            listening.setdefault(socket.local, owners[socket.inode])
    found: dict[Link, str] = {}

    def note(caller: str, called: str, how: str) -> None:
        others = [caller] if caller != SOMEBODY else [node for node in nodes if node != called]
        for other in others:
            found[other, called] = found[called, other] = how

    for socket in sockets:
        owner = owners.get(socket.inode)
        where = f"{socket.remote[0]}:{socket.remote[1]}"
        if socket.protocol == "udp":
            if owner is not None and socket.remote[1] == NOWHERE and socket.local[1] not in ephemeral():
                note(SOMEBODY, owner, f"{owner} hears UDP at port {socket.local[1]}, which no link carries")
            continue
        if owner is not None and socket.state != LISTENING:
            called = at.get((socket.remote, socket.local)) or _listener(listening, socket.remote)
            if called is not None and called != owner:
                note(owner, called, f"{owner} is connected to {called} directly, at {where}")
        if socket.state == PARTING:
            for here, there in ((socket.local, socket.remote), (socket.remote, socket.local)):
                called, only_nodes = listens.get(here, (SOMEBODY, False))
                if only_nodes and not ours(there):
                    note(SOMEBODY, called, f"{called} was called directly, at {here[0]}:{here[1]}")
    return found


def _listener(listening: Mapping[Address, str], address: Address) -> str | None:
    """Who listens there, be it at every address of the machine."""
    places = [address, *((anywhere, address[1]) for anywhere in ANYWHERE)]
    return next((listening[place] for place in places if place in listening), None)
