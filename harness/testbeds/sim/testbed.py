"""The testbed `sim`: nodes are objects in one thread, and everything is decided by one seed.

A system installs a program factory; each start of a node makes a new incarnation of the program on that
node's disk, with a random stream of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol, TypeVar

from harness.errors import HarnessError
from harness.plan.seeds import stream
from harness.testbeds.sim.client import SimClientRuntime
from harness.testbeds.sim.clocks import WallClock
from harness.testbeds.sim.disk import Database, DatabaseDisk, SimDisk
from harness.testbeds.sim.kernel import Future, Kernel, Task
from harness.testbeds.sim.network import Network, Receive, wait_ns
from harness.testbeds.sim.runtime import SimRuntime
from harness.testbeds.testbed import Exited, Link, LinkShape, OpenProbe, Operator, Sent

T = TypeVar("T")


class Program(Protocol):
    """One incarnation of a store's node."""

    async def start(self) -> None:
        """Recover; the node serves once this returns."""

    def receive(self, sender: str, message: Any) -> None:
        """A message arrived."""


class _Host:
    """What outlives a node's process: its disk and its clock."""

    __slots__ = ("clock", "disk", "incarnation", "program", "runtime", "settled")

    def __init__(self, disk: SimDisk, settled: Future[None]) -> None:
        self.disk = disk
        self.clock = WallClock()
        self.incarnation = 0
        self.runtime: SimRuntime | None = None
        self.program: Program | None = None
        self.settled = settled
        """The last start is over: its process serves, or is dead."""


class SimTestbed:
    """A whole cluster in virtual time (implements `harness.testbeds.testbed.Testbed`)."""

    name = "sim"
    runs: Literal["programs"] = "programs"
    capabilities = frozenset(
        {"partition", "link", "pause", "kill", "restart", "power-cut", "wipe", "skew", "membership"}
    )

    def __init__(
        self,
        seed: int,
        nodes: Sequence[str],
        latency_ms: tuple[float, float] = (0.3, 1.5),
        sync_ms: tuple[float, float] = (0.2, 1.0),
    ) -> None:
        self.nodes = tuple(nodes)
        self.operator: Operator | None = None
        self.sees_all = True
        self.on_exit: Callable[[Exited], None] | None = None
        self.kernel = Kernel()
        self.network = Network(self.kernel, stream(seed, "network"), nodes, latency_ms)
        self._seed = seed
        self._sync_ms = sync_ms
        self._probe_ns = wait_ns(latency_ms)
        self._hosts = {
            node: _Host(SimDisk(self.kernel, *self._disk_of(node)), self.kernel.future()) for node in nodes
        }
        self._factory: Callable[[SimRuntime], Program] | None = None
        self._failure: HarnessError | None = None

    # time and tasks

    def now(self) -> int:
        """Virtual ns."""
        return self.kernel.now()

    def sleep(self, seconds: float) -> Future[None]:
        """Wait. Raises HarnessError if a node's program broke meanwhile, once."""
        self._raise_failure()
        return self.kernel.sleep(seconds)

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> Task[T]:
        """Run beside the caller."""
        return self.kernel.spawn(coroutine, name)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive the simulation until this coroutine ends."""
        return self.kernel.run(coroutine)

    # programs

    def install(
        self, factory: Callable[[SimRuntime], Program], database: Callable[[], Database] | None = None
    ) -> None:
        """What a start starts, and the database on each node's disk if the store has one."""
        self._factory = factory
        if database is not None:
            for node, host in self._hosts.items():
                host.disk = DatabaseDisk(self.kernel, *self._disk_of(node), database())

    def _disk_of(self, node: str) -> tuple[Random, tuple[float, float]]:
        return stream(self._seed, "disk", node), self._sync_ms

    def program(self, node: str) -> Program | None:
        """The program that serves on this node now, for white-box reads; None if none does."""
        host = self._hosts[node]
        return None if host.runtime is None or host.runtime.paused else host.program

    def attach(self, client: str, receive: Receive) -> None:
        """Let a client be reached under this name."""
        port = self.network.port(client)
        port.incarnation += 1
        port.receive = receive

    def client_runtime(self, client: str, refused: Receive) -> SimClientRuntime:
        """A runtime for a client that is a program of its own; `attach` lets it hear."""

        def broke(error: BaseException) -> None:
            self._failure = self._failure or _broken("client", client, error)

        rng = stream(self._seed, "client-runtime", client)
        return SimClientRuntime(client, self.kernel, self.network, rng, refused, broke)

    # processes and disks

    async def start(self, node: str) -> None:
        """Start the process if it does not run; returns once it serves, or once it has ended.

        Raises HarnessError if the program breaks as it starts and nobody listens to `on_exit`.
        """
        host = self._hosts[node]
        if host.runtime is None:
            host.incarnation += 1
            host.settled = self.kernel.future()
            rng = stream(self._seed, "node", node, host.incarnation)

            def broke(error: BaseException) -> None:
                self._program_broke(node, runtime, error)

            runtime = SimRuntime(node, self.kernel, self.network, host.clock, host.disk, rng, broke)
            host.runtime = runtime
            self.kernel.spawn(self._serve(host, runtime, broke), node, broke)
        await host.settled
        self._raise_failure()

    async def _serve(self, host: _Host, runtime: SimRuntime, broke: Callable[[BaseException], None]) -> None:
        assert self._factory is not None, "a system installs its program before nodes start"
        program = self._factory(runtime)
        await program.start()
        if runtime.dead:
            return  # ended while it started
        host.program = program

        def receive(sender: str, message: Any) -> None:
            try:
                runtime.deliver(program.receive, sender, message)
            except Exception as error:
                broke(error)

        port = self.network.port(runtime.name)
        port.incarnation += 1
        port.receive = receive
        host.settled.resolve(None)

    async def kill(self, node: str) -> None:
        """End the process; what it wrote stays."""
        self._end(node)

    def _end(self, node: str) -> None:
        host, port = self._hosts[node], self.network.port(node)
        if host.runtime is not None:
            host.runtime.dead = True
        host.runtime = host.program = port.receive = None
        host.disk.killed()
        port.incarnation += 1
        host.settled.resolve(None)

    async def pause(self, node: str) -> None:
        """Stop the process; its clock runs on, messages wait."""
        runtime = self._hosts[node].runtime
        if runtime is not None:
            runtime.paused = True

    async def resume(self, node: str) -> None:
        """Go on."""
        runtime = self._hosts[node].runtime
        if runtime is not None and runtime.paused:
            runtime.resume()

    async def power_cut(self, node: str) -> None:
        """End the process and lose what was not synced."""
        await self.kill(node)
        self._hosts[node].disk.power_cut()

    async def wipe(self, node: str) -> None:
        """Erase the disk of a node that is down."""
        if self._hosts[node].runtime is not None:
            raise HarnessError("testbed", f"{node} must be down before its disk is wiped")
        self._hosts[node].disk.wipe()

    async def alive(self, node: str) -> str:
        """Ask the process for a turn: `serving`, `paused` if it takes none, `down` if there is none."""
        host = self._hosts[node]
        if host.runtime is None or self.network.port(node).receive is None:
            return "down"
        turn: Future[Any] = self.kernel.future(0.05)
        host.runtime.deliver(turn.resolve, "turn")
        return "serving" if await turn == "turn" else "paused"

    async def stored_records(self, node: str) -> int:
        """Records on the disk now."""
        return self._hosts[node].disk.stored

    # links

    async def block(self, fault: str, links: Sequence[Link]) -> None:
        """Drop everything on these links."""
        self.network.rule(fault, links, None)

    async def shape(self, fault: str, links: Sequence[Link], shape: LinkShape) -> None:
        """Bend these links."""
        self.network.rule(fault, links, shape)

    async def unblock(self, fault: str) -> None:
        """Take back what this fault id did."""
        self.network.clear(fault)

    def traffic(self) -> dict[Link, Sent]:
        """Messages of the store."""
        return self.network.traffic

    async def bypasses(self, since_ns: int) -> dict[Link, str]:  # noqa: ARG002
        """None: a program has no way to another but its runtime's."""
        return {}

    async def open_probe(self, links: Sequence[Link]) -> OpenProbe:
        """One packet on each link."""
        return self.network.open_probe(links)

    async def probe_links(self, links: Sequence[Link], packets: int = 1) -> dict[Link, int]:
        """How many packets arrived on each link, copies included, within several times a plain latency."""
        arrived = dict.fromkeys(links, 0)

        def count(link: Link) -> None:
            arrived[link] += 1

        for link in links:
            for _ in range(packets):
                self.network.probe(link, count)
        await self.kernel.sleep(self._probe_ns / 1e9)
        return dict(arrived)

    # clocks

    async def set_clock(self, node: str, offset_ms: float, rate_ppm: float = 0.0) -> None:
        """Move the wall clock."""
        self._hosts[node].clock.set(self.now(), offset_ms, rate_ppm)

    async def clock_offset_ms(self, node: str) -> float:
        """Read the wall clock and compare: two readings, as from outside."""
        true = WallClock().read(self.now())
        return (self._hosts[node].clock.read(self.now()) - true) / 1e6

    def close(self, keep: Path) -> None:
        """Nothing outlives the objects."""

    def _program_broke(self, node: str, runtime: SimRuntime, error: BaseException) -> None:
        """An exception that the program did not handle ends it."""
        if self._hosts[node].runtime is not runtime:
            return  # the echo of a process that is dead already
        self._end(node)
        if self.on_exit is None:
            self._failure = self._failure or _broken("testbed", node, error)
        else:
            self.on_exit(Exited(node, 1, None, (f"{type(error).__name__}: {error}",)))

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure


def _broken(where: str, name: str, error: BaseException) -> HarnessError:
    failure = HarnessError(where, f"{name}'s program raised {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure
