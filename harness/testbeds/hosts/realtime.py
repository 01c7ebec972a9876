"""Real time and real tasks: an event loop that runs what the simulation's kernel runs."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class Running:
    """A coroutine under way (implements `harness.testbeds.testbed.Task`)."""

    __slots__ = ("_task",)

    def __init__(self, task: asyncio.Task[Any]) -> None:
        self._task = task

    def __await__(self) -> Generator[Any, None, Any]:
        return self._task.__await__()

    def cancel(self) -> None:
        """Raise CancelledError at the await where it stands."""
        self._task.cancel()

    def done(self) -> bool:
        """Whether it has ended."""
        return self._task.done()


class RealTime:
    """One event loop from the first `run` to `end`. `on_error` hears of exceptions that nobody awaits."""

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._began = time.monotonic_ns()
        self._on_error = on_error
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._interrupted = False

    def now(self) -> int:
        """Monotonic ns since this was made."""
        return time.monotonic_ns() - self._began

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> Running:
        """Run beside the caller. An error that nobody awaits stays in the task."""
        return Running(self._start(coroutine, name))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive everything until this coroutine ends; its result.

        Raises KeyboardInterrupt on Ctrl-C, between two steps of the loop: no task is torn, and a later `run`
        goes on where all of them stood.
        """
        loop = self._opened()
        main = self._start(coroutine, "main")

        def stop(_: object) -> None:
            loop.stop()

        main.add_done_callback(stop)
        self._interrupted = False
        with self._interruptible(loop):
            while not main.done() and not self._interrupted:
                loop.run_forever()
        main.remove_done_callback(stop)  # after an interrupt it may end during a later run
        if not main.done():
            raise KeyboardInterrupt
        return main.result()  # type: ignore[no-any-return]

    def end(self) -> None:
        """Cancel what is under way and close the loop."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        under_way = asyncio.all_tasks(loop)
        for task in under_way:
            task.cancel()
        if under_way:
            loop.run_until_complete(asyncio.wait(under_way, timeout=5))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    def _opened(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_exception_handler(self._unawaited)
        return self._loop

    def _start(self, coroutine: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = self._opened().create_task(coroutine, name=name)
        self._tasks[task] = None
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[Any]) -> None:
        del self._tasks[task]
        if not task.cancelled():
            task.exception()  # now it counts as seen

    def _unawaited(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._on_error(context.get("exception") or RuntimeError(context["message"]))

    @contextlib.contextmanager
    def _interruptible(self, loop: asyncio.AbstractEventLoop) -> Generator[None, None, None]:
        """Take Ctrl-C between two steps. Only the main thread can; elsewhere it is not ours to hear."""

        def interrupt() -> None:
            self._interrupted = True
            loop.stop()

        before = signal.getsignal(signal.SIGINT)
        try:
            loop.add_signal_handler(signal.SIGINT, interrupt)
        except (ValueError, RuntimeError, NotImplementedError):
            yield
            return
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            signal.signal(signal.SIGINT, before)
