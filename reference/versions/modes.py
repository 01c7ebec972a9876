"""The three modes by name: `dotted` (the default), `paper-clock` and `last-writer`."""

from __future__ import annotations

from reference.versions.dotted import Dotted
from reference.versions.last_writer import LastWriter
from reference.versions.paper_clock import PaperClock
from reference.versions.siblings import Versions


def versions_for(mode: str, clock_limit: int) -> Versions:
    """What versions are in this mode; `clock_limit` truncates the paper's clocks."""
    if mode == "paper-clock":
        return PaperClock(clock_limit)
    return LastWriter() if mode == "last-writer" else Dotted()
