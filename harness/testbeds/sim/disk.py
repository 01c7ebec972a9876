"""A disk that forgets what was not synced when the power goes, and nothing when only the process dies.

It keeps whole records in the order of their writing. A power cut leaves every synced record and a random
prefix of the others: a drive may have written more than it confirmed, but never out of order.
"""

from __future__ import annotations

from random import Random
from typing import Any

from harness.testbeds.sim.kernel import NS, Kernel


class SimDisk:
    """One node's disk; it outlives the node's incarnations."""

    __slots__ = ("_kernel", "_latency_s", "_rng", "_synced", "_written", "generation")

    def __init__(self, kernel: Kernel, rng: Random, latency_ms: tuple[float, float]) -> None:
        self._kernel = kernel
        self._rng = rng
        self._latency_s = (latency_ms[0] / 1e3, (latency_ms[1] - latency_ms[0]) / 1e3)
        self._written: list[Any] = []
        self._synced = 0
        self.generation = 0
        """Changes when records are lost, so that a sync that was under way then means nothing."""

    def append(self, record: Any) -> None:
        """Write into the operating system's cache."""
        self._written.append(record)

    def sync_at(self) -> int:
        """When a sync that begins now ends (ns)."""
        base, spread = self._latency_s
        return self._kernel.now() + int((base + spread * self._rng.random()) * NS)

    def synced(self, count: int, generation: int) -> bool:
        """A sync ended that covers the first `count` records; False if they were lost meanwhile."""
        if generation != self.generation:
            return False
        self._synced = max(self._synced, count)
        return True

    @property
    def count(self) -> int:
        """Records written, durable or not."""
        return len(self._written)

    def records(self) -> tuple[Any, ...]:
        """What a process that starts now finds."""
        return tuple(self._written)

    def power_cut(self) -> int:
        """Lose what was not synced, but for a random prefix of it; how many records went."""
        before = len(self._written)
        del self._written[self._rng.randint(self._synced, before) :]
        self._synced = len(self._written)
        self.generation += 1
        return before - self._synced

    def wipe(self) -> None:
        """Lose everything."""
        self._written.clear()
        self._synced = 0
        self.generation += 1
