"""One part of a node, alone: its runtime records what it sends, and its disk syncs when the test says so."""

from collections.abc import Coroutine
from random import Random
from typing import Any

from harness.testbeds.sim.kernel import Future, Kernel


class HandDisk:
    """`finish()` ends the oldest sync under way; until then nothing is durable."""

    def __init__(self, kernel: Kernel, records: tuple[Any, ...] = ()) -> None:
        self._kernel = kernel
        self.written = list(records)
        self.syncing: list[Future[None]] = []

    def append(self, record: Any) -> None:
        self.written.append(record)

    def sync(self) -> Future[None]:
        self.syncing.append(Future(self._kernel))
        return self.syncing[-1]

    def records(self) -> tuple[Any, ...]:
        return tuple(self.written)


class Alone:
    """A runtime with nobody else in the world."""

    def __init__(self, name: str = "n1", records: tuple[Any, ...] = (), wall: int = 0) -> None:
        self.kernel = Kernel()
        self.name = name
        self.rng = Random(1)
        self.disk = HandDisk(self.kernel, records)
        self.sent: list[tuple[str, Any]] = []
        self.wall_ns = wall
        self.now = self.kernel.now
        self.sleep = self.kernel.sleep
        self.future = self.kernel.future

    def wall(self) -> int:
        return self.wall_ns

    def send(self, to: str, message: Any) -> None:
        self.sent.append((to, message))

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self.kernel.spawn(coroutine)

    # what a test does

    def begin(self, awaitable: Any) -> Any:
        """Start something and run until nothing moves without time, a disk or an answer; its task."""

        async def wait() -> Any:
            return await awaitable

        task = self.kernel.spawn(wait())
        self.turn()
        return task

    def turn(self, seconds: float = 0.0) -> None:
        """Let time go on."""

        async def nap() -> None:
            await self.kernel.sleep(seconds)

        self.kernel.run(nap())

    def finish_sync(self) -> None:
        """The oldest sync ends."""
        self.disk.syncing.pop(0).resolve(None)
        self.turn()

    def run(self, awaitable: Any) -> Any:
        """Drive it to its end, every sync ending at once; its result."""
        task = self.begin(awaitable)
        while self.disk.syncing:
            self.finish_sync()
        assert task.done(), "it waits for more than the disk"
        return self.result(task)

    def result(self, task: Any) -> Any:
        async def wait() -> Any:
            return await task

        return self.kernel.run(wait())

    def asked(self, kind: type) -> list[tuple[str, Any]]:
        """What was sent of this kind of message: (to, message)."""
        return [(to, message) for to, message in self.sent if isinstance(message, kind)]
