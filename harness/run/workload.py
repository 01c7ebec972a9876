"""The seam for workloads: what clients do, told as steps of one client's session.

A workload is one file in `workloads/`. `script` draws a run's shape (which kinds of operation this seed
uses) and gives a `Script`; each client then calls `step` again and again, one top-level operation a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Read:
    """An acknowledged get: its operation, who read, the values, and the opaque context."""

    op: int
    process: int
    key: str
    values: tuple[str, ...]
    context: Any


class Session(Protocol):
    """One client process, as a workload sees it. Every call is recorded before it is sent and as it ends.

    Calls return None where the operation failed or was not answered; after an unanswered write the
    process id is retired and the session goes on as a new process. `node` is the node to contact first
    (None: the session's own choice, which skips nodes that refuse). `parent` and `items` tie an inner
    operation to a cart's add or remove.
    """

    client: int
    """Its place among the run's clients, which stays when its process id changes."""
    rng: Random
    keys: Sequence[str]
    nodes: Sequence[str]
    burst: int
    """A number that operations of several clients share when they are due at one moment; 0: alone."""

    @property
    def process(self) -> int:
        """The process id now."""

    @property
    def restarted(self) -> Sequence[str]:
        """Nodes that started again (after a kill, power cut or wipe) within the last seconds."""

    def unique(self) -> str:
        """A value that nobody else writes: `process:counter`."""

    async def get(
        self, key: str, node: str | None = None, parent: int | None = None, items: Sequence[str] | None = None
    ) -> Read | None:
        """Read a key."""

    async def put(
        self,
        key: str,
        value: str,
        read: Read | None,
        node: str | None = None,
        parent: int | None = None,
        items: Sequence[str] | None = None,
    ) -> bool:
        """Write a key with the context of `read` (None: blind). True if acknowledged."""

    async def delete(self, key: str, read: Read, node: str | None = None) -> bool:
        """Delete what `read` covered. True if acknowledged."""

    def begin(self, f: str, key: str, value: str | None) -> int:
        """Record the invocation of an operation that spans others (add, remove, members); its id."""

    def end(self, op: int, type: str, value: Any = None, error: str | None = None) -> None:
        """Record its completion: `ok`, `fail` or `info`."""


class Script(Protocol):
    """One run of a workload."""

    functions: tuple[str, ...]
    """The `f` of the operations that this run drew."""

    async def step(self, session: Session) -> None:
        """One top-level operation of one client."""


class Workload(Protocol):
    """A kind of workload."""

    name: str
    summary: str
    functions: tuple[str, ...]
    options: dict[str, str]
    """What a plan may say of it: name -> meaning and default."""

    def script(self, options: dict[str, Any], rng: Random) -> Script:
        """Draw one run. Raises UsageError on a bad option."""


def hot_key(session: Session) -> str:
    """The key that all clients of the session's burst share; every key has its turn."""
    return session.keys[(session.burst * 2_654_435_761 >> 8) % len(session.keys)]
