"""`schism convert`: a history from one format to another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from checkers.formats import write_jsonl
from checkers.formats.detect import READERS, load
from checkers.formats.foreign import export
from checkers.formats.foreign.losses import losses, remarks
from checkers.model.history import History
from checkers.model.values import name_of
from harness.cli.output import print_lines
from harness.errors import Exit, UsageError
from harness.plan.suggest import did_you_mean
from harness.report.model.words import plural

Writer = Callable[[History, Path, str | None], None]


def _jsonl(history: History, path: Path, _key: str | None) -> None:
    write_jsonl.write(history, path)


def _columns(history: History, path: Path, _key: str | None) -> None:
    from checkers.formats import sidecar  # numpy is needed for nothing else here

    sidecar.write(history, path)


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

_OURS = ("schism", "columns")
"""Those that say everything."""
_BY_SUFFIX = {".jsonl": "schism", ".npz": "columns", ".edn": "jepsen-edn", ".json": "elle-json"}


def convert(
    source: Path,
    target: Path,
    /,
    *,
    read_as: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    key: str | None = None,
    lossy: bool = False,
) -> int:
    """Write a history in another format: for another judge, or from another tool for ours.

    What the other format cannot say is refused: a read of several siblings, a remove, a delete or a cas for
    Elle, several keys for Knossos; and for all but ours what a verdict may hang on beside the operations: the
    promise, final reads, contexts, faults, what a key holds at the start. --lossy leaves the latter out.

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
    lossy
        Write what the other format can say, and print what was left out.
    """
    name = to if to is not None else _BY_SUFFIX.get(target.suffix)
    if name is None:
        raise UsageError(f"{target}: which format is that? name it with --to: {', '.join(WRITERS)}")
    if name not in WRITERS:
        known = ", ".join(WRITERS)
        read_only = "is only read" if name in READERS else "is unknown"
        raise UsageError(f"--to {name}: this format {read_only}; known: {known}{did_you_mean(name, WRITERS)}")
    history = _only(load(source, read_as), key)
    lost = [] if name in _OURS else losses(history)
    if lost and not lossy:
        raise UsageError(
            f"{source}: {name} cannot say {', '.join(lost)}: --lossy writes the rest, and says what it "
            "left out"
        )
    try:
        WRITERS[name](history, target, key)
    except export.ExportError as error:
        raise UsageError(f"{source}: {error}") from None
    except OSError as error:
        raise UsageError(f"{target}: cannot be written: {error.strerror or error}") from None
    if lost or (name not in _OURS and any(remarks(history))):
        print_lines([f"  left out: {', '.join([*lost, *remarks(history)])}"])
    operations = len(history.ops if name in _OURS else history.top_ops)
    print_lines([*(f"  warning: {warning}" for warning in history.warnings)])
    print_lines([f"{target} · {name} · {plural(operations, 'operation')}"])
    return Exit.VALID
