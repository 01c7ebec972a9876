"""`schism show`: the story of one key of one run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from checkers import check as judge
from checkers.formats.detect import load
from checkers.model.history import History
from checkers.model.values import name_of
from checkers.verdict import Violation
from harness.campaign.find import find_run
from harness.cli.crash import reading
from harness.cli.output import print_json, print_lines
from harness.errors import Exit, UsageError
from harness.plan.suggest import did_you_mean
from harness.report.model.story import Told, busiest_key, story
from harness.report.model.words import one_line, plural

Found = tuple[str, bool, Violation]
"""A check, whether it is asserted, and one of its violations."""
SHOWN = 10


def show(run: str, /, *, key: str | None = None, store: Path = Path("store"), json: bool = False) -> int:
    """Tell the story of one key: every operation, fault and version, in order of time.

    Operations that a finding names are marked: ✘ where a promise is broken, · where nothing was promised.

    Examples:

        schism show store/latest/runs/0007-dotted-register-partitions-7
        schism show 7 --key k3
        schism show quick-1/7 --json
        schism show history.jsonl

    Parameters
    ----------
    run
        A run's folder, a history, CAMPAIGN/RUN, or the name or number of a run of the last campaign.
    key
        Which key; default: that of the first finding, else the busiest.
    store
        Where to look for campaigns.
    json
        Print one JSON object.
    """
    path = _history(run, store)
    history = load(path)
    keys = list(dict.fromkeys(op.key for op in history.ops if op.key is not None))
    found = [(name, one.asserted, violation) for name, one in judge(history).checks.items()
             for violation in one.finding.violations]  # fmt: skip
    chosen, why = _named(path, keys, key) if key is not None else _choose(history, found)
    if chosen is None:
        raise UsageError(f"{path}: no operation touches any key")
    mine = [item for item in found if item[2].key == chosen]
    told = story(history, chosen, _marks(mine))
    if json:
        print_json(_as_json(path, chosen, why, told, mine))
        return Exit.VALID
    operations = sum(op.key == chosen for op in history.ops)
    counts = f"{plural(operations, 'operation')}, {plural(len(history.faults), 'fault')} in the run"
    print_lines([one_line(f"{path} · key {chosen}{f', {why}' if why else ''} · {counts}")])
    print_lines(one.line for one in told)
    print_lines(_findings(mine))
    return Exit.VALID


def _named(path: Path, keys: list[str], key: str) -> tuple[str, str]:
    """The key that the user means: by its name, or as it is written. Raises UsageError."""
    for name in (key, name_of(key)):
        if name in keys:
            return name, ""
    raise UsageError(f"{path}: no operation touches the key `{key}`{did_you_mean(key, keys)}")


def _marks(found: list[Found]) -> dict[int, list[tuple[str, bool]]]:
    marks: dict[int, list[tuple[str, bool]]] = {}
    for name, asserted, violation in found:
        for op in violation.ops:
            if (name, asserted) not in marks.setdefault(op, []):
                marks[op].append((name, asserted))
    return marks


def _findings(found: list[Found]) -> list[str]:
    """What the checks found on this key, promised things first."""
    ordered = sorted(found, key=lambda item: not item[1])
    lines = [
        one_line(f"{'✘' if asserted else '·'} {name}: {violation.message}")
        for name, asserted, violation in ordered[:SHOWN]
    ]
    more = len(ordered) - len(lines)
    return [*lines, *([f"{plural(more, 'more finding')} on this key: schism check"] if more else [])]


def _as_json(path: Path, key: str, why: str, told: Iterable[Told], found: list[Found]) -> dict[str, Any]:
    return {
        "history": str(path),
        "key": key,
        "why": why,
        "events": [{"time": one.time, "event": one.what, **one.facts} for one in told],
        "findings": [
            {"check": name, "asserted": asserted, "kind": violation.kind, "ops": violation.ops,
             "message": violation.message, "proof": violation.proof}
            for name, asserted, violation in found
        ],
    }  # fmt: skip


def _history(run: str, store: Path) -> Path:
    path = Path(run)
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        return path
    with reading(path):
        found = find_run(run, store)
    if not found.history.is_file():
        again = f"schism replay {found.directory}"
        raise UsageError(f"{found.directory}: its folder was dropped; this makes it again: {again}")
    return found.history


def _choose(history: History, found: list[Found]) -> tuple[str | None, str]:
    """The key of the first finding, what is promised first; else the busiest."""
    for name, _, violation in sorted(found, key=lambda item: not item[1]):
        if violation.key is not None:
            return violation.key, f"where {name} found something"
    return busiest_key(history), "the busiest"
