"""A node's data directory: made durable, owned by one process, and of one node and mode only."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path


class DataError(Exception):
    """The data directory cannot be used; the message says why and what to do."""


class DataDir:
    """Open as long as this object lives; `close` gives it back."""

    def __init__(self, path: Path, name: str, mode: str) -> None:
        """Create or open it. Raises DataError if it is not writable, in use, or another node's."""
        self.path = path
        try:
            if not path.exists():
                path.mkdir(parents=True)
                sync_folder(path.parent)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DataError(f"data directory {path}: {error.strerror}; choose another with --data") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise DataError(f"data directory {path}: another process uses it") from None
        try:
            self._identify({"format": 1, "mode": mode, "name": name})
        except DataError:
            self.close()
            raise

    def _identify(self, mine: dict[str, object]) -> None:
        path = self.path / "node.json"
        try:
            if not path.exists():
                write_durably(path, json.dumps(mine).encode() + b"\n")
            found = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: {error}") from None
        if found != mine:
            raise DataError(f"{path}: it belongs to {found}, this node is {mine}; give each node its own")

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)


def write_durably(path: Path, content: bytes) -> None:
    """The whole file or none of it, even after a power cut."""
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
