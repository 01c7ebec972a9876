"""The seam for faults: a nemesis makes one kind of trouble, proves that it bit, and undoes it.

One file a kind. `plan` draws what to do from the lane's own random stream; the lane driver records
`requested`, calls `inject`, records `effective`, calls `verify` (an independent probe), records
`verified` with what was observed, waits, calls `heal` and records `healed`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from harness.nemeses.witness import Witness
from harness.testbeds.testbed import Testbed


@dataclass(slots=True)
class Injection:
    """One fault to be: what the history calls it, the nodes it touches, and what it needs beside.

    `details` go into the history with the `requested` event (blocked, shape, max_offset_ms, lost ...);
    what `heal` changes in them goes out with `healed`. `id` is the fault's name there and on the testbed,
    given by the lane driver. `state` is the nemesis's own, never recorded.
    """

    fault: str
    nodes: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    state: Any = None
    witness: Witness | None = None
    """Of a fault of links: what the store had sent when it began."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a nemesis may look at when it plans: the nodes, keys' owners, and the limits of this run."""

    nodes: tuple[str, ...]
    preference_lists: tuple[tuple[str, ...], ...]
    """Distinct preference lists of the workload's keys: primaries first."""
    primaries: int
    """N: how many of each list are primaries."""
    may_lose_data: tuple[str, ...]
    """The at most W-1 nodes that any fault of this run may cost their data."""
    lossy: Mapping[str, str]
    """The faults that cost a node data under this configuration, and what: `unsynced` or `all`."""
    busy: frozenset[str]
    """Nodes that another fault of the same `owns` holds now."""
    hold_s: float
    """How long this fault is to stay in effect."""
    intensity: float
    """0 to 1, drawn once per run and lane: how hard this run hits."""
    members: tuple[str, ...] = ()
    """The nodes that own keys now, where the store's membership can change."""
    clients: tuple[tuple[str, ...], ...] = ()
    """Each client's names (`c<process>`): now, and those it may take while the fault lasts."""


class Nemesis(Protocol):
    """One kind of fault.

    One that ends by itself (a change of membership) also has `async over(testbed, injection) -> bool`: it
    is not healed before its time is up and that is so, unless the run ends.

    One whose proof can be refuted while the fault lasts also has `async doubt(testbed, injection) -> str`,
    asked just before the fault is healed: why it is not proved, after all, or nothing.
    """

    @property
    def name(self) -> str:
        """What a plan calls it."""

    @property
    def summary(self) -> str:
        """One line for `schism list`."""

    @property
    def needs(self) -> frozenset[str]:
        """Capabilities that the testbed must have."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Its varieties, which a swarm run may switch off one by one; a plan narrows them by `kinds`."""

    @property
    def owns(self) -> str:
        """What a fault holds of its nodes, so that lanes never meet there: `process`, `clock` or nothing."""

    @property
    def options(self) -> Mapping[str, str]:
        """What a plan may say of it: name -> meaning with units and default."""

    def check(self, options: dict[str, Any]) -> None:
        """Raises UsageError on an option that is unknown or out of range."""

    def plan(self, scene: Scene, options: dict[str, Any], rng: Random) -> Injection | None:
        """Draw the next fault, or None if none is possible now."""

    async def inject(self, testbed: Testbed, injection: Injection) -> None:
        """Make it happen. Idempotent."""

    async def verify(self, testbed: Testbed, injection: Injection) -> dict[str, Any] | None:
        """Prove by an independent probe that it bites; what was observed, or None if it does not."""

    async def heal(self, testbed: Testbed, injection: Injection) -> None:
        """Undo it, and only it. Idempotent; also after an `inject` that broke half-way."""
