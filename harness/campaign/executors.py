"""Runs in worker processes, so that a run which crashes or hangs costs that run and nothing else.

One thread of control: each worker holds one run at a time, a reader thread a worker puts its answers on
one queue. A worker that dies marks its current run as crashed; a fresh one does the rest.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from harness.campaign.one import crashed
from harness.errors import Exit, HarnessError, UsageError
from harness.plan.schema import Run
from harness.store import Row

RUNS_PER_WORKER = 500
"""A worker is replaced after so many runs: whatever may leak is bounded."""
GRACE_S = 10.0
"""How much longer than its own limit a worker is waited for."""
STOOD = "it stood at"
COMMAND = (sys.executable, "-P", "-m", "harness.campaign.worker")
"""-P: a folder called `harness` where the user happens to stand is not ours."""


@dataclass(frozen=True, slots=True)
class Task:
    """One run to do, where, and the wall time that it may take."""

    run: Run
    number: int
    directory: Path
    limit_s: float


@dataclass(slots=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    stderr: IO[bytes]
    task: Task | None = None
    since: float = 0.0
    done: int = 0
    ready: bool = False


@dataclass(slots=True)
class Executor:
    """`jobs` workers; `stop` asks for an orderly end."""

    jobs: int
    command: tuple[str, ...] = COMMAND
    stop: threading.Event = field(default_factory=threading.Event)
    _answers: queue.Queue[tuple[_Worker, bytes]] = field(default_factory=queue.Queue)
    _workers: list[_Worker] = field(default_factory=list)

    def results(self, tasks: Iterable[Task]) -> Iterator[Row]:
        """The row of each task as it ends, in any order.

        Raises UsageError or HarnessError if a worker says that going on makes no sense. If `stop` is set,
        the runs under way are interrupted, their rows still come, and no other begins.
        """
        waiting = iter(tasks)
        try:
            for _ in range(self.jobs):
                if not self._begin(waiting):
                    break
            asked_to_stop = False
            while self._workers:
                if self.stop.is_set() and not asked_to_stop:
                    asked_to_stop = True
                    waiting = iter(())
                    self._interrupt()
                yield from self._next(waiting)
        finally:
            for worker in list(self._workers):
                self._end(worker)

    def _begin(self, waiting: Iterator[Task]) -> bool:
        """Start a worker on the next task, if there is one."""
        task = next(waiting, None)
        if task is None:
            return False
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the worker ends)
        # A session of its own: Ctrl-C reaches us alone, and we end the workers in order.
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
        worker = _Worker(process, stderr)
        self._workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        self._give(worker, task)
        return True

    def _listen(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        for line in worker.process.stdout:
            self._answers.put((worker, line))
        self._answers.put((worker, b""))

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.task, worker.since = task, time.monotonic()
        message = {"number": task.number, "directory": str(task.directory), "limit_s": task.limit_s}
        assert worker.process.stdin is not None
        # A worker that is gone is noticed by the end of its answers.
        with contextlib.suppress(OSError):
            worker.process.stdin.write(msgspec.json.encode({**message, "run": task.run}) + b"\n")
            worker.process.stdin.flush()

    def _next(self, waiting: Iterator[Task]) -> Iterator[Row]:
        """Wait a moment for one answer; rows that came of it."""
        try:
            worker, line = self._answers.get(timeout=0.2)
        except queue.Empty:
            return
        finally:
            self._kill_late()
        if worker not in self._workers:
            return
        if not line:
            yield from self._died(worker, waiting)
            return
        answer = msgspec.json.decode(line)
        worker.ready = True
        if "ready" in answer:
            if not self.stop.is_set():
                worker.since = time.monotonic()
            return
        if "fatal" in answer:
            raise _fatal(answer)
        row = msgspec.convert(answer["row"], Row)
        worker.done, worker.task = worker.done + 1, None
        following = None if worker.done >= RUNS_PER_WORKER or row.interrupted else next(waiting, None)
        if following:
            self._give(worker, following)
        else:
            self._end(worker)
            self._begin(waiting)
        yield row

    def _died(self, worker: _Worker, waiting: Iterator[Task]) -> Iterator[Row]:
        task, seconds = worker.task, time.monotonic() - worker.since
        code = worker.process.wait()
        why = _last_words(worker)
        self._end(worker)
        if task is None or self.stop.is_set():
            return
        if not worker.ready:
            raise HarnessError("worker", f"cannot start: {why or _how(code)}")
        # A worker that ended itself in time says so, whatever our own clock has seen of it.
        hung = seconds >= task.limit_s or why.startswith(STOOD)
        how = f"no answer within {task.limit_s:g} s" if hung else _how(code)
        yield crashed(task.run, task.number, f"worker: {how}{f' ({why})' if why else ''}", seconds)
        self._begin(waiting)

    def _kill_late(self) -> None:
        """Workers that did not even end themselves in time."""
        now = time.monotonic()
        for worker in self._workers:
            if worker.task and now > worker.since + worker.task.limit_s + GRACE_S:
                worker.process.kill()

    def _interrupt(self) -> None:
        """Ask each worker to end its run in order; kill what does not within the grace."""
        for worker in self._workers:
            worker.process.send_signal(signal.SIGINT)
            if worker.task is not None:
                worker.since = time.monotonic() - worker.task.limit_s

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        assert worker.process.stdin is not None
        with contextlib.suppress(OSError):
            worker.process.stdin.close()
        if worker.task is not None:
            worker.process.kill()
        worker.process.wait()
        worker.stderr.close()


def _fatal(answer: dict[str, Any]) -> UsageError | HarnessError:
    if answer["exit"] == Exit.USAGE:
        return UsageError(answer["fatal"])
    where, _, text = answer["fatal"].partition(": ")
    return HarnessError(where, text)


def _how(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"died by {signal.Signals(-code).name}"
    return f"died with exit code {code}"


def _last_words(worker: _Worker) -> str:
    """What its stderr says of its death, in one line: the exception, or where a hung run stood."""
    worker.stderr.seek(0)
    lines = worker.stderr.read()[-20_000:].decode("utf-8", "replace").strip().splitlines()
    if any(line.startswith("Timeout") for line in lines):
        # faulthandler's dump: the main thread comes last, its innermost frame first.
        threads = [
            number for number, line in enumerate(lines) if line.startswith(("Thread ", "Current thread "))
        ]
        stood = [line for line in lines[threads[-1] :] if line.startswith("  File ")] if threads else []
        return f"{STOOD} {stood[0].strip().removeprefix('File ')}" if stood else ""
    return lines[-1].strip()[:300] if lines else ""
