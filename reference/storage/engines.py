"""Which engine a configuration means."""

from __future__ import annotations

from collections.abc import Callable

from reference.runtime import Runtime
from reference.storage.buffer import BufferEngine, Buffering
from reference.storage.engine import Apply, Engine
from reference.storage.log import LogEngine
from reference.storage.memory import MemoryEngine


def engine_for(name: str, runtime: Runtime, apply: Apply, buffering: Buffering | None = None) -> Engine:
    """`memory`, or `log` or `sqlite` (they differ in the runtime's disk); behind a buffer if one is given."""
    below: Callable[[Runtime, Apply], Engine] = MemoryEngine if name == "memory" else LogEngine
    return below(runtime, apply) if buffering is None else BufferEngine(runtime, apply, below, buffering)
