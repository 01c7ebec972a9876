"""Finds the history in a path and guesses its format; every format that is recognised is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from checkers.errors import HistoryError
from checkers.formats import jsonl
from checkers.history import History

READERS: dict[str, Callable[[Path, bytes], History]] = {"schism": jsonl.read}
"""Formats that can be read, by the name that `--format` takes."""

NOT_READ_YET = {
    "jepsen-edn": "Jepsen EDN",
    "jepsen-log": "Jepsen's text log",
    "elle-json": "elle-cli's JSON",
}
_LOOK = 4096
_COMPRESSED = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f\x8b", "gzip"))
_LOG_LINE = re.compile(rb"^(INFO|WARN)\s.*\s:(invoke|ok|fail|info)\s", re.MULTILINE)


def load(path: str | Path, format: str | None = None) -> History:
    """The history in a file, or in a run's folder (its `history.jsonl`). Raises HistoryError."""
    file = _file(Path(path))
    if format is not None and format not in READERS and format not in NOT_READ_YET:
        known = ", ".join([*READERS, *NOT_READ_YET])
        raise HistoryError(str(file), f"unknown format `{format}`; known: {known}")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise HistoryError(str(file), f"cannot be read: {error.strerror or error}") from None
    name = format or guess(str(file), content)
    if name in NOT_READ_YET:
        verb = "asked for as" if format else "recognised as"
        raise HistoryError(
            str(file),
            f"{verb} {NOT_READ_YET[name]}, which is not read yet; this version reads Schism's own JSON Lines",
        )
    return READERS[name](file, content)


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
    if b"\x00" in head or not _is_text(head):
        raise HistoryError(path, "a binary file, not a history: give a JSON Lines history")
    text = head.lstrip()
    if re.match(rb"(\[\s*)?(#[\w.]+\s*)?\{\s*:", text):
        return "jepsen-edn"
    if _LOG_LINE.search(head):
        return "jepsen-log"
    if text.startswith(b"[") or (
        b'"kind"' not in text[:_LOOK] and re.match(rb'\{.*"(index|process|type)"\s*:', text)
    ):
        return "elle-json"
    return "schism"


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == _LOOK
    return True
