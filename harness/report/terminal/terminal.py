"""A campaign on the terminal: the banner, progress while it runs, the card at the end.

Live on a terminal; when piped, plain lines and one of progress now and then.
"""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness.campaign.events import CampaignEnded, CampaignStarted, Event, RunEnded
from harness.report.model.words import of_runs, plural
from harness.report.terminal.card import card

EVERY_S = 5.0
"""How often a line of progress comes when nobody watches live."""


class Terminal:
    """Listens to a campaign and draws it. `again` is the command that runs the same campaign."""

    def __init__(self, console: Console, again: str) -> None:
        self._console = console
        self._again = again
        self._progress: Progress | None = None
        self._task: Any = None
        self._told = time.monotonic()
        self._seen = dict.fromkeys(("valid", "invalid", "unknown", "failed"), 0)

    def __call__(self, event: Event) -> None:
        """Draw one event."""
        if isinstance(event, CampaignStarted):
            self._banner(event)
        elif isinstance(event, RunEnded):
            self._run_ended(event)
        else:
            self.close()
            for text, style in card(event.summary, event.directory):
                self.line(text, style)

    def close(self) -> None:
        """Leave the live display, whatever happened."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _banner(self, event: CampaignStarted) -> None:
        self.line(f"schism · {event.name} · SEED {event.seed}", "bold")
        for knob in event.knobs:
            self.line(f"  {knob}")
        runs, workers = plural(event.runs, "run"), plural(event.jobs, "worker")
        self.line(f"  {runs} · {workers} · {event.directory}")
        if self._console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._task = self._progress.add_task("running", total=event.runs)
            self._progress.start()

    def _run_ended(self, event: RunEnded) -> None:
        row = event.row
        self._seen["failed" if row.failure and row.verdict != "invalid" else row.verdict] += 1
        if row.failure:
            self.line(f"  ! {row.name}: {row.failure}", "yellow")
        elif row.verdict == "invalid":
            broken = [finding for finding in row.findings if finding["asserted"]]
            self.line(f"  ✘ {row.name}: {broken[0]['check'] if broken else 'invalid'}", "red")
        if self._progress is not None:
            self._progress.update(self._task, completed=event.done, description=self._so_far())
        elif time.monotonic() - self._told >= EVERY_S:
            self._told = time.monotonic()
            self.line(f"  {event.done} of {plural(event.total, 'run')} · {self._so_far()}")

    def _so_far(self) -> str:
        return " ".join(f"{count} {name}" for name, count in self._seen.items() if count) or "running"

    def farewell(self, event: CampaignEnded, page: Path | None) -> None:
        """The last lines: the verdict, where everything is, how to run it again, the seed."""
        summary = event.summary
        ran = f"{of_runs(summary['done'], summary['total'])} in {event.seconds:.1f} s"
        self.line("")
        if event.interrupted:
            self.line("interrupted: what was done is judged, as far as it went", "yellow")
        self.line(f"{summary['verdict'].upper()} · {ran}", "bold")
        self.line(f"report  {page}" if page else f"folder  {event.directory}")
        self.line(f"again   {self._again}")
        self.line(f"SEED {summary['seed']}", "bold")

    def line(self, text: str, style: str = "") -> None:
        """One line, never wrapped, with nothing in it read as markup."""
        self._console.print(text, style=style or None, markup=False, highlight=False, soft_wrap=True)


def command(*words: str | int | Path) -> str:
    """A command line that can be pasted."""
    return shlex.join(["schism", *map(str, words)])
