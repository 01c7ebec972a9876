"""Processes of nodes: started so that they die with us, stopped by id, and known by id and start time.

A process id alone proves nothing, because ids are used again; an id with its start time does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class Process:
    """One started process, leader of a session and a group of its own."""

    def __init__(
        self, command: Sequence[str], directory: Path, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it; its output goes to the end of `log`. Raises OSError if the command cannot be run.

        Its standard input ends when we end, however we do; on Linux it is killed then, even if it is paused.
        """
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=directory,
                env=None if environment is None else {**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_dies_with_us,
            )
        self.pid = self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    @property
    def paused(self) -> bool:
        """What the operating system says of it, not what we remember."""
        return self.exit_code is None and state(self.pid) in ("T", "t")

    def signal(self, number: int) -> None:
        """To its whole group; nothing if it is gone."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def end(self) -> None:
        """SIGKILL, which a paused process obeys too, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


def _death_signal() -> Callable[[], None] | None:
    """What a child does between fork and exec; found before any fork, so that nothing is loaded there."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    kill = int(signal.SIGKILL)

    def dies_with_us() -> None:
        parent = os.getppid()
        prctl(_PR_SET_PDEATHSIG, kill, 0, 0, 0)
        if os.getppid() != parent or parent == 1:
            os._exit(1)  # we died before it could say so

    return dies_with_us


_dies_with_us = _death_signal()


def state(pid: int) -> str:
    """One letter, as `ps` says it (R S T Z ...); empty if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "" if Path("/proc/self/stat").exists() else _ps("state", pid)[:1]


def started(pid: int) -> str:
    """When a process started, as text to compare; empty if it is gone (a zombie is)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return "" if fields[0] in ("Z", "X") else f"{boot}/{fields[19]}"
    except (OSError, IndexError):
        return "" if Path("/proc/self/stat").exists() else _ps("lstart", pid).replace(" ", "_")


def _ps(field: str, pid: int) -> str:
    """For systems without /proc."""
    found = subprocess.run(
        ["ps", "-o", f"{field}=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()
