"""What is done to the stored files of a node that is down: erased, cut short, bits flipped."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Damage:
    """One file, and how it was: its length, and the bytes at the places that were changed."""

    path: Path
    bytes: int
    before: dict[int, int]
    """Offset -> the byte that was there."""


def stored_bytes(directory: Path) -> int:
    """Of all files; 0 for an erased or absent directory."""
    return sum(path.stat().st_size for path in _files(directory))


def wipe(directory: Path) -> None:
    """Erase everything in it."""
    if directory.exists():
        shutil.rmtree(directory)
    directory.mkdir(parents=True)


def truncate(directory: Path, share: float) -> Damage | None:
    """Cut this share (0 to 1), a byte at least, off the end of the largest file; None if there is nothing."""
    path = _largest(directory)
    if path is None:
        return None
    size = path.stat().st_size
    os.truncate(path, max(0, size - max(1, int(size * share))))
    return Damage(path, size, {})


def bitflip(directory: Path, places: Sequence[float]) -> Damage | None:
    """Flip one bit at each place (0 to 1 of the length) of the largest file; None if there is nothing."""
    path = _largest(directory)
    if path is None:
        return None
    size = path.stat().st_size
    before: dict[int, int] = {}
    with path.open("r+b") as file:
        for place in places:
            at = min(int(place * size), size - 1)
            if at in before:
                continue
            file.seek(at)
            before[at] = file.read(1)[0]
            file.seek(at)
            file.write(bytes([before[at] ^ 1 << at % 8]))
    return Damage(path, size, before)


def still_damaged(damage: Damage) -> bool:
    """Whether the file is as the damage left it: shorter, or other bytes where bits were flipped."""
    try:
        content = damage.path.read_bytes()
    except OSError:
        return False
    if not damage.before:
        return len(content) < damage.bytes
    return len(content) == damage.bytes and all(content[at] != byte for at, byte in damage.before.items())


def told(damage: Damage | None, data: Path) -> dict[str, Any]:
    """A damage as the history has it: the file below `data`, its length, where bits were flipped."""
    if damage is None:
        return {"file": None}
    said: dict[str, Any] = {"file": str(damage.path.relative_to(data)), "file_bytes": damage.bytes}
    if damage.before:
        return said | {"flipped_at": sorted(damage.before)}
    return said | {"cut_bytes": damage.bytes - damage.path.stat().st_size}


def write_all(directory: Path, files: Mapping[str, str]) -> None:
    """Write these texts below `directory`: relative path -> text."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _largest(directory: Path) -> Path | None:
    """By size, then by name; locks and the like are empty and do not count.

    Nor does what a store has put aside as damaged already: nobody reads it, so nothing would come of it.
    """
    files = [path for path in _files(directory) if ".damaged" not in path.name]
    found = [(path.stat().st_size, str(path), path) for path in files]
    return max(found)[2] if found and max(found)[0] else None


def _files(directory: Path) -> list[Path]:
    found = []
    for path in sorted(directory.rglob("*")):
        with contextlib.suppress(OSError):
            if path.is_file() and not path.is_symlink():
                found.append(path)
    return found
