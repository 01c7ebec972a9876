"""Coroutines of a node on an event loop: the real twin of the simulation's kernel, with the same rules.

A spawned coroutine runs at once to its first await; who waits is woken by the loop, in order; once the
incarnation is over, nothing of it runs again. Plain asyncio tasks would start later, and be cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any


class Future:
    """A value to come; the first `resolve` counts. Belongs to one loop and its thread."""

    __slots__ = ("_done", "_loop", "_timer", "_value", "_waiters")

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout_s: float | None = None) -> None:
        self._loop = loop
        self._done = False
        self._value: Any = None
        self._waiters: list[Callable[[Any], None]] = []
        self._timer = None if timeout_s is None else loop.call_later(timeout_s, self.resolve, None)

    def done(self) -> bool:
        """Whether it has its value."""
        return self._done

    def resolve(self, value: Any) -> None:
        """Give it its value and wake who waits."""
        if self._done:
            return
        self._done = True
        self._value = value
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for waiter in self._waiters:
            self._loop.call_soon(waiter, value)
        self._waiters.clear()

    def when_done(self, call: Callable[[Any], None]) -> None:
        """Call this with the value, from the loop."""
        if self._done:
            self._loop.call_soon(call, self._value)
        else:
            self._waiters.append(call)

    def __await__(self) -> Generator[Future, None, Any]:
        if not self._done:
            yield self
        return self._value

    def for_asyncio(self) -> asyncio.Future[Any]:
        """The same value for code that runs in an asyncio task."""
        outside: asyncio.Future[Any] = self._loop.create_future()
        self.when_done(lambda value: None if outside.done() else outside.set_result(value))
        return outside


class Life:
    """One incarnation: its coroutines run until it ends, or until one of them breaks."""

    __slots__ = ("_on_error", "loop", "over")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_error: Callable[[BaseException], None]) -> None:
        self.loop = loop
        self.over = False
        self._on_error = on_error

    def start(
        self, coroutine: Coroutine[Any, Any, Any], on_error: Callable[[Exception], None] | None = None
    ) -> Future:
        """Run to the first await now, and on from there; the future is its result.

        An exception in it ends this incarnation, or is `on_error`'s if there is one.
        """
        result = Future(self.loop)

        def step(_: Any = None) -> None:
            if self.over:
                return
            try:
                awaited = coroutine.send(None)
            except StopIteration as ended:
                result.resolve(ended.value)
            except Exception as error:
                (on_error or self.broke)(error)
            except BaseException as error:
                self.broke(error)
            else:
                if isinstance(awaited, Future):
                    awaited.when_done(step)
                else:
                    self.broke(TypeError(f"a node awaits its Runtime's futures only, not {awaited!r}"))

        step()
        return result

    def broke(self, error: BaseException) -> None:
        """An exception that nobody handled: this incarnation ends."""
        if not self.over:
            self.over = True
            self._on_error(error)
