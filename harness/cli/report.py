"""`schism report`: draw the pages again from what the store holds, or the page of any history."""

from __future__ import annotations

from pathlib import Path

from checkers import check as judge
from checkers.formats.detect import load
from harness.cli.crash import reading
from harness.cli.initial import initial_value
from harness.cli.output import print_lines
from harness.errors import Exit, UsageError
from harness.report.pages import html
from harness.store import DATABASE


def report(
    path: Path,
    /,
    *,
    output: Path | None = None,
    promise: str | None = None,
    format: str | None = None,
    initial: str | None = None,
) -> int:
    """Write report.html again, for a campaign's folder or a run's; or judge a history and draw its page.

    The page of a history is written beside it, `history.edn.html` for `history.edn`, and says what
    `schism check` says. The exit code is 0 once the page is there, whatever the verdict.

    Examples:

        schism report store/latest
        schism report store/latest/runs/0007-dotted-register-partitions-7
        schism report history.jsonl
        schism report store/etcd/20260101T000000/history.edn --promise linearizable --output page.html

    Parameters
    ----------
    path
        The folder of a campaign or of a run, or a history in any format that `schism check` reads.
    output
        Where the page of a history goes; default: beside it.
    promise
        Judge a history by this promise, not by the one that it declares.
    format
        A history's format, where the guess is wrong: schism, columns, jepsen-edn, jepsen-log, elle-json.
    initial
        What a register holds before any write, as JSON (0, null, "a"), where the history does not say so.
    """
    if (path / DATABASE).is_file() or (path / "plan.yaml").is_file():
        given = {"output": output, "promise": promise, "format": format, "initial": initial}
        for name, value in given.items():
            if value is not None:
                raise UsageError(f"--{name}: for the page of a history; {path} is a folder of the store")
        is_campaign = (path / DATABASE).is_file()
        with reading(path):
            page = html.write_campaign(path) if is_campaign else html.write_run(path, judge_missing=True)
        print_lines([str(page)])
        return Exit.VALID
    if path.is_dir() and not (path / "history.jsonl").is_file():
        raise UsageError(
            f"{path}: neither a campaign's folder ({DATABASE}) nor a run's (plan.yaml): to draw a history,"
            " name its file"
        )
    history = load(path, format)
    if initial is not None:
        history.meta["initial"] = initial_value(initial)
    found = judge(history, promise)
    beside = path / "report.html" if path.is_dir() else path.with_name(f"{path.name}.html")
    page = html.write_history(path, history, found.to_json(), output or beside)
    reason = f" · {found.reason}" if found.reason else ""
    print_lines([str(page), f"{str(found.verdict).upper()}{reason}"])
    return Exit.VALID
