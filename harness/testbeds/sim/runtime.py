"""What a simulated process may ask of its world. Once dead, an incarnation never runs again.

The rules that no node can break: nothing of a dead incarnation is resumed, a paused one is resumed late and
in order, and its wall clock is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from harness.testbeds.sim.clocks import WallClock
from harness.testbeds.sim.disk import SimDisk
from harness.testbeds.sim.kernel import NS, Cancelled, Future, Kernel
from harness.testbeds.sim.network import Network


class ProcessDied(Cancelled):
    """Raised inside a coroutine of a dead incarnation that still asks for something."""


class ProcessDisk:
    """The node's disk, as one incarnation sees it."""

    __slots__ = ("_disk", "_runtime")

    def __init__(self, runtime: SimRuntime, disk: SimDisk) -> None:
        self._runtime = runtime
        self._disk = disk

    def append(self, record: Any) -> None:
        """Write a record; survives a kill, not a power cut."""
        self._runtime.check_alive()
        self._disk.append(record)

    def sync(self) -> Future[None]:
        """Ends once all that was appended before is durable."""
        runtime, disk = self._runtime, self._disk
        runtime.check_alive()
        done: Future[None] = Future(runtime.kernel)
        runtime.kernel.call_at(disk.sync_at(), self._synced, (disk.count, disk.generation, done))
        return done

    def records(self) -> tuple[Any, ...]:
        """What this start finds."""
        return self._disk.records()

    def _synced(self, ended: tuple[int, int, Future[None]]) -> None:
        count, generation, done = ended
        if self._disk.synced(count, generation):
            self._runtime.fire(done)


class SimRuntime:
    """One incarnation of one node."""

    __slots__ = (
        "_backlog",
        "_clock",
        "_network",
        "_on_error",
        "dead",
        "disk",
        "kernel",
        "name",
        "paused",
        "rng",
    )

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        network: Network,
        clock: WallClock,
        disk: SimDisk,
        rng: Random,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self.name = name
        self.kernel = kernel
        self.rng = rng
        self.disk = ProcessDisk(self, disk)
        self.dead = False
        self.paused = False
        self._network = network
        self._clock = clock
        self._on_error = on_error
        self._backlog: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    def check_alive(self) -> None:
        """Raises ProcessDied if this incarnation is over."""
        if self.dead:
            raise ProcessDied(self.name)

    def now(self) -> int:
        """Monotonic ns."""
        return self.kernel.now()

    def wall(self) -> int:
        """This node's wall clock, ns."""
        return self._clock.read(self.kernel.now())

    def sleep(self, seconds: float) -> Future[None]:
        """Wait; a pause makes it longer."""
        self.check_alive()
        done: Future[None] = Future(self.kernel)
        self.kernel.call_at(self.kernel.now() + int(seconds * NS), self.fire, done)
        return done

    def future(self, timeout_s: float | None = None) -> Future[Any]:
        """A future that resolves to None by itself after `timeout_s`."""
        return self.kernel.future(timeout_s, self.fire)

    def send(self, to: str, message: Any) -> None:
        """Send and forget."""
        self.check_alive()
        self._network.send(self.name, to, message)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run beside the caller; an exception in it ends this process."""
        self.check_alive()
        self.kernel.start(coroutine, self.name, self._on_error)

    def fire(self, done: Future[Any]) -> None:
        """A timer or a sync ended for this incarnation."""
        if not done.done():
            self.deliver(done.resolve, None)

    def deliver(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call into the process: not at all once dead, later while paused."""
        if self.dead:
            return
        if self.paused:
            self._backlog.append((function, arguments))
        else:
            function(*arguments)

    def resume(self) -> None:
        """Go on after a pause: everything that came meanwhile, in order."""
        self.paused = False
        backlog, self._backlog = self._backlog, []
        for function, arguments in backlog:
            self.deliver(function, *arguments)
