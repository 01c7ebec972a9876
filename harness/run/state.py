"""What the parts of one run share: the testbed, the store, the history, and whether to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import HarnessError, SchismError
from harness.run.recorder import Recorder, Unwritable
from harness.systems.system import Deployment
from harness.testbeds.testbed import Testbed

RESTARTED_NS = 2_000_000_000
"""For how long after its start a node counts as freshly restarted."""


def in_words(error: BaseException) -> str:
    """An exception as one line."""
    if isinstance(error, SchismError):
        return str(error)
    return f"{type(error).__name__}: {error}".split("\n")[0]


@dataclass(slots=True)
class RunState:
    """One run under way. Times are ns on the controller's clock."""

    testbed: Testbed
    deployment: Deployment
    recorder: Recorder
    keys: Sequence[str]
    clients: int
    timeout_s: float
    """How long a client waits for an answer."""
    processes: list[int] = field(default_factory=list)
    """The process id that each client has now."""
    touched: dict[str, None] = field(default_factory=dict)
    """Keys that some operation named, in order of first use."""
    restarts: dict[str, int] = field(default_factory=dict)
    """When each node last served again after a kill, power cut or wipe."""
    down: dict[str, None] = field(default_factory=dict)
    """Nodes that ended by themselves and do not serve again yet."""
    stopping: bool = False
    """No new operation and no new fault may begin."""
    interrupted: bool = False
    failures: list[str] = field(default_factory=list)
    """Our own failures, in words, place first."""
    _next_op: int = 0

    def next_op(self) -> int:
        """A fresh operation id."""
        op = self._next_op
        self._next_op = op + 1
        return op

    @property
    def restarted(self) -> tuple[str, ...]:
        """Nodes that started again within the last `RESTARTED_NS`, the latest last."""
        if not self.restarts:
            return ()
        since = self.testbed.now() - RESTARTED_NS
        recent = [(time, node) for node, time in self.restarts.items() if time >= since]
        return tuple(node for _, node in sorted(recent))

    def fail(self, where: str, error: BaseException, op: int | None = None) -> None:
        """Record our own failure and stop the run in order. An error that knows its place keeps it."""
        self.stopping = True
        if isinstance(error, Unwritable):
            self.failures.append(str(error))
            return
        if isinstance(error, HarnessError):
            where = error.where
        words = in_words(error).removeprefix(f"{where}: ")
        self.failures.append(f"{where}: {words}")
        try:
            self.recorder.harness(where, words, op)
        except Unwritable as unwritable:
            self.failures.append(str(unwritable))
