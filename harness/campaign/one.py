"""One run: executed, judged, its folder written, its row made."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from checkers import check
from checkers.errors import HistoryError
from harness.plan.cells import cell_of
from harness.plan.load import dump
from harness.plan.schema import Run
from harness.run.lifecycle import execute
from harness.store import Row, write_anew, writing

BROKEN_SHOWN = 3
"""How many violations of a promised check go into the row, with their proofs; of a measured one, the
first without. All of them are in the run's `results.json`."""


def run_one(run: Run, number: int, directory: Path) -> Row:
    """Execute and judge `run` in `directory`, which will hold plan, history and results.

    Raises UsageError where the plan turns out wrong and HarnessError where nothing can be recorded;
    every other failure of ours is in the row.
    """
    begun = time.perf_counter()
    with writing(directory):
        directory.mkdir(parents=True, exist_ok=True)
    write_anew(directory / "plan.yaml", dump(run))
    ended = execute(run, directory)
    results = judge(directory, run)
    failure = ended.failure
    if failure is None and results["failures"]:
        failure = "; ".join(f"{item.get('where')}: {item.get('error')}" for item in results["failures"])
    return row_of(
        run,
        number,
        results,
        failure=failure,
        interrupted=ended.interrupted,
        history_sha256=sha256(directory / "history.jsonl"),
        seconds=round(time.perf_counter() - begun, 3),
    )


def judge(directory: Path, run: Run) -> dict[str, Any]:
    """Judge the folder's history and write its `results.json`; a history that is none is `unknown`."""
    try:
        results = check(directory / "history.jsonl", run.system.promise).to_json()
    except HistoryError as error:
        unreadable = {"where": "recorder", "error": str(error)}
        results = {"verdict": "unknown", "reason": str(error), "promise": run.system.promise, "ops": {}}
        results |= {"checks": {}, "chances": {}, "warnings": [], "failures": [unreadable]}
    write_anew(directory / "results.json", msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return results


def row_of(run: Run, number: int, results: dict[str, Any], **rest: Any) -> Row:
    """The row of a run that was judged; `rest` are the columns that the results do not know."""
    cell = cell_of(run)
    return Row(
        number=number,
        name=run.name,
        system=cell.system,
        workload=cell.workload,
        nemesis=cell.nemesis,
        seed=run.seed,
        promise=results.get("judged_by") or results["promise"] or "",
        verdict=str(results["verdict"]),
        reason=results.get("reason") or "",
        before_minima=str(results.get("before_minima", "unknown")),
        counts=results["ops"],
        chances=results.get("chances") or {},
        checks={name: _short(outcome) for name, outcome in results["checks"].items()},
        findings=list(_findings(results["checks"])),
        plan=msgspec.to_builtins(run),
        **rest,
    )


def crashed(run: Run, number: int, failure: str, seconds: float) -> Row:
    """The row of a run whose worker died or hung: nothing is known of it but that."""
    results: dict[str, Any] = {
        "promise": run.system.promise,
        "verdict": "unknown",
        "reason": failure,
        "ops": {},
        "checks": {},
    }
    return row_of(run, number, results, failure=failure, seconds=round(seconds, 3))


def sha256(path: Path) -> str:
    """The digest of a file, empty where there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_KEPT = ("verdict", "asserted", "reason", "why", "stats")


def _short(outcome: dict[str, Any]) -> dict[str, Any]:
    keep = {name: outcome[name] for name in _KEPT if outcome.get(name)}
    counted = {"judged": outcome["judged"]} if "judged" in outcome else {}
    found = len(outcome.get("violations", ())) + outcome.get("violations_left_off", 0)
    return {"asserted": False, **keep, **counted, "violations": found}


def _findings(checks: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, outcome in checks.items():
        asserted = bool(outcome.get("asserted"))
        parts = ("kind", "key", "ops", "message", "proof") if asserted else ("kind", "key", "ops", "message")
        for violation in outcome.get("violations", ())[: BROKEN_SHOWN if asserted else 1]:
            shown = {part: violation[part] for part in parts if part in violation}
            yield {"check": name, "asserted": asserted, **shown}
