"""Reads a version-1 history: JSON Lines, one event a line (docs/history.md is the contract).

A torn last line is dropped with a warning; anything else that breaks the contract is one `HistoryError`.
"""

from __future__ import annotations

import gc
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from checkers.errors import HistoryError
from checkers.formats.assemble import Assembler
from checkers.formats.events import FUNCTIONS, Line
from checkers.formats.limits import BOM, DEPTH
from checkers.formats.scalars import Refusal
from checkers.model.history import History

VERSION = 1
LARGE_BYTES = 8_000_000
"""From here on it is worth the while to read into arrays."""
_KINDS = "meta op fault phase final state exit note harness"
_DECODER = msgspec.json.Decoder(Line)
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_WRONG = re.compile(r"Expected (.+), got (.+?) - at `\$\.(\w+)(.*)`$")
_BOUND = re.compile(r"Expected (`int` [<>]= -?\d+) - at `\$\.(\w+)(?:\[.*)?`$")
_ENUM = re.compile(r"Invalid enum value '?(.+?)'? - at `\$\.(?:config\.)?(\w+)`$")
_CHOICES = {
    "f": " ".join(FUNCTIONS),
    "lost": "none all unsynced part",
    "durability": "fsync interval buffer none",
    "where": "client nemesis testbed checker",
    "type": "invoke ok fail info (op), requested effective verified healed (fault), ended serves (exit)",
}


def read(path: Path, content: bytes | None = None) -> History:
    """The history in `path`. Raises HistoryError, naming file, line and field, if it breaks the format.

    `content` spares a second read where the caller has the bytes.
    """
    data = path.read_bytes() if content is None else content
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return (_in_bulk(str(path), data) if len(data) >= LARGE_BYTES else None) or _read(str(path), data)
    finally:
        if was_enabled:
            gc.enable()


def _in_bulk(path: str, data: bytes) -> History | None:
    """By arrays, where there are such and nothing is unusual."""
    if find_spec("numpy") is None:
        return None
    from checkers.formats.columnar import bulk  # numpy: only where it pays

    return bulk.read(path, data)


def _read(path: str, data: bytes) -> History:
    lines = data.removeprefix(BOM).split(b"\n")
    last = len(lines)
    while last and not lines[last - 1].strip():
        last -= 1
    if not last:
        raise HistoryError(path, "the file is empty: a history begins with a `meta` line")
    assembler = Assembler(path)
    take, decode = assembler.take, _DECODER.decode
    for number, line in enumerate(lines[:last], 1):
        try:
            take(decode(line), line)
        except Refusal as refusal:
            raise HistoryError(path, refusal.message, number, refusal.field) from None
        except msgspec.ValidationError as error:
            raise _explained(path, number, line, str(error)) from None
        except RecursionError:
            raise HistoryError(path, f"is nested more than {DEPTH} deep", number) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if not line.strip():
                continue
            if number == 1:
                message = f"not a history: the first line must be a whole `meta` line ({error})"
                raise HistoryError(path, message, number) from None
            is_torn = "truncated" in str(error) or (number == last == len(lines))
            if not is_torn:
                raise HistoryError(path, f"is not JSON ({error})", number) from None
            if number < last:
                message = f"this line is torn ({error}); only the last line may be torn"
                raise HistoryError(path, message, number) from None
            assembler.history.warnings.append(f"line {number} is torn (the last one): dropped")
    if not assembler.history.meta:
        raise HistoryError(path, "not a history: it has no whole `meta` line, which comes first")
    return assembler.finish()


def _explained(path: str, number: int, line: bytes, text: str) -> HistoryError:
    """msgspec's complaint in our words."""
    kind = _kind(line)
    if number == 1 and kind is None:
        message = "not a history: the first line must be an object with `kind`: `meta` and `version`: 1"
        return HistoryError(path, message, number)
    if "`$.kind`" in text or "`kind`" in text:
        named = "is missing" if kind is None else f"`{kind}` is unknown"
        return HistoryError(path, f"{named}; version {VERSION} knows: {_KINDS}", number, "kind")
    if match := _MISSING.search(text):
        return HistoryError(path, f"is missing: every `{kind}` line needs it", number, match[1])
    if match := _ENUM.search(text):
        return HistoryError(path, f"`{match[1]}` is unknown; known: {_CHOICES[match[2]]}", number, match[2])
    if match := _BOUND.search(text):
        return HistoryError(path, f"expected {match[1].replace('`', '')}", number, match[2])
    if match := _WRONG.search(text):
        wanted, got = match[1].replace("`", ""), match[2].replace("`", "")
        return HistoryError(path, f"expected {wanted}, got {got}", number, match[3] + match[4])
    return HistoryError(path, text, number)


def _kind(line: bytes) -> Any:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value.get("kind") if isinstance(value, dict) else None
