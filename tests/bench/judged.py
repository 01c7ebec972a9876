"""Judges one file in a process of its own and prints what that took: its arguments are FILE [CHECK].

A process of its own, so that its peak of memory is its own too.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from checkers import check
from checkers.registry import checks


def main(path: str, only: str | None) -> None:
    """Print CPU seconds, peak memory, verdict and seconds of each check as one JSON object."""
    before = _peak_bytes()
    chosen = None if only is None else {only: checks()[only]}
    began = time.process_time()
    report = check(path, only=chosen)
    found = {
        "seconds": time.process_time() - began,
        "bytes": _peak_bytes() - before,
        "verdict": str(report.verdict),
        "checks": {name: one.seconds for name, one in report.checks.items()},
        "findings": {name: str(one.finding.verdict) for name, one in report.checks.items()},
    }
    print(json.dumps(found))


def _peak_bytes() -> int:
    """The most memory that this process has held; Linux counts its parent's in `ru_maxrss`."""
    status = Path("/proc/self/status")
    if status.is_file():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
