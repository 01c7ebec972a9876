"""Several histories judged in one command: a line each, the worst of them is the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from checkers import Report
from checkers.errors import InputError
from harness.cli.output import complain, print_json, print_styled
from harness.errors import Exit, UsageError
from harness.report.model.words import plural
from harness.report.terminal.card import STYLES

WORST = (Exit.INVALID, Exit.HARNESS, Exit.USAGE, Exit.UNKNOWN, Exit.VALID)
"""The first of these that occurs is the exit code."""


def tell_each(paths: Sequence[Path], judged: Callable[[Path], Report], json: bool) -> Exit:
    """Judge every path, tell each in one line (or as one JSON object a line), and sum up."""
    codes: list[Exit] = []
    for path in paths:
        try:
            report = judged(path)
        except (InputError, UsageError) as error:
            codes.append(Exit.USAGE)
            if json:
                print_json({"path": str(path), "error": str(error)})
            else:
                complain(str(error))
            continue
        codes.append(Exit(report.exit))
        if json:
            print_json({"path": str(path), **report.to_json()})
        else:
            print_styled([_line(path, report)])
    if not json:
        print_styled([(_summary(codes), "bold")])
    return next(code for code in WORST if code in codes)


def _line(path: Path, report: Report) -> tuple[str, str]:
    verdict = str(report.verdict)
    under = f" under {report.promise}" if report.promise else ""
    failed = f" · {plural(len(report.failures), 'failure')} of the harness" if report.failures else ""
    warned = f" · {plural(len(report.warnings), 'warning')}" if report.warnings else ""
    reason = f" · {report.reason}" if report.reason else ""
    return f"{verdict.upper():8}{path}{under}{reason}{failed}{warned}", STYLES[verdict]


def _summary(codes: Sequence[Exit]) -> str:
    words = {
        Exit.VALID: "valid",
        Exit.INVALID: "invalid",
        Exit.UNKNOWN: "unknown",
        Exit.HARNESS: "failed by the harness",
        Exit.USAGE: "not read",
    }
    counted = [f"{codes.count(code)} {word}" for code, word in words.items() if code in codes]
    return f"{plural(len(codes), 'history', 'histories')}: {', '.join(counted)}"
