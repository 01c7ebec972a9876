"""`schism convert`: a history from one format to another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from checkers.formats import export, write_jsonl
from checkers.formats.detect import READERS, load
from checkers.model.history import History
from checkers.model.values import name_of
from harness.cli.output import print_lines
from harness.errors import Exit, UsageError
from harness.plan.suggest import did_you_mean
from harness.report.model.words import plural

Writer = Callable[[History, Path, str | None], None]


def _jsonl(history: History, path: Path, key: str | None) -> None:
    write_jsonl.write(_only(history, key), path)


def _columns(history: History, path: Path, key: str | None) -> None:
    from checkers.formats import sidecar  # numpy is needed for nothing else here

    sidecar.write(_only(history, key), path)


def _only(history: History, key: str | None) -> History:
    if key is not None:
        history.ops = [op for op in history.ops if op.key in (key, name_of(key))]
        history.finals = [final for final in history.finals if final.key in (key, name_of(key))]
    return history


WRITERS: dict[str, Writer] = {
    "schism": _jsonl,
    "columns": _columns,
    "jepsen-edn": export.write_with(export.jepsen_edn),
    "elle-json": export.write_with(export.elle_json),
    "knossos-json": export.write_with(export.knossos_json),
}
"""Formats that can be written, by the name that `--to` takes."""

_BY_SUFFIX = {".jsonl": "schism", ".npz": "columns", ".edn": "jepsen-edn", ".json": "elle-json"}


def convert(
    source: Path,
    target: Path,
    /,
    *,
    read_as: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    key: str | None = None,
) -> int:
    """Write a history in another format: for another judge, or from another tool for ours.

    What the other format cannot say is refused, with the operation that shows it: a read of several siblings,
    a delete or a cas for Elle, several keys for Knossos.

    Examples:

        schism convert history.edn history.jsonl
        schism convert store/latest/runs/0007-dotted-register-partitions-7 k3.edn --key k3
        schism convert history.jsonl register.json --to knossos-json

    Parameters
    ----------
    source
        A history, or a run's folder.
    target
        The file to write.
    read_as
        The source's format, where the guess is wrong: schism, columns, jepsen-edn, jepsen-log, elle-json.
    to
        schism, columns, jepsen-edn, elle-json (rw-register transactions, sets, counters) or knossos-json (one
        cas-register); default: by the target's suffix (.jsonl .npz .edn .json).
    key
        Only this key's operations.
    """
    name = to if to is not None else _BY_SUFFIX.get(target.suffix)
    if name is None:
        raise UsageError(f"{target}: which format is that? name it with --to: {', '.join(WRITERS)}")
    if name not in WRITERS:
        known = ", ".join(WRITERS)
        read_only = "is only read" if name in READERS else "is unknown"
        raise UsageError(f"--to {name}: this format {read_only}; known: {known}{did_you_mean(name, WRITERS)}")
    history = load(source, read_as)
    try:
        WRITERS[name](history, target, key)
    except export.ExportError as error:
        raise UsageError(f"{source}: {error}") from None
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from None
    operations = sum(key is None or op.key in (key, name_of(key)) for op in history.ops)
    print_lines([*(f"  warning: {warning}" for warning in history.warnings)])
    print_lines([f"{target} · {name} · {plural(operations, 'operation')}"])
    return Exit.VALID
