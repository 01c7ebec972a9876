"""The seam between Schism and a store: what a system under test must offer.

A system names itself, declares its promise, starts nodes on a testbed and hands out clients. One file
a system; the registry finds it through the module's `SYSTEMS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Reply:
    """What a get returned: the values (duplicates kept) and the opaque context they came with."""

    values: list[str]
    context: Any
    clock: dict[str, Any] | None = None
    """What the adapter could decode of the versions: docs/history.md, `clock`."""


class Client(Protocol):
    """One client's view of the store. Every method raises `Refused`, `Unanswered`, or is acknowledged.

    `node` is the node to contact first. Anything else raised is the harness's own failure. A client that
    coordinates by itself says so by an attribute `chooses_node`, and ignores `node` while it can; one that
    repeats writes by itself says in an attribute `attempts` how often it sent the last one.
    """

    async def get(self, key: str, node: str) -> Reply:
        """Read all current values of `key`."""

    async def put(self, key: str, value: str, context: Any | None, node: str) -> None:
        """Write `value`; a context replaces what it covers, None is a blind write."""

    async def delete(self, key: str, context: Any, node: str) -> None:
        """Remove what the context covers."""


class Deployment(Protocol):
    """A store that runs on a testbed."""

    nodes: tuple[str, ...]

    @property
    def config(self) -> dict[str, Any]:
        """`meta.config` of the history: n, r, w, sloppy, mode, engine, settle_bound_s ..."""

    def client(self, process: int, timeout_s: float = 1.0) -> Client:
        """A client of its own for this process id; it raises `Unanswered` after `timeout_s`."""

    def preference_list(self, key: str) -> tuple[str, ...]:
        """The N primaries of `key` under the ring now, then its fallbacks in order."""

    async def final(self, node: str, key: str) -> list[str] | None:
        """What this replica alone holds, without repair or forwarding; None if it cannot be read."""

    async def state(self, node: str) -> dict[str, Any] | None:
        """White-box facts for a `state` event (hints, repairs, digests, primaries), or None."""


class System(Protocol):
    """A kind of store.

    One may also have `options`, as extensions do, and `check(config, testbed)` with a plan's testbed, which
    raises UsageError, naming the option, on a configuration that cannot work there: before anything runs; and
    `lacks: frozenset[str]`, capabilities that its nodes have on no testbed (`skew`, of a store that says
    nothing of its clock): a plan that needs them is refused when it is read.
    """

    name: str
    summary: str
    testbeds: tuple[str, ...]

    def promise(self, config: dict[str, Any]) -> str:
        """The promise that this configuration makes (docs/promises.md)."""

    def deploy(self, testbed: Any, config: dict[str, Any]) -> Deployment:
        """Prepare the store on every node of the testbed. Raises UsageError on a bad configuration."""
