"""A fault that comes and goes by itself: two actions in turn, until it is healed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from harness.testbeds.testbed import Task, Testbed


class Watcher(Protocol):
    """Sees the beat from within."""

    async def begins(self, on: bool) -> None:
        """A half beat has begun, with `on` or with `off`."""

    def ends(self) -> None:
        """It is about to end."""


class Beat:
    """Runs `on` and `off` alternately, each for half of `period_s`, beside everything else."""

    def __init__(
        self,
        testbed: Testbed,
        period_s: float,
        on: Callable[[], Awaitable[None]],
        off: Callable[[], Awaitable[None]],
    ) -> None:
        self._testbed = testbed
        self.half_s = period_s / 2
        self.watcher: Watcher | None = None
        self._on = on
        self._off = off
        self._stopped = False
        self._task: Task | None = None

    async def start(self) -> None:
        """Do `on` now, and go on from there."""
        if self._task is None:
            await self._on()
            self._task = self._testbed.spawn(self._run(), "beat")

    async def stop(self) -> None:
        """End at the next half beat. Raises what `on` or `off` raised since."""
        self._stopped = True
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        on_next = False
        while True:
            await self._testbed.sleep(self.half_s)
            if self._stopped:
                return
            if self.watcher is not None:
                self.watcher.ends()
            await (self._on if on_next else self._off)()
            if self.watcher is not None:
                await self.watcher.begins(on_next)
            on_next = not on_next
