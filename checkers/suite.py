"""Judges a history: runs every check, applies the promise's conditions, folds what is asserted."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from checkers.case import Case
from checkers.chances.vacuity import chances, shortfall
from checkers.collecting import without_gc
from checkers.conditions.fitting import fitting
from checkers.conditions.promises import MULTI_VALUE, Terms, asserted_by, effective, known
from checkers.errors import HistoryError, PromiseError, TooLarge
from checkers.fast import LARGE
from checkers.formats.detect import load
from checkers.model.history import History
from checkers.parallel import run_all
from checkers.registry import Check, checks
from checkers.report import CheckReport, Report
from checkers.verdict import Finding, Verdict, fold, not_applicable, unknown

if TYPE_CHECKING:
    from checkers.fast.screens import Screens


def check(
    source: History | str | Path,
    promise: str | None = None,
    format: str | None = None,
    only: Mapping[str, Check] | None = None,
    jobs: int = 1,
    time_limit_s: float | None = None,
) -> Report:
    """Judge a history (or the file or run's folder that holds one) under a promise (None: its own).

    `only` replaces the checks that are found by folder; `jobs` is in how many processes they run. Searches
    end after so many steps, which gives one history one verdict, or after `time_limit_s` by the clock.
    Raises HistoryError on a history that cannot be read and PromiseError on an unknown promise. A check that
    raises is `unknown` with its reason and a failure of ours in the report; the others go on.
    """
    history = source if isinstance(source, History) else load(source, format)
    declared = known(promise) if promise is not None else _declared(history)
    judged_by, note = effective(declared, history.config)
    case = Case(history, judged_by, time_limit_s)
    available = checks() if only is None else only
    with without_gc():
        screens = _screens(case)
        # What screens clear is quick, and shared by them: only the rest is worth other processes.
        cleared = [name for name in available if jobs > 1 and screens and screens.finding(name)]
        reports = {name: _run(available[name], case, screens) for name in cleared}
        left = [name for name in available if name not in reports]
        reports |= run_all(left, lambda name: _run(available[name], case, screens), jobs)
        reports = {name: reports[name] for name in available}
        counted = (screens.chances if screens else None) or chances(case)
    failures = list(history.failures)
    failures += [report.failure for report in reports.values() if report.failure]
    before = _fold(reports)
    verdict, reason = _on_its_own(case, before, reports, failures, counted)
    asserted = asserted_by(judged_by, history.config)
    return Report(
        verdict=verdict,
        reason=reason,
        before_minima=before,
        promise=declared,
        judged_by=judged_by,
        ops=history.outcomes,
        checks=reports,
        not_built=[name for name in asserted if name not in available],
        chances=counted,
        warnings=[*history.warnings, *_warnings(history, judged_by, note)],
        failures=failures,
    )


def _declared(history: History) -> str | None:
    """The history's own promise; a misspelt one is an error of its first line."""
    try:
        return known(history.promise)
    except PromiseError as error:
        if not history.source:
            raise
        raise HistoryError(history.source, str(error), 1, "promise") from None


def _screens(case: Case) -> Screens | None:
    """What clears checks of a large history without making its operations; None of any other."""
    is_large = getattr(case.history, "columns", None) is not None or len(case.history.ops) >= LARGE
    if not is_large or find_spec("numpy") is None:
        return None
    from checkers.fast.screens import screens_for  # numpy, and perhaps a compiler: only where it pays

    return screens_for(case)


def _run(one: Check, case: Case, screens: Screens | None) -> CheckReport:
    started = perf_counter()
    wanted = case.terms(one.name)
    failure = None
    try:
        raw = _judge(one, case, wanted, screens)
        finding, asserted, why = _conditioned(raw, wanted, case)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{one.name}: {type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"
        failure = {"time": case.history.end, "where": "checker", "error": text}
        raw = finding = unknown(f"the check itself failed: {text}")
        asserted, why = wanted.asserted, "the check itself failed"
    return CheckReport(one.name, finding, asserted, why, perf_counter() - started, raw.verdict, failure)


def _judge(one: Check, case: Case, wanted: Terms, screens: Screens | None) -> Finding:
    if not wanted.applies:
        return not_applicable(f"has no meaning under {case.promise}")
    if one.name in MULTI_VALUE and case.single_value:
        if "put" in case.history.functions:
            return unknown("puts, and reads or writes of single values, in one history: judge them apart")
        return not_applicable("a history of single-value registers (read, write, cas)")
    cleared = screens.finding(one.name) if screens else None
    if cleared is not None:
        return cleared
    try:
        return one.judge(case)
    except TooLarge as reason:
        return unknown(str(reason))


def _conditioned(raw: Finding, wanted: Terms, case: Case) -> tuple[Finding, bool, str]:
    """The finding as reported, whether it counts, and why: the run-level conditions applied."""
    if raw.verdict is Verdict.NOT_APPLICABLE:
        return raw, False, ""
    if case.promise is None:
        return raw, False, "measured: no promise is declared"
    finding, asserted, why = _under_terms(raw, wanted, case)
    if asserted and finding.verdict is not Verdict.UNKNOWN:
        return finding, asserted, why
    if always := tuple(one for one in raw.violations if one.always):
        return replace(raw, violations=always), True, "asserted"
    if not asserted and raw.unconditional and raw.verdict is not Verdict.INVALID:
        return replace(raw, verdict=Verdict.VALID, judged=raw.unconditional, reason=""), True, "asserted"
    return finding, asserted, why


def _under_terms(raw: Finding, wanted: Terms, case: Case) -> tuple[Finding, bool, str]:
    """What the promise makes of a finding that needs its conditions."""
    if not wanted.asserted:
        return raw, False, "measured"
    doubts = [doubt for name in wanted.conditions if (doubt := case.ledger.doubt(name))]
    for doubt in doubts:
        if doubt.outcome == "measured":
            return raw, False, f"measured: {doubt.reason}"
    for doubt in doubts:
        return replace(raw, verdict=Verdict.UNKNOWN, violations=(), reason=doubt.reason), True, "asserted"
    return raw, True, "asserted"


def _fold(reports: Mapping[str, CheckReport]) -> Verdict:
    """The worst asserted finding; `unknown` if no asserted check had anything to judge."""
    asserted = [report.finding for report in reports.values() if report.asserted]
    verdict = fold(finding.verdict for finding in asserted)
    if verdict is Verdict.VALID and not any(finding.judged for finding in asserted):
        return Verdict.UNKNOWN
    return verdict


def _on_its_own(
    case: Case,
    before: Verdict,
    reports: Mapping[str, CheckReport],
    failures: list[dict[str, object]],
    counted: dict[str, object],
) -> tuple[Verdict, str]:
    """The verdict of the run alone, and the reason for it."""
    asserted = [report for report in reports.values() if report.asserted]
    if before is Verdict.INVALID:
        broken = [report for report in asserted if report.finding.verdict is Verdict.INVALID]
        names = ", ".join(report.name for report in broken)
        return before, f"{names}: {broken[0].finding.violations[0].message}"
    if failures:
        return Verdict.UNKNOWN, f"the harness itself failed ({failures[0]['where']}): {failures[0]['error']}"
    if before is Verdict.UNKNOWN:
        for report in asserted:
            if report.finding.verdict is Verdict.UNKNOWN:
                return before, f"{report.name}: {report.finding.reason}"
        return before, "nothing that the promise asserts could be judged" if case.promise else "no promise"
    missed = shortfall(counted)
    return (Verdict.UNKNOWN, missed) if missed else (before, "")


def _warnings(history: History, promise: str | None, note: str) -> list[str]:
    found = [note] if note else []
    if promise is None:
        fits = ", ".join(fitting(history))
        hint = f"; by what it records these would fit: {fits}" if fits else ""
        found.append(f"the history declares no promise: every check is measured, none asserted{hint}")
    if history.config.get("clock_limit") and promise not in ("mvr-paper", "mvr-blind", "lww", None):
        found.append("`clock_limit` truncates clocks: its promise is mvr-paper")
    return found
