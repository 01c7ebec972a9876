"""The seam for places: where nodes run, and what can be done to them there.

Everything above (interpreter, nemeses, workloads) is written as coroutines over this protocol and runs
unchanged in virtual time and on real hosts. Capabilities name what a testbed can do:
`partition link stream pause kill restart power-cut wipe truncate bitflip skew membership`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from harness.plan.schema import TestbedPlan

T = TypeVar("T")
Link = tuple[str, str]
"""A directed link: (from, to). A client is `c<process>`."""


@dataclass(frozen=True, slots=True)
class LinkShape:
    """How a link behaves while it is shaped: ratios are 0 to 1, times in milliseconds.

    Loss, duplication and reordering are for testbeds whose links carry messages (capability `link`), rate and
    splitting for those whose links are byte streams (capability `stream`); both can delay.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    rate_kbps: float = 0.0
    """Kilobits a second at most; 0: as fast as it goes."""
    split_bytes: int = 0
    """Bytes arrive in pieces of at most so many; 0: as they were sent."""


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """What a probe saw of one link's byte stream: packets sent and arrived, and how they came."""

    sent: int
    arrived: int
    pieces: int
    """In how many reads they arrived."""
    least_ms: float
    """The shortest time that a packet took."""
    most_ms: float
    reset: bool
    """Whether the connection was reset."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What the store itself, no probe, sent over one directed link since the run began: bytes or messages."""

    offered: int
    """All, whether they passed, were dropped or wait."""
    carried: int
    """Those that passed."""


@dataclass(frozen=True, slots=True)
class Exited:
    """A node's process that ended though nobody ended it."""

    node: str
    code: int | None
    signal: str | None
    last: tuple[str, ...]
    """The lines it left that say why."""
    alive: int | None = None
    """When it was last seen running (ns), where the end itself was not seen."""


class Task(Protocol):
    """A coroutine that runs beside others; awaiting it gives its result or raises its error."""

    def __await__(self) -> Any: ...

    def cancel(self) -> None:
        """Ask it to stop at its next await."""

    def done(self) -> bool:
        """Whether it has ended."""


class Scheduler(Protocol):
    """Time and tasks, virtual or real."""

    def now(self) -> int:
        """Nanoseconds on the controller's one monotonic clock."""

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Wait."""

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> Task:
        """Run beside the caller."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Drive everything until this coroutine ends; its result."""


class Operator(Protocol):
    """Whoever may change a store's membership; a deployment that can hands one to its testbed."""

    def members(self) -> tuple[str, ...]:
        """The nodes that own keys now."""

    async def join(self, node: str) -> bool:
        """Ask some node that serves to let `node` in. False if none accepts."""

    async def leave(self, node: str) -> bool:
        """Ask some node that serves to let `node` go, once it has handed over what it holds."""

    async def seen(self, node: str) -> dict[str, str]:
        """A probe: what each node that serves says of `node`: joining, up, leaving or gone."""


class Testbed(Scheduler, Protocol):
    """Nodes, the links between them, their clocks, processes and disks."""

    name: str
    runs: Literal["programs", "processes"]
    """What a system hands over: programs, which live in this process (the simulation), or a service
    (`harness/testbeds/hosts/service.py`), of which each node is a process."""
    nodes: tuple[str, ...]
    capabilities: frozenset[str]
    operator: Operator | None
    """Set by a deployment whose membership can change (capability `membership`)."""
    on_exit: Callable[[Exited], None] | None
    """Who is told, at once, of a node that ends by itself, also as it starts. Without anybody, and where a
    node does not start on files that were damaged, it is a HarnessError of whatever waits."""

    # processes and disks
    async def kill(self, node: str) -> None:
        """End the process at once; its disk stays."""

    async def start(self, node: str) -> None:
        """Start the process if it does not run; returns when it serves."""

    async def pause(self, node: str) -> None:
        """Stop the process while its clock runs on."""

    async def resume(self, node: str) -> None:
        """Let a paused process go on."""

    async def power_cut(self, node: str) -> None:
        """End the process and lose what its disk had not synced."""

    async def wipe(self, node: str) -> None:
        """Erase the disk of a node that is down."""

    async def alive(self, node: str) -> str:
        """A probe: `serving`, `paused`, `down`; asks the process, not our own records."""

    async def stored_records(self, node: str) -> int:
        """A probe: how many records the node's disk holds now."""

    # links
    async def block(self, fault: str, links: Sequence[Link]) -> None:
        """Drop everything on these directed links, on behalf of this fault id."""

    async def shape(self, fault: str, links: Sequence[Link], shape: LinkShape) -> None:
        """Change how these links behave, on behalf of this fault id."""

    async def unblock(self, fault: str) -> None:
        """Take back whatever `block` and `shape` did for this fault id, and only that."""

    async def probe_links(self, links: Sequence[Link], packets: int = 1) -> dict[Link, int]:
        """Send real packets; how many of `packets` arrived on each link."""

    async def open_probe(self, links: Sequence[Link]) -> OpenProbe:
        """Send one packet on each link, and leave it to the caller how long to wait for it."""

    # clocks
    async def set_clock(self, node: str, offset_ms: float, rate_ppm: float = 0.0) -> None:
        """Move the node's wall clock to this offset from the controller's, drifting at this rate from now."""

    async def clock_offset_ms(self, node: str) -> float | None:
        """A probe: the node's wall clock minus the controller's, as the store's own process reads it.

        None while no process answers; never what `set_clock` was told, which the process may not heed.
        """

    # the end
    def close(self, keep: Path) -> None:
        """End whatever runs there and give back what it took; logs go to `keep/<node>/`. Idempotent."""


class Traffic(Protocol):
    """What a testbed can do beside whose faults act only on what takes its links: proxies, simulated ones.

    A probe's own packets prove little there, for a store may go another way. Where a cut is made between
    machines, by address, nothing goes past it.
    """

    sees_all: bool
    """Whether a store has no other way at all: a link of which nothing is counted is then a quiet one."""

    def traffic(self) -> Mapping[Link, Sent]:
        """What the store sent over each link so far; a link that it never used may be left out."""

    async def bypasses(self, since_ns: int) -> dict[Link, str]:
        """How the store's processes spoke to each other past the links, as seen since then: pair -> words."""


class OpenProbe(Protocol):
    """Packets under way."""

    def arrived(self) -> int:
        """How many of them have arrived so far."""

    def close(self) -> None:
        """Wait for no more of them."""


class Streams(Protocol):
    """What a testbed with the capability `stream` can do beside."""

    async def reset_links(self, links: Sequence[Link]) -> int:
        """Reset (RST) every connection that uses one of these links; how many."""

    async def probe_stream(self, link: Link, seconds: float, burst: int = 1) -> StreamSeen:
        """Send packets of 16 bytes over one connection for so long, `burst` of them in each write."""


class Files(Protocol):
    """What a testbed with the capabilities `truncate` and `bitflip` can do to a node that is down."""

    async def truncate(self, node: str, share: float) -> dict[str, Any]:
        """Cut this share (0 to 1) off the end of the node's largest file; what was done, for the history."""

    async def bitflip(self, node: str, places: Sequence[float]) -> dict[str, Any]:
        """Flip one bit at each place (0 to 1 of the file's length); what was done, for the history."""

    async def damaged(self, node: str) -> bool:
        """A probe: whether the node's files differ from what they were before that, at the places damaged."""


class TestbedKind(Protocol):
    """A kind of testbed, as the registry holds it: one file or folder exports `TESTBEDS`."""

    name: str
    summary: str
    capabilities: frozenset[str]
    options: Mapping[str, str]
    """What a plan may say of it: name -> meaning with units and default.

    One may also have `jobs: int`, the runs that one machine bears at once (default: one for each core), and
    `check(plan)`, which raises UsageError on a bad option before anything runs.
    """

    def create(self, seed: int, plan: TestbedPlan) -> Testbed:
        """A testbed for one run. Raises UsageError on a bad option."""
