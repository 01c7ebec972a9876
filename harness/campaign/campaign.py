"""A whole campaign: every run executed and judged, rows kept, cells pooled, one verdict.

Says what happens through events and draws nothing. The verdict is whether every system kept its own
promise.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from harness.campaign.events import CampaignEnded, CampaignStarted, Event, Listener, RunEnded
from harness.campaign.executors import Executor, Task
from harness.campaign.keep import Rule
from harness.campaign.summary import summarise
from harness.errors import UsageError
from harness.plan.cells import cells_of
from harness.plan.schema import Plan, Run
from harness.store import CampaignFolder, Database, write_anew


@dataclass(frozen=True, slots=True)
class Campaign:
    """What to do: a name, a root seed, the runs in order, and which folders stay."""

    name: str
    seed: int
    runs: Iterable[Run]
    total: int
    keep: Rule
    knobs: tuple[str, ...] = ()
    plan: Plan | Run | None = None
    stop_after: int | None = None
    """End after so many runs that broke a promise; None: never."""
    source: str = ""
    """The plan's file, for messages."""


def run_campaign(
    campaign: Campaign, store: Path, executor: Executor, listeners: Sequence[Listener]
) -> CampaignEnded:
    """Run it all in a new folder of `store`; what came out, also as `results.json` there.

    Ctrl-C (or SIGTERM) ends the runs under way in order, and what was done is judged and reported.
    Raises UsageError if the plan or the store is no good, HarnessError if results cannot be kept.
    """
    begun = time.monotonic()
    folder = CampaignFolder.create(store, campaign.name, campaign.seed)
    database = folder.database(write=True)
    try:
        database.note(name=campaign.name, seed=str(campaign.seed), total=campaign.total)
        database.note(state="running", plan=campaign.plan, begun=_now(), version=version("schism"))
        total, jobs = campaign.total, executor.jobs
        started = CampaignStarted(campaign.name, campaign.seed, folder.directory, total, jobs, campaign.knobs)
        _tell(listeners, started)
        with _orderly_stop(executor.stop):
            enough = _run_all(campaign, folder, database, executor, listeners)
        interrupted = executor.stop.is_set() and not enough
        summary = summarise(campaign.name, campaign.seed, total, database.rows(), cells_of(campaign.plan))
        state = "interrupted" if interrupted else "complete"
        database.note(state=state, verdict=summary["verdict"], ended=_now())
        _write_json(folder.directory / "results.json", summary)
        folder.finished()
    except UsageError as error:
        if not any(True for _ in database.rows()):
            folder.discard()
        raise UsageError(f"{campaign.source}: {error}" if campaign.source else str(error)) from None
    finally:
        database.close()
    ended = CampaignEnded(folder.directory, summary, interrupted, time.monotonic() - begun)
    _tell(listeners, ended)
    return ended


def _now() -> str:
    """The date in UTC, to the second: for whoever reads the page; nothing that runs or judges sees it."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def limit_s(run: Run) -> float:
    """The wall time a run may take before it counts as hung: far above what any machine needs."""
    paced = run.workload.operations / run.workload.rate_per_s if run.workload.rate_per_s else 0.0
    return 120.0 + 2 * paced + run.workload.operations / 100


def _run_all(
    campaign: Campaign,
    folder: CampaignFolder,
    database: Database,
    executor: Executor,
    listeners: Sequence[Listener],
) -> bool:
    """Run, keep and tell; whether the campaign stopped itself because it had seen enough."""
    done = invalid = 0
    enough = False
    tasks = (
        Task(run, number, folder.run_directory(run.name), limit_s(run))
        for number, run in enumerate(campaign.runs, start=1)
    )
    for row in executor.results(tasks):
        if enough and row.interrupted:
            folder.drop(row.name)
            continue
        kept = campaign.keep(row)
        if not kept:
            folder.drop(row.name)
        row = msgspec.structs.replace(row, kept=kept)
        database.put(row)
        done, invalid = done + 1, invalid + (row.verdict == "invalid")
        _tell(listeners, RunEnded(row, done, campaign.total))
        if campaign.stop_after is not None and invalid >= campaign.stop_after:
            enough = True
            executor.stop.set()
    return enough


def _tell(listeners: Sequence[Listener], event: Event) -> None:
    for listener in listeners:
        listener(event)


def _write_json(path: Path, value: Any) -> None:
    write_anew(path, msgspec.json.format(msgspec.json.encode(value)) + b"\n")


@contextmanager
def _orderly_stop(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM asks for an orderly end; the second does what it always does."""
    before: dict[int, Any] = {}

    def ask(number: int, _frame: Any) -> None:
        stop.set()
        signal.signal(number, before[number])

    # Handlers can be set in the main thread only; elsewhere Ctrl-C is not ours to hear.
    with suppress(ValueError):
        for heard in (signal.SIGINT, signal.SIGTERM):
            before[int(heard)] = signal.signal(heard, ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
