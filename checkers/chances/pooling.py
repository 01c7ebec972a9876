"""A campaign cell of runs, pooled: one verdict from the small summaries of its runs (docs/promises.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ENOUGH_RUNS = 3
OK_MIN, CONFLICTS_MIN, STALE_MIN = 500, 20, 20
UNVERIFIED_SHARE, UNKNOWN_SHARE = 0.10, 0.05
NO_FAULTS = "none"
"""The label of a nemesis entry that wants no faults: where nothing lags, no read can be stale."""


def pool(cell: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict of one cell (system x setting x workload x nemesis label).

    `cell` is `{"label": the nemesis entry's label, "functions": [f of the workload], "runs": [...]}`; without
    `functions`, those that the runs drew. A run is `Report.summary()`: `{"verdict", "reason",
    "before_minima", "failure", "chances"}`. One that hung or crashed without a report is
    `{"verdict": "unknown", "before_minima": "unknown", "failure": "what happened"}`.

    Returns `{"verdict", "reason", "exit", "runs", "counted", "chances"}`: `counted` are the runs in which a
    fault took effect (all, if the label is `none`), `chances` their sums, `exit` the code the cell deserves.
    """
    runs: Sequence[Mapping[str, Any]] = cell["runs"]
    counted = [run for run in runs if _counts(run, cell.get("label"))]
    sums = _sums(counted)
    if len(runs) < ENOUGH_RUNS:
        verdict, reason = _each_by_itself(runs)
    else:
        verdict, reason = _pooled(cell, runs, counted, sums)
    failed = any(run.get("failure") for run in runs)
    exit = 1 if verdict == "invalid" else 3 if failed else 0 if verdict == "valid" else 2
    return {
        "verdict": verdict,
        "reason": reason,
        "exit": exit,
        "runs": len(runs),
        "counted": len(counted),
        "chances": sums,
    }


def _counts(run: Mapping[str, Any], label: str | None) -> bool:
    chances = run.get("chances")
    return chances is not None and (label == NO_FAULTS or chances["effective"] > 0)


def _sums(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = ("ok", "conflicts", "stale_reads", "faults", "effective", "verified")
    sums: dict[str, Any] = {name: sum(run["chances"][name] for run in runs) for name in names}
    by_f: dict[str, int] = {}
    for run in runs:
        for f, count in run["chances"]["by_f"].items():
            by_f[f] = by_f.get(f, 0) + count
    return sums | {"by_f": dict(sorted(by_f.items()))}


def _each_by_itself(runs: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    for worst in ("invalid", "unknown"):
        for run in runs:
            if run["verdict"] == worst:
                return worst, run.get("reason") or run.get("failure") or ""
    return ("valid", "") if runs else ("unknown", "no runs")


def _pooled(
    cell: Mapping[str, Any],
    runs: Sequence[Mapping[str, Any]],
    counted: Sequence[Mapping[str, Any]],
    sums: Mapping[str, Any],
) -> tuple[str, str]:
    all_ = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    broken = [run for run in runs if run["before_minima"] == "invalid" or run["verdict"] == "invalid"]
    if broken:
        return "invalid", f"{len(broken)} of {all_}: {broken[0].get('reason', '')}"
    failed = [run for run in runs if run.get("failure")]
    if failed:
        return "unknown", f"{len(failed)} of {all_} failed: {failed[0]['failure']}"
    undecided = [run for run in runs if run["before_minima"] == "unknown"]
    if len(undecided) > max(1, UNKNOWN_SHARE * len(runs)):
        are = "is" if len(undecided) == 1 else "are"
        return "unknown", f"{len(undecided)} of {all_} {are} unknown: {undecided[0].get('reason', '')}"
    told = [run["chances"] for run in runs if run.get("chances")]
    unverified = [chances for chances in told if chances["verified"] < chances["faults"]]
    if len(unverified) > max(1, UNVERIFIED_SHARE * len(runs)):
        why = next((f": {chances['unverified']}" for chances in unverified if chances.get("unverified")), "")
        return "unknown", f"{len(unverified)} of {all_} had faults that nothing verified{why}"
    missed = _shortfall(cell, counted, sums)
    return ("unknown", f"too few chances to fail: {missed}") if missed else ("valid", "")


def _shortfall(cell: Mapping[str, Any], counted: Sequence[Mapping[str, Any]], sums: Mapping[str, Any]) -> str:
    wanted = cell.get("functions")
    if wanted is None:
        wanted = sorted({f for run in counted for f in run["chances"]["functions"]})
    missed = [
        f"{sums[name]} {words}, needs {least}"
        for name, words, least in (
            ("ok", "acknowledged operations", OK_MIN),
            ("conflicts", "conflicts", CONFLICTS_MIN),
            ("stale_reads", "possibly stale reads", STALE_MIN),
        )
        if sums[name] < least and not (name == "stale_reads" and cell.get("label") == NO_FAULTS)
    ]
    silent = [f for f in wanted if not sums["by_f"].get(f)]
    if silent:
        missed.append(f"no acknowledged {', '.join(silent)}")
    if not counted:
        missed.insert(0, "no fault took effect in any run")
    return "; ".join(missed)
