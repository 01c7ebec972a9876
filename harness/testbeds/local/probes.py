"""Probes of links: real bytes over a connection that takes the very way of the nodes' own.

A probe enters the network as its source would and is led to a responder beside the target node instead of to
its process: so it meets the link's faults, and a node that is down is no partition.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harness.testbeds.hosts.seat import Address
from harness.testbeds.local.connection import Connection
from harness.testbeds.local.network import Network
from harness.testbeds.testbed import Link, StreamSeen

PATIENCE_S = 0.25
"""How long a packet may take beyond what its link's rules explain, and beyond a call that meets no rule."""
GAP_S = 0.005
"""Between two packets of a probe that lasts."""
_PACKET = struct.Struct(">IIQ")
"""The probe's id, the packet's number, padding: 16 bytes."""


@dataclass(slots=True)
class _Probe:
    """What has come of one probe so far. Times by the loop's clock, s."""

    sent: dict[int, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    pieces: int = 0
    reset: bool = False


class Probes:
    """The responder and the probes under way."""

    def __init__(self, network: Network, host: str, nodes: Sequence[str]) -> None:
        self._network = network
        self._host = host
        self._nodes = nodes
        self._probes: dict[int, _Probe] = {}
        self._next = 0
        self._server: asyncio.Server | None = None
        self._responding: dict[asyncio.Task[None], None] = {}

    async def open(self) -> None:
        """Begin to respond."""
        self._server = await asyncio.start_server(self._respond, self._host, 0)

    def close(self) -> None:
        """Stop."""
        if self._server is not None:
            self._server.close()
        for task in list(self._responding):
            task.cancel()

    async def count(self, links: Sequence[Link], packets: int) -> dict[Link, int]:
        """How many of `packets` arrive on each link in a reasonable time."""
        distinct = list(dict.fromkeys(links))
        counts = await asyncio.gather(*(self._count(link, packets) for link in distinct))
        return dict(zip(distinct, counts, strict=True))

    async def begin(self, links: Sequence[Link]) -> Open:
        """One packet on each link, and no waiting."""
        return Open([await self._begin_one(link) for link in dict.fromkeys(links)])

    async def watch(self, link: Link, seconds: float, burst: int) -> StreamSeen:
        """Packets over one connection for so long, `burst` a write, and how they came."""
        number, probe = self._begin()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        reader, writer, connection = await self._call(link)
        ended = asyncio.ensure_future(_until_end(reader))
        try:
            while loop.time() < until and not ended.done():
                self._send(writer, number, probe, burst)
                await asyncio.sleep(GAP_S)
            deadline = loop.time() + PATIENCE_S + self._network.slowest_s(link)
            while len(probe.took_s) < len(probe.sent) and loop.time() < deadline and not ended.done():
                await asyncio.sleep(GAP_S)
            probe.reset = ended.done() and ended.result()
        finally:
            ended.cancel()
            self._end(number, writer, connection)
        took = [1000 * seconds for seconds in probe.took_s] or [0.0]
        return StreamSeen(len(probe.sent), len(probe.took_s), probe.pieces, min(took), max(took), probe.reset)

    async def _begin_one(self, link: Link) -> tuple[_Probe, Callable[[], None]]:
        """Towards a node; towards a client it is what the node's side sends that is counted."""
        number, probe = self._begin()
        asked = link if link[1] in self._nodes else (link[1], link[0])
        reader, writer, connection = await self._call(asked)
        listening = None
        if asked == link:
            self._send(writer, number, probe, 1)
        else:
            writer.write(_PACKET.pack(0, 1, 0))
            listening = asyncio.ensure_future(_listen(reader, probe))

        def end() -> None:
            if listening is not None:
                listening.cancel()
            self._end(number, writer, connection)

        return probe, end

    async def _count(self, link: Link, packets: int) -> int:
        """Towards a node packets are sent and counted there; towards a client they are asked for."""
        number, probe = self._begin()
        asked = link if link[1] in self._nodes else (link[1], link[0])
        reader, writer, connection = await self._call(asked)
        try:
            if asked == link:
                self._send(writer, number, probe, packets)
                await self._patiently(link, probe, packets)
                return len(probe.took_s)
            writer.write(_PACKET.pack(0, packets, 0))
            return await self._receive(reader, link, packets)
        finally:
            self._end(number, writer, connection)

    async def _patiently(self, link: Link, probe: _Probe, packets: int) -> None:
        """Until all arrived or are lost: a call that meets no rule tells how slow this machine is."""
        loop = asyncio.get_running_loop()
        await self._control()
        deadline = loop.time() + PATIENCE_S + self._network.slowest_s(link)
        while len(probe.took_s) < packets and loop.time() < deadline:
            await asyncio.sleep(0.002)

    async def _receive(self, reader: asyncio.StreamReader, link: Link, packets: int) -> int:
        await self._control()
        arrived = 0
        with contextlib.suppress(TimeoutError, asyncio.IncompleteReadError, OSError):
            async with asyncio.timeout(PATIENCE_S + self._network.slowest_s(link)):
                while arrived < packets:
                    await reader.readexactly(_PACKET.size)
                    arrived += 1
        return arrived

    async def _control(self) -> None:
        """One packet to the responder and back, past the network."""
        reader, writer = await asyncio.open_connection(*self._address)
        writer.write(_PACKET.pack(0, 1, 0))
        await reader.readexactly(_PACKET.size)
        writer.close()

    async def _call(self, link: Link) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Connection]:
        ours, theirs = _pair(self._host)
        connection = self._network.enter(theirs, link, self._address, probe=True)
        return *(await asyncio.open_connection(sock=ours)), connection

    @property
    def _address(self) -> Address:
        assert self._server is not None
        address: Address = self._server.sockets[0].getsockname()[:2]
        return address

    def _begin(self) -> tuple[int, _Probe]:
        self._next += 1
        probe = self._probes[self._next] = _Probe()
        return self._next, probe

    def _end(self, number: int, writer: asyncio.StreamWriter, connection: Connection) -> None:
        del self._probes[number]
        writer.transport.abort()
        connection.close()

    def _send(self, writer: asyncio.StreamWriter, number: int, probe: _Probe, packets: int) -> None:
        now = asyncio.get_running_loop().time()
        places = range(len(probe.sent), len(probe.sent) + packets)
        probe.sent.update(dict.fromkeys(places, now))
        writer.write(b"".join(_PACKET.pack(number, place, 0) for place in places))

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note each packet of a probe as it arrives; for probe 0 send as many packets as it asks for."""
        task = asyncio.current_task()
        assert task is not None
        self._responding[task] = None
        buffer, number = b"", 0
        try:
            while data := await reader.read(65536):
                buffer += data
                while len(buffer) >= _PACKET.size:
                    number, place, _ = _PACKET.unpack_from(buffer)
                    buffer = buffer[_PACKET.size :]
                    if number:
                        self._arrived(number, place)
                    else:
                        writer.write(b"".join(_PACKET.pack(0, index, 0) for index in range(place)))
                if number in self._probes:
                    self._probes[number].pieces += 1
        except OSError:
            pass
        finally:
            del self._responding[task]
            writer.close()

    def _arrived(self, number: int, place: int) -> None:
        probe = self._probes.get(number)
        if probe is not None and place in probe.sent:
            probe.took_s.append(asyncio.get_running_loop().time() - probe.sent[place])


class Open:
    """Packets under way (implements `harness.testbeds.testbed.OpenProbe`)."""

    def __init__(self, probes: Sequence[tuple[_Probe, Callable[[], None]]]) -> None:
        self._probes = probes

    def arrived(self) -> int:
        """How many of them have arrived."""
        return sum(len(probe.took_s) for probe, _ in self._probes)

    def close(self) -> None:
        """End their connections."""
        for _, end in self._probes:
            end()


async def _listen(reader: asyncio.StreamReader, probe: _Probe) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, OSError):
        await reader.readexactly(_PACKET.size)
        probe.took_s.append(0.0)


async def _until_end(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ended by a reset."""
    try:
        await reader.read()
    except OSError:
        return True
    return False


def _pair(host: str) -> tuple[socket.socket, socket.socket]:
    """Both sides of a TCP connection of our own."""
    with socket.socket() as listening:
        listening.bind((host, 0))
        listening.listen(1)
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.setblocking(False)
    theirs.setblocking(False)
    return ours, theirs
