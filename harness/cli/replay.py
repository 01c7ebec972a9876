"""`schism replay`: a run made again, and proof that it is the same."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.campaign.find import find_run
from harness.campaign.replay import Replayed, replay_run
from harness.campaign.summary import exit_code
from harness.cli.crash import reading
from harness.cli.output import print_json, print_lines
from harness.errors import Exit

SHOWN_CHARACTERS = 300
SHOWN_LINES = 8


def replay(run: str, /, *, store: Path = Path("store"), json: bool = False) -> int:
    """Execute a saved run again and compare: history byte for byte, and every check's finding.

    Where they differ, the first event that does is named. A run whose folder was dropped is made again
    in its place. The exit code is that of the run's verdict; a replay that differs is never 0: 3 in
    simulation, where it must be the same, and 2 in real time, where only findings can be compared.

    Examples:

        schism replay store/latest/runs/0007-dotted-register-partitions-7
        schism replay 0007-dotted-register-partitions-7
        schism replay 7

    Parameters
    ----------
    run
        A run's folder, or the name or number of a run of the last campaign.
    store
        Where to look for the last campaign.
    json
        Print one JSON object instead of lines.
    """
    with reading(Path(run)):
        found = find_run(run, store)
    dropped = not found.directory.exists()
    directory = found.directory if dropped else Path(tempfile.mkdtemp(prefix="schism-replay-"))
    keep = False
    try:
        with _orderly_end():
            replayed = replay_run(found, directory)
        keep = not replayed.row.interrupted and (dropped or replayed.same is not True)
    finally:
        # Also when we are ended half-way: a folder of half a run would pass for one that was kept.
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
    if replayed.row.interrupted:
        raise KeyboardInterrupt
    if json:
        print_json(_as_json(replayed, keep))
    else:
        print_lines(_lines(replayed, keep))
    return _code(replayed)


def _code(replayed: Replayed) -> Exit:
    code = exit_code(replayed.row.verdict, int(replayed.row.failure is not None))
    if code == Exit.INVALID:
        return code
    if replayed.same is False:
        return Exit.HARNESS
    return Exit.UNKNOWN if code == Exit.VALID and replayed.verdicts else code


@contextmanager
def _orderly_end() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does: what runs is ended, what was written is removed."""

    def ask(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, ask)
    except ValueError:  # not the main thread: then signals are not ours to hear
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _lines(replayed: Replayed, kept: bool) -> list[str]:
    row, difference = replayed.row, replayed.difference
    lines = [f"{row.name} · SEED {row.seed}"]
    word = {True: "the same as", False: "DIFFERS from", None: "compared with"}[replayed.same]
    lines.append(f"history   {word} {replayed.compared} · sha256 {row.history_sha256[:16]}")
    if difference is not None and replayed.same is False:
        lines.append(f"the first event that differs is line {difference.line}:")
        lines += [f"  before  {_clip(difference.before)}", f"  now     {_clip(difference.now)}"]
    if replayed.verdicts:
        lines += ["findings  that differ:", *_some([f"  {change}" for change in replayed.verdicts])]
    reason = f" · {row.reason}" if row.reason else ""
    lines.append(_clip(f"verdict   {row.verdict} under {row.promise}{reason}"))
    broken = [item for item in row.findings if item["asserted"]]
    lines += _some([_clip(f"  {one['check']} · key {one['key']} · {one['message']}") for one in broken])
    if row.failure:
        lines.append(_clip(f"failure   {row.failure}"))
    if kept:
        lines.append(f"folder    {replayed.directory}")
    return lines


def _some(lines: list[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(lines) - SHOWN_LINES
    return lines if more <= 0 else [*lines[:SHOWN_LINES], f"  and {more} more"]


def _clip(text: str | None) -> str:
    if text is None:
        return "(the history ends here)"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _as_json(replayed: Replayed, kept: bool) -> dict[str, object]:
    row, difference = replayed.row, replayed.difference
    return {
        "run": row.name,
        "seed": row.seed,
        "same": replayed.same,
        "compared": replayed.compared,
        "difference": difference,
        "verdicts": replayed.verdicts,
        "verdict": row.verdict,
        "reason": row.reason,
        "failure": row.failure,
        "history_sha256": row.history_sha256,
        "directory": str(replayed.directory) if kept else None,
    }
