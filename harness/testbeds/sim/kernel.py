"""The simulation kernel: one thread, virtual time, coroutines, and nothing that the outside can move.

Events at one instant run in the order in which they were scheduled; no set, clock, thread or hash decides
anything. An own kernel rather than a patched asyncio loop: it is about twice as fast, and asyncio's private
details and address-ordered sets are exactly what determinism cannot bear.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

from harness.errors import HarnessError

T = TypeVar("T")
NS = 1_000_000_000
"""Nanoseconds in a second."""


class Cancelled(BaseException):
    """Raised inside a task that was cancelled; not an Exception, so that no handler of errors swallows it."""


class Future(Generic[T]):
    """A value to come. The first `resolve` or `fail` counts, later ones are ignored."""

    __slots__ = ("_ended", "_error", "_kernel", "_value", "_waiters")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._ended = False
        self._value: T | None = None
        self._error: BaseException | None = None
        self._waiters: list[Task[Any]] = []

    def done(self) -> bool:
        """Whether it has a value or an error."""
        return self._ended

    def resolve(self, value: T) -> None:
        """Give it its value and wake who waits, in the order in which they came."""
        if not self._ended:
            self._ended = True
            self._value = value
            self._wake()

    def fail(self, error: BaseException) -> None:
        """Give it an error, which is raised where it is awaited."""
        if not self._ended:
            self._ended = True
            self._error = error
            self._wake()

    def _wake(self) -> None:
        for task in self._waiters:
            self._kernel.ready.append((task._step, self))
        self._waiters.clear()

    def __await__(self) -> Generator[Future[Any], None, T]:
        if not self._ended:
            yield self
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]


class Task(Future[T]):
    """A coroutine under way. An error that nobody awaits stays in the task."""

    __slots__ = ("_coroutine", "_on_error", "_waiting", "name")

    def __init__(
        self,
        kernel: Kernel,
        coroutine: Coroutine[Any, Any, T],
        name: str,
        on_error: Callable[[BaseException], None] | None = None,
    ) -> None:
        super().__init__(kernel)
        self.name = name
        self._coroutine = coroutine
        self._on_error = on_error
        self._waiting: Future[Any] | None = None

    def cancel(self) -> None:
        """Raise Cancelled at the await where it stands, once the kernel comes to it."""
        if not self._ended:
            self._waiting = None
            self._kernel.ready.append((self._throw, Cancelled(self.name)))

    def _step(self, awaited: Future[Any] | None) -> None:
        if awaited is not self._waiting or self._ended:
            return  # cancelled meanwhile: this wake-up is for an await that is over
        try:
            self._wait_for(self._coroutine.send(None))
        except StopIteration as stop:
            self.resolve(stop.value)
        except (Exception, Cancelled) as error:
            self._ended_badly(error)

    def _throw(self, error: Cancelled) -> None:
        if self._ended:
            return
        try:
            self._wait_for(self._coroutine.throw(error))
        except StopIteration as stop:
            self.resolve(stop.value)
        except (Exception, Cancelled) as raised:
            self._ended_badly(raised)

    def _wait_for(self, future: Future[Any]) -> None:
        self._waiting = future
        future._waiters.append(self)

    def _ended_badly(self, error: BaseException) -> None:
        if self._on_error is not None and not isinstance(error, Cancelled):
            self._on_error(error)
        self.fail(error)


class _Timeouts:
    """Timeouts of one length, in the order in which they end.

    Most are over before they end, because the answer came: those are dropped without ever being an event.
    """

    __slots__ = ("_kernel", "_length_ns", "_queue")

    def __init__(self, kernel: Kernel, length_ns: int) -> None:
        self._kernel = kernel
        self._length_ns = length_ns
        self._queue: deque[tuple[int, Future[Any], Callable[[Future[Any]], None]]] = deque()

    def add(self, future: Future[Any], fire: Callable[[Future[Any]], None]) -> None:
        ends = self._kernel.now() + self._length_ns
        self._queue.append((ends, future, fire))
        if len(self._queue) == 1:
            self._kernel.call_at(ends, self._end, None)

    def _end(self, _nothing: None) -> None:
        queue, now = self._queue, self._kernel.now()
        while queue and (queue[0][0] <= now or queue[0][1]._ended):
            _, future, fire = queue.popleft()
            if not future._ended:
                fire(future)
        if queue:
            self._kernel.call_at(queue[0][0], self._end, None)


def _out_of_time(future: Future[Any]) -> None:
    future.resolve(None)


class Kernel:
    """Virtual time and everything that happens in it."""

    __slots__ = ("_heap", "_now", "_order", "_timeouts", "ready")

    def __init__(self) -> None:
        self._now = 0
        self._order = 0
        self._heap: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self._timeouts: dict[float, _Timeouts] = {}
        self.ready: deque[tuple[Callable[[Any], None], Any]] = deque()

    def now(self) -> int:
        """Virtual nanoseconds since the kernel began."""
        return self._now

    def call_at(self, time: int, function: Callable[[Any], None], argument: Any) -> None:
        """Call `function(argument)` at this instant (ns), after all that was scheduled for it before."""
        self._order += 1
        heapq.heappush(self._heap, (time, self._order, function, argument))

    def sleep(self, seconds: float) -> Future[None]:
        """A future that resolves after so many virtual seconds."""
        future: Future[None] = Future(self)
        self.call_at(self._now + int(seconds * NS), future.resolve, None)
        return future

    def future(
        self, timeout_s: float | None = None, fire: Callable[[Future[Any]], None] = _out_of_time
    ) -> Future[Any]:
        """A future that resolves to None by itself after `timeout_s`; `fire` is what does it then."""
        future: Future[Any] = Future(self)
        if timeout_s is not None:
            timeouts = self._timeouts.get(timeout_s)
            if timeouts is None:
                timeouts = self._timeouts[timeout_s] = _Timeouts(self, int(timeout_s * NS))
            timeouts.add(future, fire)
        return future

    def spawn(
        self,
        coroutine: Coroutine[Any, Any, T],
        name: str = "task",
        on_error: Callable[[BaseException], None] | None = None,
    ) -> Task[T]:
        """Start a coroutine at this instant. `on_error` hears of an exception that it raises."""
        task = Task(self, coroutine, name, on_error)
        self.ready.append((task._step, None))
        return task

    def start(
        self, coroutine: Coroutine[Any, Any, Any], name: str, on_error: Callable[[BaseException], None]
    ) -> None:
        """Like `spawn`, but it runs up to its first await before this returns: one turn saved."""
        Task(self, coroutine, name, on_error)._step(None)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive everything until this coroutine ends; its result, or its error raised.

        Raises HarnessError if nothing is left that could ever wake it. May be called again, also after an
        interrupt: what else was under way goes on from where it stood.
        """
        main = self.spawn(coroutine, "main")
        ready, heap, pop = self.ready, self._heap, heapq.heappop
        while not main._ended:
            if ready:
                function, argument = ready.popleft()
                function(argument)
            elif heap:
                self._now, _, function, argument = pop(heap)
                function(argument)
            else:
                raise HarnessError("testbed", "the simulation stands still: every task waits for another")
        if main._error is not None:
            raise main._error
        return main._value  # type: ignore[return-value]
