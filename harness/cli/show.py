"""`schism show`: the story of one key of one run."""

from __future__ import annotations

from pathlib import Path

from checkers import check as judge
from checkers.formats.detect import load
from checkers.model.history import History
from harness.campaign.find import find_run
from harness.cli.output import print_lines
from harness.errors import Exit, UsageError
from harness.plan.suggest import did_you_mean
from harness.report.model.story import busiest_key, story
from harness.report.model.words import plural


def show(run: str, /, *, key: str | None = None, store: Path = Path("store")) -> int:
    """Tell the story of one key: every operation, fault and version, in order of time.

    Examples:

        schism show store/latest/runs/0007-dotted-register-partitions-7
        schism show 7 --key k3
        schism show history.jsonl

    Parameters
    ----------
    run
        A run's folder, a history, or the name or number of a run of the last campaign.
    key
        Which key; default: that of the first finding, else the busiest.
    store
        Where to look for the last campaign.
    """
    path = _history(run, store)
    history = load(path)
    keys = list(dict.fromkeys(op.key for op in history.ops if op.key is not None))
    if key is not None and key not in keys:
        raise UsageError(f"{path}: no operation touches the key `{key}`{did_you_mean(key, keys)}")
    chosen, why = (key, "") if key is not None else _choose(history)
    if chosen is None:
        raise UsageError(f"{path}: no operation touches any key")
    operations = sum(op.key == chosen for op in history.ops)
    counts = f"{plural(operations, 'operation')}, {plural(len(history.faults), 'fault')} in the run"
    print_lines([f"{path} · key {chosen}{why} · {counts}"])
    print_lines(story(history, chosen))
    return Exit.VALID


def _history(run: str, store: Path) -> Path:
    path = Path(run)
    if path.is_file() and path.suffix not in (".yaml", ".yml"):
        return path
    found = find_run(run, store)
    if not found.history.is_file():
        again = f"schism replay {found.directory}"
        raise UsageError(f"{found.directory}: its folder was dropped; this makes it again: {again}")
    return found.history


def _choose(history: History) -> tuple[str | None, str]:
    """The key of the first finding, what is promised first; else the busiest."""
    reports = judge(history).checks
    for asserted in (True, False):
        for name, one in reports.items():
            keys = [violation.key for violation in one.finding.violations if violation.key is not None]
            if one.asserted == asserted and keys:
                return keys[0], f", where {name} found something"
    return busiest_key(history), ", the busiest"
