"""`schism replay`: a run made again, and proof that it is the same."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.campaign.find import find_run
from harness.campaign.replay import Replayed, replay_run
from harness.campaign.summary import exit_code
from harness.cli.output import print_json, print_lines
from harness.errors import Exit

SHOWN_CHARACTERS = 300


def replay(run: str, /, *, store: Path = Path("store"), json: bool = False) -> int:
    """Execute a saved run again and compare: history byte for byte, and every check's finding.

    Where they differ, the first event that does is named. A run whose folder was dropped is made again
    in its place. The exit code is that of the run's verdict; a replay that differs is never 0.

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
    found = find_run(run, store)
    dropped = not found.directory.exists()
    directory = found.directory if dropped else Path(tempfile.mkdtemp(prefix="schism-replay-"))
    replayed = replay_run(found, directory)
    keep = dropped or replayed.same is not True
    if not keep:
        shutil.rmtree(directory, ignore_errors=True)
    if json:
        print_json(_as_json(replayed, keep))
    else:
        print_lines(_lines(replayed, keep))
    code = exit_code(replayed.row.verdict, int(replayed.row.failure is not None))
    return code if replayed.same is not False or code == Exit.INVALID else Exit.HARNESS


def _lines(replayed: Replayed, kept: bool) -> list[str]:
    row, difference = replayed.row, replayed.difference
    lines = [f"{row.name} · SEED {row.seed}"]
    word = {True: "the same as", False: "DIFFERS from", None: "compared with"}[replayed.same]
    lines.append(f"history   {word} {replayed.compared} · sha256 {row.history_sha256[:16]}")
    if difference is not None and replayed.same is False:
        lines.append(f"the first event that differs is line {difference.line}:")
        lines += [f"  before  {_clip(difference.before)}", f"  now     {_clip(difference.now)}"]
    if replayed.verdicts:
        lines += ["findings  that differ:", *(f"  {change}" for change in replayed.verdicts)]
    reason = f" · {row.reason}" if row.reason else ""
    lines.append(f"verdict   {row.verdict} under {row.promise}{reason}")
    broken = [item for item in row.findings if item["asserted"]]
    lines += [f"  {item['check']} · key {item['key']} · {item['message']}" for item in broken]
    if row.failure:
        lines.append(f"failure   {row.failure}")
    if kept:
        lines.append(f"folder    {replayed.directory}")
    return lines


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
