"""The columnar sidecar `history.npz`: a history's arrays in a file, read in a fraction of a second.

It stands beside `history.jsonl`, which stays the record. Needs numpy (extra `fast`).
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import numpy as np

from checkers.errors import HistoryError
from checkers.formats.columns import ARRAYS, Columns, of_history
from checkers.formats.lazy import ColumnHistory
from checkers.model.history import History

VERSION = 1


def write(source: History | Columns, path: Path) -> None:
    """Write the sidecar to `path`. Raises OSError."""
    columns = source if isinstance(source, Columns) else of_history(source)
    texts = {"keys": columns.keys, "nodes": columns.nodes, "values": columns.values, "rest": columns.rest}
    texts["sparse"] = {str(row): few for row, few in columns.sparse.items()}
    parts: dict[str, Any] = {name: getattr(columns, name) for name in ARRAYS}
    for name, text in texts.items():
        parts[name] = np.frombuffer(msgspec.json.encode(text), np.uint8)
    with path.open("wb") as file:
        np.savez(file, version=np.array([VERSION]), **parts)


def load(path: Path, content: bytes | None = None) -> Columns:
    """The arrays in `path`. Raises HistoryError if it holds none."""
    try:
        with np.load(BytesIO(content) if content is not None else path, allow_pickle=False) as parts:
            if int(parts["version"][0]) != VERSION:
                raise HistoryError(str(path), f"version {parts['version'][0]} is unknown; known: {VERSION}")
            texts = {
                name: msgspec.json.decode(parts[name].tobytes())
                for name in ("keys", "nodes", "values", "rest", "sparse")
            }
            arrays = {name: parts[name] for name in ARRAYS}
    except (BadZipFile, KeyError, ValueError, EOFError, msgspec.DecodeError) as error:
        raise HistoryError(str(path), f"is no history.npz of ours ({error}): make it again") from None
    texts["sparse"] = {int(row): few for row, few in texts["sparse"].items()}
    return Columns(**arrays, **texts, source=str(path))


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`, as if it had been read from its lines. Raises HistoryError."""
    return ColumnHistory(load(path, content))
