"""A fault that comes and goes by itself: two actions in turn, until it is healed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.testbeds.testbed import Task, Testbed


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
        self._half_s = period_s / 2
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
            await self._testbed.sleep(self._half_s)
            if self._stopped:
                return
            await (self._on if on_next else self._off)()
            on_next = not on_next
