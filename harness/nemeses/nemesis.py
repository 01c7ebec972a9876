"""The seam for faults: a nemesis makes one kind of trouble, proves that it bit, and undoes it.

One file a kind. `plan` draws what to do from the lane's own random stream; the lane driver records
`requested`, calls `inject`, records `effective`, calls `verify` (an independent probe), records
`verified` with what was observed, waits, calls `heal` and records `healed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from harness.testbeds.testbed import Testbed


@dataclass(slots=True)
class Injection:
    """One fault to be: what the history calls it, the nodes it touches, and what it needs beside.

    `details` go into the history with the `requested` event (blocked, shape, max_offset_ms, lost ...).
    `hold_s` is how long it stays in effect; `process` faults own their nodes until healed.
    """

    fault: str
    nodes: tuple[str, ...]
    hold_s: float
    details: dict[str, Any] = field(default_factory=dict)
    process: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What a nemesis may look at when it plans: the testbed, keys' owners, and the limits of this run."""

    testbed: Testbed
    nodes: tuple[str, ...]
    preference_lists: tuple[tuple[str, ...], ...]
    """Distinct preference lists of the workload's keys: primaries first."""
    primaries: int
    """N: how many of each list are primaries."""
    may_lose_data: tuple[str, ...]
    """The at most W-1 nodes that any fault of this run may cost their data."""
    busy: frozenset[str]
    """Nodes owned by a process fault of another lane."""


class Nemesis(Protocol):
    """One kind of fault."""

    name: str
    summary: str
    needs: frozenset[str]
    """Capabilities that the testbed must have."""
    options: dict[str, str]
    """What a plan may say of it: name -> meaning with units and default."""

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the next fault, or None if none is possible now."""

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Make it happen. Idempotent."""

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Prove by an independent probe that it bites; what was observed, or None if it does not."""

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Undo it, and only it. Idempotent."""
