"""What a campaign came to, from its rows alone: cells pooled, systems against their promises, checks counted.

The result is the campaign's `results.json`, the same bytes for the same rows:

    name seed verdict exit total done runs
    systems   [{system promise declared verdict reason runs ops}]    did each keep its own promise
    cells     [{system workload nemesis verdict reason runs chances}]    pooled (`checkers.chances.pooling`)
    checks    {check: {system: {claimed runs judged invalid unknown nothing measured why}}}
              claimed against observed, in runs (`harness.campaign.claims`)
    findings  [{run check asserted kind key ops message}]         the first of them, broken promises first
    failures  [{run failure}]                                     ours, never the system's

`promise` is what the runs were judged by; `declared`, where it is another, what the system promises.

A check is claimed by a system if any run asserted it; then `judged invalid unknown nothing` count those runs
only, and `measured` the others (a condition of the promise did not hold there). `runs` of a system counts
`valid invalid unknown failed`: a run that the harness failed is `failed`, unless it already showed a
violation. A campaign that ended before its last run (`done` below `total`) is never valid, and neither is any
system in it; what the plan names and no run reached is listed too, as undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from checkers.chances.vacuity import pool
from checkers.verdict import Verdict, fold
from harness.campaign import claims
from harness.campaign.knobs import promise_of
from harness.errors import Exit, UsageError
from harness.plan.cells import Cell
from harness.plan.schema import SystemPlan
from harness.registry import extensions
from harness.store import Row

MAX_FINDINGS = 50
MAX_FAILURES = 50


@dataclass(slots=True)
class _Group:
    """The runs of one cell or of one system."""

    promises: list[str] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    runs: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("valid", "invalid", "unknown", "failed"), 0)
    )
    ops: dict[str, int] = field(default_factory=dict)
    pooled: list[dict[str, Any]] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)

    def add(self, row: Row) -> None:
        for promises, promise in ((self.promises, row.promise), (self.declared, _declared(row))):
            if promise and promise not in promises:
                promises.append(promise)
        self.runs["failed" if row.failure and row.verdict != "invalid" else row.verdict] += 1
        for outcome, count in row.counts.items():
            self.ops[outcome] = self.ops.get(outcome, 0) + count


def summarise(
    name: str, seed: int, total: int, rows: Iterable[Row], planned: Sequence[Cell] = ()
) -> dict[str, Any]:
    """The summary of a campaign's rows, which come in the campaign's order.

    `planned` are the cells of its plan: those that no run reached are in the summary too.
    """
    cells: dict[Cell, _Group] = {cell: _Group() for cell in planned}
    systems: dict[str, _Group] = {cell.system: _Group() for cell in planned}
    checks: claims.Claims = {}
    findings: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    failures: list[dict[str, str]] = []
    for row in rows:
        cell = cells.setdefault(Cell(row.system, row.workload, row.nemesis), _Group())
        cell.add(row)
        cell.pooled.append(_pooled(row))
        cell.functions = cell.functions or _functions(row)
        systems.setdefault(row.system, _Group()).add(row)
        claims.count(checks, row)
        for finding in row.findings:
            if len(findings[finding["asserted"]]) < MAX_FINDINGS:
                findings[finding["asserted"]].append({"run": row.name, **finding})
        if row.failure and len(failures) < MAX_FAILURES:
            failures.append({"run": row.name, "failure": row.failure})
    judged = [_judge_cell(cell, group) for cell, group in cells.items()]
    runs = _sum(group.runs for group in cells.values())
    done = sum(runs.values())
    planned_runs = f"{total} run{'' if total == 1 else 's'}"
    short = f"the campaign ended after {done} of {planned_runs}" if done < total else ""
    verdict = _unless_short(fold(Verdict(cell["verdict"]) for cell in judged), short)
    return {
        "name": name,
        "seed": seed,
        "verdict": str(verdict),
        "exit": int(exit_code(verdict, runs.get("failed", 0) + len(failures))),
        "total": total,
        "done": done,
        "runs": runs,
        "systems": [_judge_system(label, group, judged, short) for label, group in systems.items()],
        "cells": judged,
        "checks": claims.told(checks),
        "findings": [*findings[True], *findings[False]],
        "failures": failures,
    }


def _unless_short(verdict: Verdict, short: str) -> Verdict:
    """A campaign that ended early may have broken a promise, but nobody knows that it would have kept one."""
    return Verdict.UNKNOWN if short and verdict == Verdict.VALID else verdict


def exit_code(verdict: str, failed: int) -> Exit:
    """1 outranks 3, 3 outranks 2."""
    if verdict == Verdict.INVALID:
        return Exit.INVALID
    if failed:
        return Exit.HARNESS
    return Exit.VALID if verdict == Verdict.VALID else Exit.UNKNOWN


def _judge_cell(cell: Cell, group: _Group) -> dict[str, Any]:
    pooled = {"verdict": Verdict.UNKNOWN, "reason": "not begun: none of its runs ended", "chances": {}}
    if group.pooled:
        pooled = pool({"label": cell.nemesis, "functions": group.functions or None, "runs": group.pooled})
    named = {"system": cell.system, "workload": cell.workload, "nemesis": cell.nemesis}
    return {
        **named,
        "verdict": str(pooled["verdict"]),
        "reason": pooled["reason"],
        "runs": group.runs,
        "chances": pooled["chances"],
    }


def _pooled(row: Row) -> dict[str, Any]:
    """What pooling needs of a run; one that crashed has no chances to add."""
    facts = {name: getattr(row, name) for name in ("verdict", "reason", "before_minima", "failure")}
    return facts | {"chances": row.chances} if row.chances else facts


def _declared(row: Row) -> str:
    """What the row's system promises, by its plan or by itself; empty if it is gone from the registry."""
    try:
        return promise_of(msgspec.convert(row.plan["system"], SystemPlan))
    except (KeyError, UsageError, msgspec.ValidationError):
        return ""


def _functions(row: Row) -> list[str]:
    """What the row's workload may do under its plan's options, none of it switched off by a seed.

    None if the workload is gone from the registry.
    """
    plan = row.plan.get("workload", {})
    workload = extensions("workloads").get(plan.get("workload"))
    if workload is None:
        return []
    options = dict(plan.get("options", {}))
    if "swarm" in workload.options:
        options["swarm"] = False
    return list(workload.script(options, Random(0)).functions)


def _judge_system(label: str, group: _Group, cells: list[dict[str, Any]], short: str) -> dict[str, Any]:
    own = [cell for cell in cells if cell["system"] == label]
    verdict = _unless_short(fold(Verdict(cell["verdict"]) for cell in own), short)
    worst = next((cell for cell in own if cell["verdict"] == verdict and verdict != Verdict.VALID), None)
    reason = f"{worst['workload']}, {worst['nemesis']}: {worst['reason']}" if worst else short
    return {
        "system": label,
        "promise": ", ".join(group.promises),
        **({"declared": ", ".join(group.declared)} if group.declared not in ([], group.promises) else {}),
        "verdict": str(verdict),
        "reason": reason,
        "runs": group.runs,
        "ops": group.ops,
    }


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total
