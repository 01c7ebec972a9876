"""The engine that forgets: nothing survives the process. For caches, and to show what durability is for."""

from __future__ import annotations

from collections.abc import Iterable

from reference.runtime import Future, Runtime
from reference.storage.engine import Apply, Batch


class MemoryEngine:
    """Every commit is over at once."""

    buffered = False

    def __init__(self, runtime: Runtime, apply: Apply) -> None:
        self._runtime = runtime
        self._apply = apply

    def recover(self) -> Iterable[Batch]:
        """Nothing."""
        return ()

    def ready(self) -> Future:
        """At once."""
        return self.commit(())

    def commit(self, batch: Batch) -> Future:
        """Applied when this returns."""
        self._apply(batch)
        done = self._runtime.future()
        done.resolve(True)
        return done

    accept = commit

    def note(self, batch: Batch) -> None:
        """Nothing to note."""
