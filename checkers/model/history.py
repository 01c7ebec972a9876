"""A history in memory: operations, faults, phases and final reads, as plain columns of small objects.

Times are nanoseconds on the controller's one monotonic clock. The file format is version 1 of
docs/history.md; readers of it and of other tools' formats are in `checkers.formats`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OPEN = 2**63 - 1
"""The return time of an operation that never returned: it is concurrent with all that follows."""

WRITES = frozenset({"put", "delete"})
"""Functions of a multi-value register that make a new version."""


@dataclass(slots=True)
class Op:
    """One operation of one client, invocation and completion together.

    `value` is what was asked (the value put, the tag added), `result` what came back (the values read).
    `type` is `ok`, `fail` (certainly did nothing) or `info` (unknown: `ret` is OPEN).
    `context` is the id of the operation whose returned context this one carried, or None: a blind write.
    """

    id: int
    process: int
    f: str
    key: str | None
    value: Any
    inv: int
    ret: int = OPEN
    type: str = "info"
    result: Any = None
    context: int | list[int] | None = None
    node: str | None = None
    due: int | None = None
    attempts: int = 1
    reaches: list[str] | None = None
    items: list[str] | None = None
    parent: int | None = None
    error: str | None = None
    body: bool = False
    order: int | None = None
    clock: dict[str, Any] | None = None
    """What an adapter could decode of the answer: `vector` (actor -> counter) and `dots`, docs/history.md."""
    gave_up: int | None = None
    """When an `info` was recorded, so when the client stopped waiting; None if it never was."""

    @property
    def ok(self) -> bool:
        """Acknowledged."""
        return self.type == "ok"

    @property
    def returned_values(self) -> list[Any] | None:
        """The list of values this operation returned (an ok get, or an ok write with a body), else None."""
        if self.type != "ok" or not (self.f == "get" or self.body):
            return None
        return self.result if isinstance(self.result, list) else None


@dataclass(slots=True)
class Fault:
    """One interval of one fault: requested, then effective, verified by a probe, and healed (ns, or None)."""

    id: str
    fault: str
    nodes: list[str]
    requested: int
    effective: int | None = None
    verified: int | None = None
    healed: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    """What the fault needs beside: blocked, shape, max_offset_ms, lost, drained, probe."""

    @property
    def end(self) -> int:
        """When it was healed; OPEN if never."""
        return OPEN if self.healed is None else self.healed


@dataclass(frozen=True, slots=True)
class Final:
    """What one replica holds for one key, read from it alone; `values` is None if it could not be read."""

    time: int
    node: str
    key: str
    values: list[Any] | None
    round: int = 1


@dataclass(frozen=True, slots=True)
class State:
    """White-box facts that one node reported at one moment."""

    time: int
    node: str
    facts: dict[str, Any]


@dataclass(slots=True)
class Exit:
    """A node's process that ended though no fault ended it. Times are ns."""

    time: int
    node: str
    code: int | None = None
    signal: str | int | None = None
    last: list[str] = field(default_factory=list)
    """The lines it left that say why."""
    alive: int | None = None
    """When it was last seen running; None: it ended at `time`."""
    serves: int | None = None
    """When the node served again; None if the history does not say."""

    @property
    def how(self) -> str:
        """Its code or signal, in words."""
        if self.signal is not None:
            return f"signal {self.signal}"
        return "no code" if self.code is None else f"code {self.code}"


@dataclass(slots=True)
class History:
    """One run, as the controller saw it. `ops` are in order of invocation, the rest in order of time."""

    meta: dict[str, Any]
    ops: list[Op] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    phases: list[tuple[int, str]] = field(default_factory=list)
    finals: list[Final] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    """`harness` events: our own failures, never the store's."""
    warnings: list[str] = field(default_factory=list)
    """What the reader had to say of the file: a torn last line, for instance."""
    source: str = ""
    exits: list[Exit] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        """The store's configuration, as `meta.config` gave it."""
        config = self.meta.get("config")
        return config if isinstance(config, dict) else {}

    @property
    def promise(self) -> str | None:
        """The promise that the system declared."""
        promise = self.meta.get("promise")
        return promise if isinstance(promise, str) else None

    @property
    def interruptions(self) -> list[Fault]:
        """The faults, and each process that ended by itself as a kill: what conditions go by.

        Such a kill lasts from when the process was last seen running until its node served again; where no
        line says when that was, until the first report or readable final of the node.
        """
        if not self.exits:
            return self.faults
        return sorted([*self.faults, *map(self._as_kill, self.exits)], key=lambda fault: fault.requested)

    def _as_kill(self, exit: Exit) -> Fault:
        since = exit.time if exit.alive is None else min(exit.alive, exit.time)
        healed = exit.serves
        if healed is None:
            signs = [one.time for one in self.states if one.node == exit.node and one.time > exit.time]
            signs += [
                one.time
                for one in self.finals
                if one.node == exit.node and one.time > exit.time and one.values is not None
            ]
            healed = min(signs, default=None)
        name = f"exit of {exit.node} at {exit.time / 1e9:.3f} s"
        return Fault(name, "kill", [exit.node], since, exit.time, exit.time, healed)

    @property
    def top_ops(self) -> list[Op]:
        """Operations without a parent: those that counts speak of."""
        return [op for op in self.ops if op.parent is None]

    @property
    def functions(self) -> list[str]:
        """The functions that occur, in order of first appearance."""
        return list(dict.fromkeys(op.f for op in self.ops))

    @property
    def outcomes(self) -> dict[str, int]:
        """Top-level operations by outcome: ok, fail, info."""
        counts = {"ok": 0, "fail": 0, "info": 0}
        for op in self.ops:
            if op.parent is None:
                counts[op.type] += 1
        return counts

    def phase_start(self, name: str) -> int | None:
        """When the phase began first, or None."""
        return next((time for time, phase in self.phases if phase == name), None)

    @property
    def end(self) -> int:
        """The last moment that the history mentions."""
        times = [self.phases[-1][0]] if self.phases else [0]
        times += [final.time for final in self.finals[-1:]] + [state.time for state in self.states[-1:]]
        times += [op.inv for op in self.ops[-1:]] + [op.ret for op in self.ops if op.ret != OPEN]
        return max(times)
