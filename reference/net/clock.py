"""The wall clock, which a file may move: the harness skews a node's clock without touching the machine's.

The skew file is JSON: `{"offset_ms": 250.0, "rate_ppm": 0.0, "since_ns": 1700000000000000000}`. The clock
then shows the machine's time + offset_ms + rate_ppm millionths of the time since `since_ns` (the machine's
time, ns; default: when the file was written). No file: no skew. Replace it by a rename, so that no half of it
is ever read.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import NamedTuple

from reference.bounds import shown

_MOST = {"offset_ms": 1e13, "rate_ppm": 1e6, "since_ns": 2**63 - 1}
"""Some 300 years, a clock that runs twice as fast, and any time that a file system knows."""


class Skew(NamedTuple):
    """How far the clock is off."""

    offset_ms: float = 0.0
    rate_ppm: float = 0.0
    since_ns: int = 0

    def at(self, true_ns: int) -> int:
        """What the clock shows at this true time; it ends at the epoch, and in the year 2262."""
        drift_ns = max(0, true_ns - self.since_ns) * self.rate_ppm / 1e6
        return min(max(true_ns + int(self.offset_ms * 1e6 + drift_ns), 0), 2**63 - 1)


class WallClock:
    """Reads the file again whenever it has become another one."""

    def __init__(self, skew_file: Path | None = None) -> None:
        self.trouble = ""
        """Why the file cannot be used, if so; the last good skew stays."""
        self._path = skew_file
        self._seen: tuple[int, int, int] | None = None
        self._skew = Skew()

    def read(self) -> int:
        """Nanoseconds since the epoch."""
        true_ns = time.time_ns()
        if self._path is None:
            return true_ns
        self._refresh(self._path)
        return self._skew.at(true_ns)

    @property
    def offset_ms(self) -> float:
        """How far it is from the machine's clock now."""
        return (self.read() - time.time_ns()) / 1e6

    def _refresh(self, path: Path) -> None:
        try:
            found = os.stat(path)
        except OSError:
            self._seen, self._skew, self.trouble = None, Skew(), ""
            return
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._skew = parse(path.read_text(), found.st_mtime_ns)
            self.trouble = ""
        except RecursionError:
            self.trouble = f"{path}: nested too deep"
        except (OSError, ValueError) as error:
            self.trouble = f"{path}: {error}"


def parse(text: str, written_ns: int) -> Skew:
    """Raises ValueError, naming the field, on anything but three numbers; RecursionError if nested deep."""
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError('expected {"offset_ms": .., "rate_ppm": .., "since_ns": ..}')
    for name, value in fields.items():
        if name not in Skew._fields:
            raise ValueError(f"unknown field `{shown(name)}` (known: {', '.join(Skew._fields)})")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name}: expected a number, got {shown(value)}")
        if not abs(value) <= _MOST[name]:
            raise ValueError(f"{name}: at most {_MOST[name]:g} either way, got {shown(value)}")
    since_ns = int(fields.get("since_ns", written_ns))
    return Skew(float(fields.get("offset_ms", 0)), float(fields.get("rate_ppm", 0)), since_ns)
