"""`schism check`: judge a recorded history, again or for the first time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from checkers import Report
from checkers import check as judge
from checkers.case import Case
from checkers.model.history import History
from checkers.verdict import Verdict, Violation
from harness.cli.initial import initial_value
from harness.cli.inputs import history_at
from harness.cli.output import print_json, print_styled
from harness.cli.several import tell_each
from harness.errors import UsageError
from harness.report.model.remedies import with_remedy
from harness.report.terminal.card import MARKS, STYLES, Line, table

SHOWN = 3
WIDTH = 100
"""Columns that the table of checks keeps to."""


def check(
    *paths: Path,
    promise: str | None = None,
    format: str | None = None,
    initial: str | None = None,
    jobs: int = 1,
    time_limit: float | None = None,
    graphs: Path | None = None,
    json: bool = False,
) -> int:
    """Judge histories: runs' folders, histories in files (also `.gz`), or `-` for standard input.

    Exit 0 valid, 1 invalid, 2 unknown, 3 if a check itself failed, 4 if it cannot be read. Of several, the
    worst counts: 1, then 3, 4, 2.

    Examples:

        schism check store/latest/runs/0007-dotted-register-partitions-7
        schism check history.jsonl --promise mvr-strict
        schism check history.jsonl --json
        schism check history.edn --initial 0
        schism check history.npz --jobs 4
        schism check history.jsonl --graphs graphs
        schism check histories/*.jsonl.gz
        zcat history.jsonl.gz | schism check -

    Parameters
    ----------
    paths
        Runs' folders or histories; of several, each is told in one line.
    promise
        Judge by this promise, not by the one that the history declares.
    format
        The history's format, where the guess is wrong: schism, columns, jepsen-edn, jepsen-log, elle-json.
    initial
        What a register holds before any write, as JSON (0, null, "a"), where the history does not say so.
    jobs
        Share the checks out among this many processes.
    time_limit
        Let searches for an order of compare-and-set go on for this many seconds. By default they end after
        4,000,000 steps a key (some ten seconds), so that one history gets one verdict on any machine.
    graphs
        Draw the versions around each violation shown, as DOT and SVG, into this folder.
    json
        Print one JSON object, or one a line for several histories.
    """
    if not paths:
        raise UsageError("check: name a history: a run's folder, a file, or - for standard input")
    if jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least one process has to judge")
    if time_limit is not None and not 0 < time_limit <= 1e6:
        raise UsageError(f"--time-limit {time_limit:g}: seconds, more than 0 and at most 1,000,000")
    if graphs is not None and len(paths) > 1:
        raise UsageError("--graphs: draws one history: name one")
    first = None if initial is None else initial_value(initial)

    def judged(path: Path) -> Report:
        history = history_at(path, format)
        if initial is not None:
            history.meta["initial"] = first
        report = judge(history, promise, jobs=jobs, time_limit_s=time_limit)
        if graphs is not None:
            _draw(history, report, graphs)
        return report

    if len(paths) > 1:
        return tell_each(paths, judged, json)
    report = judged(paths[0])
    if json:
        print_json(report.to_json())
    else:
        print_styled(_card(report, paths[0]))
    return report.exit


def _table(report: Report) -> Iterator[Line]:
    """A line a check, and one for all that are n/a for the same reason; long notes go on below themselves."""
    rows, notes, styles = [], [], []
    idle: dict[str, list[str]] = {}
    for name, one in report.checks.items():
        finding, verdict = one.finding, str(one.finding.verdict)
        if finding.verdict is Verdict.NOT_APPLICABLE:
            idle.setdefault(finding.reason, []).append(name)
            continue
        mark = MARKS.get(verdict, "-") if one.asserted else "·"
        if finding.verdict is Verdict.VALID and not finding.judged:
            mark, verdict = "·", "nothing to judge"
        found = f"{verdict}, {len(finding.violations)} found" if finding.violations else verdict
        rows.append([mark, name, found])
        notes.append("; ".join(filter(None, (one.why, finding.reason))))
        styles.append(STYLES.get(verdict, "") if one.asserted else "")
    lines = table(rows) if rows else []
    width = max(map(len, lines), default=0)
    for line, note, style in zip(lines, notes, styles, strict=True):
        yield from ((text, style) for text in _wrapped(f"{line.ljust(width)}  ", note))
    for reason, names in idle.items():
        yield from ((text, "dim") for text in _wrapped("  -  ", f"{', '.join(names)}: n/a, {reason}"))


def _wrapped(start: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _draw(history: History, report: Report, folder: Path) -> None:
    """`<check>-<number>.dot` and `.svg` for each violation of a promise that the card shows."""
    from checkers.evidence.graph_svg import svg
    from checkers.evidence.neighbourhood import dot, neighbourhood  # networkx: only where it is asked for

    case = Case(history, report.promise)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, violation, number in _shown(report):
            graph = neighbourhood(case, violation)
            if len(graph):
                (folder / f"{name}-{number}.dot").write_text(dot(graph), encoding="utf-8")
                (folder / f"{name}-{number}.svg").write_text(svg(graph), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--graphs {folder}: {error.strerror or error}") from None


def _shown(report: Report) -> Iterator[tuple[str, Violation, int]]:
    """The violations that are told: the check, the violation, its number.

    Those of promises; without a promise the first of each check, as what was measured.
    """
    for name, one in report.checks.items():
        most = SHOWN if one.asserted else 0 if report.promise else 1
        for number, violation in enumerate(one.finding.violations[:most], start=1):
            yield name, violation, number


def _card(report: Report, path: Path) -> Iterator[Line]:
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.ops.items())
    yield f"{path} · {counts}", "bold"
    for warning in report.warnings:
        yield f"  warning: {warning}", "yellow"
    yield from _table(report)
    if report.not_built:
        yield f"  asserted but not built yet: {', '.join(report.not_built)}", "yellow"
    for name, violation, _ in _shown(report):
        yield "", ""
        mark, style = ("✘", "bold red") if report.promise else ("·", "bold")
        where = f"key {violation.key}" if violation.key is not None else ", ".join(violation.nodes)
        place = f"{where} · operations {list(violation.ops)}" if violation.ops else where
        yield f"  {mark} {name} · {place}{'' if report.promise else ' · measured'}", style
        yield f"    {violation.message}", ""
        yield from ((f"    {sentence}", "") for sentence in violation.proof)
    for failure in report.failures:
        yield f"  ! {failure.get('where')}: {failure.get('error')}", "bold yellow"
    yield "", ""
    reason = f" · {with_remedy(report.reason)}" if report.reason else ""
    if report.promise is None:
        reason += ": what was found is measured; --promise NAME judges it (schism list promises)"
    under = f" under {report.promise}" if report.promise else ""
    yield f"{str(report.verdict).upper()}{under}{reason}", STYLES[str(report.verdict)]
