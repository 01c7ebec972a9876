"""What a controller started, written down where the next one finds it if this one is killed.

Each controller has a directory of its own below a private root; its file `processes` has a line for itself
and one for each process it started, all with their start times. At the next start a directory whose
controller is gone is cleaned up: its processes, and only they, are ended, and it is removed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path

from harness.errors import HarnessError
from harness.testbeds.hosts.processes import started

PREFIX = "run-"


def root() -> Path:
    """The private directory of this user. Raises HarnessError if somebody else has put one there."""
    path = Path(tempfile.gettempdir()) / f"schism-{os.getuid()}"
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise HarnessError("testbed", f"{path} is not a private directory of ours: remove it or set TMPDIR")
    return path


class Register:
    """The directory of one controller."""

    def __init__(self, parent: Path) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._file = self.directory / "processes"
        self.add("controller", os.getpid())

    def add(self, name: str, pid: int) -> None:
        """Write a process down; it is on its way to the disk when this returns."""
        with self._file.open("a") as file:
            file.write(f"{pid} {started(pid)} {name}\n")

    def remove(self) -> None:
        """Nothing runs any more: forget it all."""
        shutil.rmtree(self.directory, ignore_errors=True)


def end_leftovers(parent: Path) -> list[int]:
    """End what dead controllers left behind, and remove it; the ids of the processes that were ended."""
    ended: list[int] = []
    for directory in sorted(parent.glob(f"{PREFIX}*")):
        lines = _lines(directory / "processes")
        if not lines and _young(directory):
            continue  # its controller is about to write itself down
        if any(name == "controller" and runs for _, runs, name in lines):
            continue
        for pid, runs, _ in lines:
            if runs and _end(pid, runs):
                ended.append(pid)
        shutil.rmtree(directory, ignore_errors=True)
    return ended


def _lines(path: Path) -> list[tuple[int, str, str]]:
    """(id, start time if exactly that process still runs, name) of each whole line."""
    try:
        text = path.read_text()
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        pid, _, rest = line.partition(" ")
        began, _, name = rest.partition(" ")
        if pid.isdigit() and began and name:
            found.append((int(pid), began if started(int(pid)) == began else "", name))
    return found


def _young(directory: Path) -> bool:
    try:
        return abs(directory.stat().st_mtime - _now(directory.parent)) < 60
    except OSError:
        return True


def _now(directory: Path) -> float:
    """The file system's own time."""
    with tempfile.TemporaryFile(dir=directory) as file:
        return os.fstat(file.fileno()).st_mtime


def _end(pid: int, began: str) -> bool:
    """SIGKILL this very process and its group: it leads one, so that while it lives its id names that."""
    if started(pid) != began:
        return False
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        return False
    return True
