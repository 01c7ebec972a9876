"""`schism report`: draw the pages again from what the store holds."""

from __future__ import annotations

from pathlib import Path

from harness.cli.output import print_lines
from harness.errors import Exit, UsageError
from harness.report.pages import html
from harness.store import DATABASE


def report(path: Path, /) -> int:
    """Write report.html again, for a campaign's folder or a run's.

    For example:

        schism report store/latest
        schism report store/latest/runs/0007-dotted-register-partitions-7

    Parameters
    ----------
    path
        The folder of a campaign or of a run.
    """
    if (path / DATABASE).is_file():
        page = html.write_campaign(path)
    elif (path / "plan.yaml").is_file():
        page = html.write_run(path)
    else:
        raise UsageError(f"{path}: neither a campaign's folder ({DATABASE}) nor a run's (plan.yaml)")
    print_lines([str(page)])
    return Exit.VALID
