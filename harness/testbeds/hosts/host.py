"""One host: a node's place, files, clock and process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import HarnessError
from harness.testbeds.hosts import files
from harness.testbeds.hosts.last_words import SILENT, last_words
from harness.testbeds.hosts.leftovers import Register
from harness.testbeds.hosts.processes import Process
from harness.testbeds.hosts.seat import Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.testbed import Exited

START_S = 30.0
"""A node that does not serve after so long has failed to start."""
POLL_S = 0.02
SIGNAL_S = 2.0


class Host:
    """Outlives its processes. `moved(node, runs, serves)` hears of every change."""

    def __init__(
        self,
        seat: Seat,
        service: Service,
        register: Register,
        log: Path,
        moved: Callable[[str, bool, bool], None],
        left: Callable[[Exited], bool] = lambda _: False,
    ) -> None:
        """`left` hears of a process that ended by itself as it started; false if nobody takes note."""
        self.seat = seat
        self.log = log
        self.damage: files.Damage | None = None
        """What was done to its files and not yet wiped away."""
        self.process: Process | None = None
        self._service = service
        self._register = register
        self._moved = moved
        self._left = left
        self._said_before = 0
        self._starting: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Start its process if none runs; returns once it serves, or once it has ended and `left` took note.

        Raises HarnessError if it does not come to serve, and if it ends on files that were damaged.
        """
        if self._starting is not None:
            await asyncio.shield(self._starting)
            return
        if self.process is not None:
            return
        self._starting = asyncio.get_running_loop().create_future()
        try:
            await self._serve()
        finally:
            self._starting.set_result(None)
            self._starting = None

    @property
    def own_logs(self) -> Sequence[Path]:
        """Files that the store itself logs to."""
        return self._service.logs(self.seat)

    @property
    def starting(self) -> bool:
        """Whether somebody waits for it to serve."""
        return self._starting is not None

    async def _serve(self) -> None:
        name = self.seat.node
        files.write_all(self.seat.home, self._service.files(self.seat))
        command = self._service.command(self.seat, self.damage is not None)
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        try:
            process = Process(command, self.seat.home, self.log, self._service.environment)
        except OSError as error:
            raise HarnessError("testbed", f"{name}: cannot run {command[0]}: {error}") from None
        self._register.add(name, process.pid)
        self.process = process
        self._moved(name, True, False)
        deadline = time.monotonic() + START_S
        while not await self._service.ready(self.seat):
            if self.process is not process:
                return  # ended by somebody else meanwhile
            exited = self.exited()
            if exited is not None or time.monotonic() > deadline:
                why = f"{name} did not serve within {START_S:g} s: {self.last_words()}"
                self.kill()
                if exited is not None and self.damage is None and self._left(exited):
                    return
                raise HarnessError("testbed", why if exited is None else in_words(exited))
            await asyncio.sleep(POLL_S)
        if self.process is process:
            self._moved(name, True, True)

    def exited(self) -> Exited | None:
        """How its process has gone by itself; None if it has not."""
        code = None if self.process is None else self.process.exit_code
        if code is None:
            return None
        words = last_words(self.log, self._said_before)
        for own in self.own_logs if words == [SILENT] else ():
            words = last_words(own)
        by_signal = _signal_name(-code) if code < 0 else None
        return Exited(self.seat.node, None if by_signal else code, by_signal, tuple(words))

    def kill(self) -> None:
        """End its process, if there is one; its files stay."""
        process, self.process = self.process, None
        if process is not None:
            process.end()
            self._moved(self.seat.node, False, False)

    async def pause(self, stopped: bool) -> None:
        """Stop its process, or let it go on; returns when the operating system says that it is so."""
        process = self.process
        if process is None:
            return
        process.signal(signal.SIGSTOP if stopped else signal.SIGCONT)
        deadline = time.monotonic() + SIGNAL_S
        while process.exit_code is None and process.paused != stopped and time.monotonic() < deadline:
            await asyncio.sleep(0.002)

    async def looks(self) -> str:
        """`serving`, `paused` if it takes no turn, `down` if there is no process."""
        process = self.process
        if process is None or process.exit_code is not None:
            return "down"
        if process.paused:
            return "paused"
        return "serving" if await self._service.ready(self.seat) else "paused"

    def set_clock(self, offset_ms: float, rate_ppm: float) -> None:
        """From now on its wall clock is off by this much, and drifts. The file is replaced whole."""
        since_ns = time.time_ns()
        fields = {"offset_ms": offset_ms, "rate_ppm": rate_ppm, "since_ns": since_ns}
        fresh = self.seat.skew.with_name(self.seat.skew.name + ".new")
        fresh.write_text(json.dumps(fields))
        os.replace(fresh, self.seat.skew)

    async def clock_offset_ms(self) -> float | None:
        """What the process says, and never what its clock was set to: it may not heed that."""
        if self.process is None or self.process.paused:
            return None
        return await self._service.clock_offset_ms(self.seat)

    def last_words(self) -> str:
        """Why it does not serve, as far as it says."""
        return last_words(self.log, self._said_before)[0]


def in_words(exited: Exited) -> str:
    """For an error of ours: who ended, how, and why."""
    how = f"exit code {exited.code}" if exited.signal is None else f"signal {exited.signal}"
    return f"{exited.node} ended by itself, {how}: {exited.last[0]}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
