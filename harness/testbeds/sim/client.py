"""What a simulated client may ask of its world: the same as a node, but for a disk."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from harness.errors import HarnessError
from harness.testbeds.sim.clocks import WallClock
from harness.testbeds.sim.kernel import Future, Kernel
from harness.testbeds.sim.network import Network, Receive


class NoDisk:
    """A client keeps nothing."""

    def append(self, _record: Any) -> None:
        """Raises HarnessError."""
        raise HarnessError("client", "a simulated client has no disk")

    def sync(self) -> Future[None]:
        """Raises HarnessError."""
        raise HarnessError("client", "a simulated client has no disk")

    def records(self) -> tuple[Any, ...]:
        """Nothing."""
        return ()


class SimClientRuntime:
    """One client's runtime. Its wall clock is the controller's own."""

    def __init__(
        self,
        name: str,
        kernel: Kernel,
        network: Network,
        rng: Random,
        refused: Receive,
        on_error: Callable[[BaseException], None],
    ) -> None:
        """`refused` hears, one way later, of each message for which nobody listened: (node, message)."""
        self.name = name
        self.rng: Any = rng
        self.disk: Any = NoDisk()
        self.now = kernel.now
        self.sleep = kernel.sleep
        self._kernel = kernel
        self._network = network
        self._clock = WallClock()
        self._refused = refused
        self._on_error = on_error

    def wall(self) -> int:
        """Nanoseconds since the simulated epoch."""
        return self._clock.read(self._kernel.now())

    def future(self, timeout_s: float | None = None) -> Future[Any]:
        """A future that resolves to None by itself after `timeout_s`."""
        return self._kernel.future(timeout_s)

    def send(self, to: str, message: Any) -> None:
        """Send and forget."""
        self._network.send(self.name, to, message, self._refused)

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run beside the caller; an exception in it is the harness's own failure."""
        self._kernel.start(coroutine, self.name, self._on_error)
