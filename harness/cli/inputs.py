"""What `schism check` is given: files, folders, or `-` for standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from checkers.errors import HistoryError
from checkers.formats.detect import load, parse
from checkers.model.history import History
from harness.errors import UsageError
from harness.store import DATABASE

STDIN = Path("/dev/stdin")
"""What the command line's `-` stands for: the parser takes a bare dash for an option."""


def history_at(path: Path, format: str | None) -> History:
    """The history in a file or a run's folder, plain or `.gz`, or on standard input.

    Raises UsageError for a campaign's folder, and HistoryError on what is no history.
    """
    if path == STDIN:
        content = sys.stdin.buffer.read()
        if not content:
            raise HistoryError(str(STDIN), "nothing came on standard input: pipe a history into it")
        return parse(STDIN, content, format)
    if path.is_dir() and (path / DATABASE).is_file():
        raise UsageError(f"{path}: a campaign: name one of its runs, a folder in {path}/runs")
    return load(path, format)
