"""What a process said before it ended: the lines that say why, not the last line of a dump.

Go prints `panic:` and then every goroutine, Java a stack for each cause, Python the stack first and the
reason last. Whoever reads only the end of a log reads where it stood, not what went wrong.
"""

from __future__ import annotations

import re
from pathlib import Path

MOST_LINES = 5
MOST_CHARACTERS = 300
MOST_BYTES = 262_144
"""How much of a log's end is looked at."""
SILENT = "it said nothing"

_TRACEBACK = "Traceback (most recent call last):"
_CAUSES = re.compile(
    r"^(panic: |fatal error: |runtime: out of memory)"  # Go
    r"|^Exception in thread |^Caused by: |^(\S+ )?java\.lang\.\w+Error\b"  # JVM
    r"|^#\s+(SIG[A-Z]+ |Internal Error)"
    r"|^thread '.*' (\(\d+\) )?panicked at "  # Rust
    r"|^terminate called |^\s+what\(\): |Assertion .* failed|AddressSanitizer: |Segmentation fault"  # C, C++
    r"|^Fatal Python error: |^MemoryError\b"
    r"|^Uncaught |^(\w+\.)*\w*(Error|Exception): "  # Node and others
    r"|Kernel pid terminated|init terminating in "  # Erlang
    r"|\b(FATAL|PANIC|CRITICAL)\b"
)
_CONTINUES = re.compile(r"^thread '.*' (\(\d+\) )?panicked at .*:$")
"""Rust says why on the line after."""


def last_words(log: Path, since: int = 0) -> list[str]:
    """The lines of `log`, from byte `since` on, that say why its process ended; at least one."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(since, size - MOST_BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        text = ""
    return causes(text.splitlines()) or [SILENT]


def causes(lines: list[str]) -> list[str]:
    """The lines that say why; the last one that is not empty where none is known to; [] of nothing."""
    said = _of_the_last_traceback(lines) or _known(lines)
    if not said:
        said = [line for line in lines if line.strip()][-1:]
    return [line.strip()[:MOST_CHARACTERS] for line in said[:MOST_LINES]]


def _known(lines: list[str]) -> list[str]:
    found = []
    for at, line in enumerate(lines):
        if _CAUSES.search(line):
            found.append(line)
            if _CONTINUES.search(line) and at + 1 < len(lines):
                found.append(lines[at + 1])
    return list(dict.fromkeys(found))


def _of_the_last_traceback(lines: list[str]) -> list[str]:
    """Python: the line after the last traceback's frames, if no other language's dump came after it."""
    starts = [at for at, line in enumerate(lines) if line.strip() == _TRACEBACK]
    if not starts:
        return []
    indent = len(lines[starts[-1]]) - len(lines[starts[-1]].lstrip())
    for line in lines[starts[-1] + 1 :]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return [line]
    return []
