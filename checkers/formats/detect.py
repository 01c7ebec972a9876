"""Finds the history in a path and guesses its format; every format that is recognised is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from checkers.collecting import without_gc
from checkers.errors import HistoryError
from checkers.formats.compressed import plain
from checkers.formats.foreign.syntax import looks_like
from checkers.formats.limits import BOM
from checkers.model.history import History

READERS = {
    "schism": "checkers.formats.jsonl",
    "jepsen-edn": "checkers.formats.foreign.edn",
    "jepsen-log": "checkers.formats.foreign.jepsen_log",
    "elle-json": "checkers.formats.foreign.elle",
    "columns": "checkers.formats.sidecar",
}
"""Formats that can be read, by the name that `--format` takes: the module whose `read` does it.

Loaded when first needed: a run of our own never waits for another tool's format.
"""

_LOOK = 4096
_COMPRESSED = ((b"\x28\xb5\x2f\xfd", "zstd"),)
_LOG_LINE = re.compile(rb"\s:(?:invoke|ok|fail|info)\s")
_FIELD = re.compile(rb'\{.*"(index|process|type)"\s*:')


def load(path: str | Path, format: str | None = None) -> History:
    """The history in a file, or in a run's folder (its `history.jsonl`); `.gz` is unpacked.

    Raises HistoryError.
    """
    file = _file(Path(path))
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HistoryError(str(file), f"cannot be read: {error.strerror or error}") from None
    return parse(file, content, format)


def parse(file: Path, content: bytes, format: str | None = None) -> History:
    """The history in `content`, which `file` names in messages. Raises HistoryError."""
    if format is not None and format not in READERS:
        raise HistoryError(str(file), f"unknown format `{format}`; known: {', '.join(READERS)}")
    content = plain(str(file), content)
    name = format or guess(str(file), content)
    read: Callable[[Path, bytes], History] = import_module(READERS[name]).read
    with without_gc():
        return read(file, content)


def _file(path: Path) -> Path:
    if path.is_dir():
        inside = path / "history.jsonl"
        if not inside.is_file():
            raise HistoryError(
                str(path), "no `history.jsonl` in this folder: give a run's folder or a history"
            )
        return inside
    if not path.exists():
        raise HistoryError(str(path), "no such file or folder")
    return path


def guess(path: str, content: bytes) -> str:
    """The name of the format that `content` looks like. Raises HistoryError if it is no text at all."""
    head = content[:_LOOK]
    for magic, name in _COMPRESSED:
        if head.startswith(magic):
            raise HistoryError(path, f"is compressed ({name}): decompress it first")
    if head.startswith(b"PK\x03\x04"):
        return "columns"
    if b"\x00" in head or not _is_text(head):
        raise HistoryError(path, "a binary file, not a history: give a JSON Lines history")
    text = head.removeprefix(BOM).lstrip()
    if syntax := looks_like(text.decode(errors="ignore")):
        if syntax == "edn":
            return "jepsen-edn"
        is_lines = text.startswith(b"{") and (b'"kind"' in text or not _FIELD.match(text))
        return "schism" if is_lines else "elle-json"
    return "jepsen-log" if _LOG_LINE.search(content) else "schism"


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == _LOOK
    return True
