"""The testbed `local`: real processes on loopback addresses, real sockets, real time; no root, no SSH.

A system installs a service; each node is one process of it. All that nodes and clients say to each other goes
through our proxies; our own questions to a node (does it serve, what does its clock say) go past them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from harness.errors import HarnessError
from harness.plan.seeds import stream
from harness.testbeds.hosts import files
from harness.testbeds.hosts.bypasses import Bypasses
from harness.testbeds.hosts.host import POLL_S, START_S, Host
from harness.testbeds.hosts.leftovers import Register, end_leftovers, root
from harness.testbeds.hosts.logs import keep_logs
from harness.testbeds.hosts.realtime import RealTime, Running
from harness.testbeds.hosts.seat import Address, Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.hosts.watching import watch
from harness.testbeds.local.addresses import Place, places
from harness.testbeds.local.network import Network
from harness.testbeds.local.probes import Probes
from harness.testbeds.local.seating import seat
from harness.testbeds.testbed import Exited, Link, LinkShape, OpenProbe, Operator, Sent, StreamSeen

T = TypeVar("T")


class LocalTestbed:
    """A cluster of processes (implements `harness.testbeds.hosts.testbed.Hosts`, `Streams` and `Files`)."""

    name = "local"
    runs: Literal["processes"] = "processes"
    capabilities = frozenset({"partition", "stream", "kill", "pause", "wipe", "truncate", "bitflip", "skew"})
    sees_all = False
    operator: Operator | None = None
    on_exit: Callable[[Exited], None] | None = None

    def __init__(self, seed: int, nodes: Sequence[str], latency_ms: tuple[float, float] = (0.0, 0.0)) -> None:
        """Nothing is opened or started before the first node is."""
        self.nodes = tuple(nodes)
        self._seed = seed
        self._latency_s = (latency_ms[0] / 1000, latency_ms[1] / 1000)
        self._time = RealTime(self._broke)
        self._service: Service | None = None
        self._register: Register | None = None
        self._network: Network
        self._probes: Probes
        self._bypasses: Bypasses
        self._places: dict[str, Place] = {}
        self._hosts: dict[str, Host] = {}
        self._started: dict[str, None] = {}
        self._opening: asyncio.Task[None] | None = None
        self._failure: HarnessError | None = None

    # time and tasks

    def now(self) -> int:
        """Monotonic ns since this testbed was made."""
        return self._time.now()

    def sleep(self, seconds: float) -> Coroutine[Any, Any, None]:
        """Wait. Raises HarnessError if a node's process ended by itself meanwhile, once."""
        self._raise_failure()
        return asyncio.sleep(seconds)

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> Running:
        """Run beside the caller."""
        return self._time.spawn(coroutine, name)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive everything until this coroutine ends."""
        return self._time.run(coroutine)

    # programs and addresses

    def install(self, service: Service) -> None:
        """What a start starts. A store that says nothing of its clock cannot be skewed: nobody could tell."""
        service.install()
        self._service = service
        if not service.tells_clock:
            self.capabilities = self.capabilities - {"skew"}

    def seat(self, node: str) -> Seat:
        """Where this node lives, for questions that go past all faults."""
        return self._hosts[node].seat

    def client_address(self, client: str, node: str, port: str | None = None) -> Address:
        """Where this client finds this node: a proxy of its own, so that it can be cut off alone."""
        assert self._service is not None
        target = self.seat(node).address(port or self._service.client_port)
        return self._network.address(client, node, target)

    # processes and disks

    async def start(self, node: str) -> None:
        """Start the process if it does not run; returns once it serves, or once somebody has ended it."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open())
        await asyncio.shield(self._opening)
        await self._hosts[node].start()
        if node not in self._started:
            self._started[node] = None
            if len(self._started) == len(self.nodes):
                await self._formed()

    async def kill(self, node: str) -> None:
        """SIGKILL."""
        self._hosts[node].kill()

    async def pause(self, node: str) -> None:
        """SIGSTOP."""
        await self._hosts[node].pause(True)

    async def resume(self, node: str) -> None:
        """SIGCONT."""
        await self._hosts[node].pause(False)

    async def power_cut(self, node: str) -> None:
        """What the operating system has of a process's files it keeps: always HarnessError."""
        raise HarnessError("testbed", f"{node} is a process: its power cannot be cut")

    async def wipe(self, node: str) -> None:
        """Erase the files of a node that is down."""
        host = self._down(node, "wiped")
        files.wipe(host.seat.data)
        host.damage = None

    async def alive(self, node: str) -> str:
        """Ask the operating system, and the process itself."""
        return await self._hosts[node].looks()

    async def stored_records(self, node: str) -> int:
        """Bytes of its files: what is in them only the store knows."""
        return files.stored_bytes(self._hosts[node].seat.data)

    async def truncate(self, node: str, share: float) -> dict[str, Any]:
        """Cut its largest file short."""
        host = self._down(node, "truncated")
        return _done(host, files.truncate(host.seat.data, share))

    async def bitflip(self, node: str, places: Sequence[float]) -> dict[str, Any]:
        """Flip bits in its largest file."""
        host = self._down(node, "flipped")
        return _done(host, files.bitflip(host.seat.data, places))

    async def damaged(self, node: str) -> bool:
        """Read the file again."""
        damage = self._hosts[node].damage
        return damage is not None and files.still_damaged(damage)

    # links

    async def block(self, fault: str, links: Sequence[Link]) -> None:
        """Let nothing pass these links: no bytes, no FIN, no RST."""
        self._network.rule(fault, links, None)

    async def shape(self, fault: str, links: Sequence[Link], shape: LinkShape) -> None:
        """Bend these links. Raises HarnessError on what has no meaning on a byte stream."""
        if shape.loss or shape.duplicate or shape.reorder:
            raise HarnessError("testbed", "a byte stream loses, doubles and reorders nothing: use `stream`")
        self._network.rule(fault, links, shape)

    async def unblock(self, fault: str) -> None:
        """Take back what this fault id did; what waited on the links goes on."""
        self._network.clear(fault)

    async def reset_links(self, links: Sequence[Link]) -> int:
        """RST to both sides of every connection on them."""
        return self._network.reset(links)

    def traffic(self) -> dict[Link, Sent]:
        """Bytes that nodes and clients sent through the proxies."""
        return self._network.traffic

    async def bypasses(self, since_ns: int) -> dict[Link, str]:
        """Connections between nodes' processes that are not ours. Only Linux shows them."""
        self._bypasses.look()
        return self._bypasses.since(since_ns)

    def _processes(self) -> dict[str, int]:
        return {node: host.process.pid for node, host in self._hosts.items() if host.process is not None}

    async def open_probe(self, links: Sequence[Link]) -> OpenProbe:
        """One packet on each link, each on a connection of its own."""
        return await self._probes.begin(links)

    async def probe_links(self, links: Sequence[Link], packets: int = 1) -> dict[Link, int]:
        """Packets of 16 bytes, each link's on a connection of its own."""
        return await self._probes.count(links, packets)

    async def probe_stream(self, link: Link, seconds: float, burst: int = 1) -> StreamSeen:
        """Packets over one connection, and how they came."""
        return await self._probes.watch(link, seconds, burst)

    # clocks

    async def set_clock(self, node: str, offset_ms: float, rate_ppm: float = 0.0) -> None:
        """Through the node's skew file."""
        self._hosts[node].set_clock(offset_ms, rate_ppm)

    async def clock_offset_ms(self, node: str) -> float | None:
        """As the node says; None while it says nothing."""
        return await self._hosts[node].clock_offset_ms()

    # beginning and end

    def close(self, keep: Path) -> None:
        """End every process, move their logs to `keep/<node>/log.txt`, give everything back."""
        hosts, self._hosts = self._hosts, {}
        for host in hosts.values():
            host.kill()
        try:
            if hosts:
                self._time.run(self._shut())
            self._time.end()
            for node, host in hosts.items():
                keep_logs(host.log, host.own_logs, keep / node)
        finally:
            if self._register is not None:
                self._register.remove()

    async def _open(self) -> None:
        assert self._service is not None, "a system installs its service before nodes start"
        parent = root()
        end_leftovers(parent)
        register = self._register = Register(parent)
        self._places = places(self.nodes, self._service.ports, self._service.distinct_ports)
        hosts = {node: place.host for node, place in self._places.items()}
        self._network = Network(hosts, self._latency_s, lambda link: stream(self._seed, "link", *link))
        self._probes = Probes(self._network, hosts[self.nodes[0]], self.nodes)
        await self._probes.open()
        for node in self.nodes:
            place = seat(node, self._places, self._service, self._network, register.directory)
            log = place.home / "log.txt"
            self._hosts[node] = Host(place, self._service, register, log, self._network.set_up, self._left)
        seats = [host.seat for host in self._hosts.values()]
        self._bypasses = Bypasses(seats, self._service, self._network.dialled, self._processes, self.now)
        self._time.spawn(watch(lambda: self._hosts, self.now, self._left, self._broke), "watch")
        self._time.spawn(self._bypasses.watch(lambda: self._network.bent), "watch past")

    async def _formed(self) -> None:
        """Wait until the nodes have found each other. Raises HarnessError if they do not."""
        assert self._service is not None
        deadline = time.monotonic() + START_S
        while not await self._service.cluster_ready([host.seat for host in self._hosts.values()]):
            if time.monotonic() > deadline:
                raise HarnessError("testbed", f"the nodes did not find each other within {START_S:g} s")
            await asyncio.sleep(POLL_S)

    async def _shut(self) -> None:
        self._network.close()
        self._probes.close()
        for _ in range(3):  # closing takes a turn or two of the loop
            await asyncio.sleep(0)

    def _left(self, exited: Exited) -> bool:
        """Whether somebody takes note of a process that ended by itself."""
        if self.on_exit is not None:
            self.on_exit(exited)
        return self.on_exit is not None

    def _down(self, node: str, done: str) -> Host:
        host = self._hosts[node]
        if host.process is not None:
            raise HarnessError("testbed", f"{node} must be down before its files are {done}")
        return host

    def _broke(self, error: BaseException) -> None:
        """An exception of ours that nobody awaited."""
        if self._failure is None and isinstance(error, HarnessError):
            self._failure = error
        elif self._failure is None:
            self._failure = HarnessError("testbed", f"{type(error).__name__}: {error}")
            self._failure.__cause__ = error

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure


def _done(host: Host, damage: files.Damage | None) -> dict[str, Any]:
    host.damage = damage or host.damage
    return files.told(damage, host.seat.data)
