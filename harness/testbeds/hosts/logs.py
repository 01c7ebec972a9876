"""What is kept of nodes' logs when a run is over."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

MOST_LOG_BYTES = 4_000_000


def keep_logs(printed: Path, own: Sequence[Path], directory: Path) -> None:
    """The end of what a node printed, as `log.txt`, and of each log of its own, where there is anything."""
    _keep(printed, directory / "log.txt")
    for path in own:
        _keep(path, directory / path.name)


def _keep(log: Path, kept: Path) -> None:
    try:
        size = log.stat().st_size
    except OSError:
        return
    if not size:
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with log.open("rb") as source, kept.open("wb") as copy:
        source.seek(max(0, size - MOST_LOG_BYTES))
        shutil.copyfileobj(source, copy)
