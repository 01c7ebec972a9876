"""A run made again and compared: in simulation the history must come back byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from harness.campaign.find import Found
from harness.campaign.one import run_one, sha256
from harness.store import Row


@dataclass(frozen=True, slots=True)
class Difference:
    """The first event that differs: its line in the history (from 1), before and now (None: no such line)."""

    line: int
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay. `same` is None where there was nothing to compare with."""

    row: Row
    directory: Path
    same: bool | None
    compared: str
    """With what: the history, its digest in the campaign's database, or nothing."""
    difference: Difference | None = None
    verdicts: tuple[str, ...] = ()
    """Checks whose finding differs, in words."""


def replay_run(found: Found, directory: Path) -> Replayed:
    """Run `found` again in `directory` and compare with what was kept of it: its history, else its digest.

    A history that ends early (interrupted, killed) is the same if the replay begins with it. In real time
    only the findings can be compared: no two histories are alike there.
    """
    before = found.history if found.history.is_file() else None
    row = run_one(found.run, found.row.number if found.row else 1, directory)
    verdicts = _verdict_changes(_kept_checks(found), row.checks)
    if found.run.testbed.name != "sim":
        return Replayed(row, directory, None, "nothing: in real time no history comes twice", None, verdicts)
    now = directory / "history.jsonl"
    if before is not None:
        difference = first_difference(before, now)
        if difference is not None and difference.before is None and _ended_early(found):
            return Replayed(row, directory, True, "its history, which ends early")
        same = difference is None and not verdicts
        return Replayed(row, directory, same, "its history", difference, verdicts)
    if found.row is not None and found.row.history_sha256:
        same = found.row.history_sha256 == sha256(now)
        compared = "the digest of its history in campaign.db"
        return Replayed(row, directory, same and not verdicts, compared, verdicts=verdicts)
    return Replayed(row, directory, None, "nothing: neither a history nor its digest was kept")


def first_difference(before: Path, now: Path) -> Difference | None:
    """The first line in which two histories differ; a torn last line of the earlier one does not count."""
    with before.open("rb") as old, now.open("rb") as new:
        for number, (was, is_now) in enumerate(zip_longest(old, new), start=1):
            if was != is_now:
                torn = was is not None and not was.endswith(b"\n") and (is_now or b"").startswith(was)
                return Difference(number, None if torn else _text(was), _text(is_now))
    return None


def _ended_early(found: Found) -> bool:
    """Killed before it was judged, interrupted, or stopped by a failure of ours."""
    if found.row is not None:
        return found.row.interrupted or found.row.failure is not None
    return not (found.directory / "results.json").is_file()


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode("utf-8", "replace").rstrip("\n")


def _kept_checks(found: Found) -> dict[str, Any]:
    results = found.directory / "results.json"
    if results.is_file():
        try:
            kept: dict[str, Any] = msgspec.json.decode(results.read_bytes())["checks"]
            return kept if all(isinstance(one, dict) for one in kept.values()) else {}
        except (msgspec.DecodeError, KeyError, TypeError, AttributeError, RecursionError):
            return {}
    return found.row.checks if found.row else {}


def _verdict_changes(before: dict[str, Any], now: dict[str, Any]) -> tuple[str, ...]:
    changes = []
    for name in sorted(before.keys() & now.keys()):
        was, is_now = before[name].get("verdict"), now[name].get("verdict")
        if was != is_now:
            changes.append(f"{name}: {was}, now {is_now}")
    return tuple(changes)
