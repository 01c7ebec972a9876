"""The columnar sidecar `history.npz`: a history's arrays in a file, read in a fraction of a second.

It stands beside `history.jsonl`, which stays the record. Needs numpy (extra `fast`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from checkers.errors import HistoryError
from checkers.formats import jsonl
from checkers.formats.columnar.columns import ARRAYS, NARROW, Columns, of_history
from checkers.formats.columnar.lazy import ColumnHistory
from checkers.formats.columnar.members import arrays
from checkers.formats.columnar.soundness import complaint
from checkers.model.history import History
from checkers.model.values import plain, value_of

VERSION = 1
_TEXTS: dict[str, Any] = {
    "keys": list[str],
    "nodes": list[str],
    "values": list[Any],
    "rest": dict[str, Any],
    "sparse": dict[str, dict[str, Any]],
}
"""JSON, as bytes."""
_KINDS: dict[str, Any] = {name: NARROW.get(name, np.int64) for name in ARRAYS}
_KINDS |= dict.fromkeys(_TEXTS, np.uint8) | {"version": np.int64}
"""Each array and the type of its numbers."""


def write(source: History | Columns, path: Path) -> None:
    """Write the sidecar to `path`. Raises OSError."""
    columns = source if isinstance(source, Columns) else of_history(source)
    texts = {"keys": columns.keys, "nodes": columns.nodes, "values": columns.values, "rest": columns.rest}
    texts["sparse"] = {str(row): few for row, few in columns.sparse.items()}
    parts: dict[str, Any] = {name: getattr(columns, name) for name in ARRAYS}
    for name, text in texts.items():
        parts[name] = np.frombuffer(_encode(text), np.uint8)
    with path.open("wb") as file:
        np.savez(file, version=np.array([VERSION]), **parts)


def load(path: Path, content: bytes | None = None) -> Columns:
    """The arrays in `path`. Raises HistoryError if it holds none of ours, or they make no history."""
    try:
        raw = path.read_bytes() if content is None else content
        parts = arrays(raw, _KINDS)
        version = int(parts["version"][0]) if len(parts["version"]) else 0
        if version != VERSION:
            raise HistoryError(str(path), f"version {version} is unknown; known: {VERSION}")
        texts = {name: msgspec.json.decode(parts[name].tobytes(), type=kind) for name, kind in _TEXTS.items()}
        texts["sparse"] = {int(row): few for row, few in texts["sparse"].items()}
        found: dict[str, Any] = {name: parts[name] for name in ARRAYS}
        columns = Columns(**found, **texts, source=str(path))
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        said = " ".join(str(error).split()) or type(error).__name__
        raise HistoryError(str(path), f"is no history.npz of ours ({said}): make it again") from None
    wrong = complaint(columns)
    if wrong is not None:
        raise HistoryError(str(path), f"is a damaged history.npz ({wrong}): make it again")
    _typed(columns)
    return columns


_encode = msgspec.json.Encoder(enc_hook=plain).encode


def _typed(columns: Columns) -> None:
    """Booleans are the model's own again: in the pool of values, in finals, as the initial value."""
    columns.values = value_of(columns.values)
    meta = columns.rest["meta"]
    if "initial" in meta:
        meta["initial"] = value_of(meta["initial"])
    for final in columns.rest["finals"]:
        final[3] = value_of(final[3])


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`, as if it had been read from its lines.

    The sidecar is a copy: where it is bad and the lines stand beside it, those are read, with a warning.
    Raises HistoryError.
    """
    try:
        return ColumnHistory(load(path, content))
    except HistoryError as error:
        beside = path.with_suffix(".jsonl")
        if not beside.is_file():
            raise
        history = jsonl.read(beside)
        history.warnings.insert(0, f"{error}: {beside.name} was read instead")
        return history
