"""Which processes of a test still run: each inherits a mark in its environment."""

import os
import time
from pathlib import Path


def running(mark: str) -> list[int]:
    """Ids of live processes other than ours whose environment holds `mark`."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            marked = mark.encode() in (directory / "environ").read_bytes()
            state = (directory / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if marked and state not in "ZX" and int(directory.name) != os.getpid():
            found.append(int(directory.name))
    return sorted(found)


def gone(mark: str, within_s: float = 60.0) -> bool:
    """Whether none is left before so long."""
    deadline = time.monotonic() + within_s
    while running(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
