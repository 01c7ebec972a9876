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

    def __init__(self, path: Path, name: str, mode: str, accept_damage: bool = False) -> None:
        """Create or open it. Raises DataError if it is not writable, in use, or another node's.

        `accept_damage`: a `node.json` that cannot be read is set aside and written anew.
        """
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
            self._identify({"format": 1, "mode": mode, "name": name}, accept_damage)
        except DataError:
            self.close()
            raise

    def _identify(self, mine: dict[str, object], accept_damage: bool) -> None:
        path = self.path / "node.json"
        try:
            if not path.exists():
                write_durably(path, json.dumps(mine).encode() + b"\n")
            try:
                found = json.loads(path.read_bytes())
            except (ValueError, RecursionError) as error:
                if not accept_damage:
                    raise DataError(
                        f"{path}: it says no more whose data this is ({_shortly(error)}); restore it, wipe "
                        "this node, or start it with --accept-damage"
                    ) from None
                set_aside(path)
                write_durably(path, json.dumps(mine).encode() + b"\n")
                found = mine
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        if found != mine:
            raise DataError(
                f"{path}: it belongs to {_shortly(found)}, this node is {mine}; give each node its own"
            )

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)


def _shortly(what: object) -> str:
    """As text of bounded length. (Deeply nested values cannot even be shown.)"""
    try:
        return str(what)[:120]
    except (ValueError, RecursionError):
        return "something else"


def write_durably(path: Path, content: bytes) -> None:
    """The whole file or none of it, even after a power cut."""
    temporary = path.with_name(path.name + ".new")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def set_aside(path: Path) -> Path:
    """Keep a durable copy of a damaged file beside it, under a name that nothing has yet; that name."""
    number, kept = 1, path.with_name(f"{path.name}.damaged")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{number}")
    write_durably(kept, path.read_bytes())
    return kept


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
