"""Reads what a run's folder holds: its plan, its history and its verdicts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from checkers import check as judge
from checkers.errors import HistoryError
from checkers.formats.detect import load as read_history
from checkers.model.history import History
from harness.errors import UsageError
from harness.plan.load import read_run as read_plan
from harness.plan.schema import Run


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run as it lies on disk. `path_words` is how a command names it, from its store's folder on."""

    name: str
    path_words: str
    plan: Run | None
    plan_text: str
    history: History
    results: dict[str, Any]


def read_run(directory: Path, judge_missing: bool = False) -> RunFolder:
    """Read a run's folder. Raises UsageError naming what is missing or broken, and the fix.

    Where a run was killed before it was judged, `judge_missing` judges its history now.
    """
    plan_path = directory / "plan.yaml"
    has_plan = plan_path.exists()
    plan, history = read_plan(plan_path) if has_plan else None, _history(directory)
    path = directory / "results.json"
    if judge_missing and not path.exists():
        results = judge(history, plan.system.promise if plan else None).to_json()
    else:
        results = read_results(path)
    return RunFolder(
        name=directory.name,
        path_words=path_words(directory),
        plan=plan,
        plan_text=short_yaml(yaml.safe_load(plan_path.read_text(encoding="utf-8"))) if has_plan else "",
        history=history,
        results=results,
    )


def of_history(path: Path, history: History, results: dict[str, Any]) -> RunFolder:
    """A history that belongs to no run, and its verdicts: there is no plan, and nothing to replay.

    What judging cost just now is left out: the same history gives the same page.
    """
    checks = {name: {**found, "seconds": None} for name, found in results["checks"].items()}
    return RunFolder(path.name, path.name, None, "", history, {**results, "checks": checks})


def _history(directory: Path) -> History:
    try:
        return read_history(directory)
    except HistoryError as error:
        raise UsageError(str(error)) from None


def read_results(path: Path) -> dict[str, Any]:
    """The verdicts of one run. Raises UsageError."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{path}: not there: judge the run first (schism check {path.parent})") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not JSON: {error}: judge the run again") from None
    if not isinstance(found, dict):
        raise UsageError(f"{path}: expected an object with `verdict` and `checks`: judge the run again")
    return found


def short_yaml(data: Any) -> str:
    """A plan as YAML, without empty and unset parts, which say nothing."""
    return yaml.safe_dump(
        _short(data), sort_keys=False, allow_unicode=True, width=76, default_flow_style=None
    )


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        short = {key: _short(item) for key, item in value.items()}
        return {key: item for key, item in short.items() if item not in (None, {}, [])}
    return [_short(item) for item in value] if isinstance(value, list) else value


def path_words(directory: Path) -> str:
    """How a command names a folder: from the store on (`store/quick/runs/021`), never the machine's path."""
    parts = directory.resolve().parts
    if len(parts) > 3 and parts[-2] == "runs":
        return "/".join(parts[-4:])
    return "/".join(parts[-2:])
