"""`schism run`: a whole campaign, from plan to report."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import msgspec

from harness import registry
from harness.campaign.campaign import Campaign, run_campaign
from harness.campaign.events import CampaignEnded, Listener
from harness.campaign.executors import Executor
from harness.campaign.keep import keep_rule
from harness.campaign.knobs import knobs
from harness.campaign.preflight import check_names, check_variants
from harness.cli.crash import save_traceback
from harness.cli.json_lines import JsonLines
from harness.cli.output import complain, console
from harness.errors import Exit, UsageError
from harness.plan.cells import runs_of
from harness.plan.load import Loaded, load
from harness.plan.rules import MAX_SEED
from harness.plan.schema import Plan, Run
from harness.plan.variants import on_testbed
from harness.report.pages import html
from harness.report.terminal.junit import JUnit
from harness.report.terminal.terminal import Terminal, command

STORE = Path("store")


def run(
    plan: Path,
    /,
    *,
    seed: int | None = None,
    store: Path = STORE,
    jobs: int | None = None,
    testbed: str | None = None,
    json: bool = False,
) -> int:
    """Run a campaign: execute and judge every run of PLAN, and write a report.

    The seed roots everything random. Another seed gives other numbers, never other runs.

    Examples:

        schism run campaigns/quick.yaml
        schism run campaigns/quick.yaml --seed 7 --jobs 4
        schism run store/latest/runs/0007-dotted-register-partitions-7/plan.yaml

    Parameters
    ----------
    plan
        A YAML file: a campaign's plan, or the plan.yaml of a single run.
    seed
        Root of the seed tree, instead of the plan's.
    store
        Where results go: DIR/<name>-<seed>, never over an earlier one.
    jobs
        Worker processes; default: one for each core, or what the testbed bears at once.
    testbed
        Another testbed than the plan's (see: schism list testbeds), with the plan's variant for it, if any.
    json
        Print events as JSON lines, the last one the summary, and nothing else.
    """
    whole = load(plan)
    check_variants(whole)
    loaded = _override(whole, seed, testbed)
    check_names(loaded)
    words = [
        *(["--testbed", testbed] if testbed else []),
        *(["--store", str(store)] if store != STORE else []),
    ]
    again = command("run", plan, "--seed", str(loaded.value.seed), *words)
    campaign = replace(_campaign(loaded.value), source=str(plan))
    jobs = _bearable(loaded.value.testbed.name) if jobs is None else jobs
    return conduct(campaign, store, jobs, again, json)


def conduct(campaign: Campaign, store: Path, jobs: int | None, again: str, json: bool) -> int:
    """Run a campaign, drawn on the terminal or told as JSON lines; its exit code."""
    terminal = Terminal(console(), again)
    listeners: list[Listener] = [JUnit(), JsonLines() if json else terminal]
    try:
        ended = run_campaign(campaign, store, Executor(_jobs(jobs)), listeners)
    finally:
        terminal.close()
    page = _draw(ended)
    if not json:
        terminal.farewell(ended, page)
    if ended.interrupted:
        return Exit.INTERRUPTED
    code = Exit(ended.summary["exit"])
    return code if page or code == Exit.INVALID else Exit.HARNESS


def _campaign(value: Plan | Run) -> Campaign:
    if isinstance(value, Run):
        return Campaign(value.name, value.seed, [value], 1, keep_rule("all", 1), knobs(value), value)
    runs = runs_of(value)
    keep = keep_rule(value.keep, len(runs))
    return Campaign(value.name, value.seed, runs, len(runs), keep, knobs(value), value)


def _override(loaded: Loaded, seed: int | None, testbed: str | None) -> Loaded:
    value: Plan | Run = loaded.value
    if seed is not None:
        if not 0 <= seed <= MAX_SEED:
            raise UsageError(f"--seed: must be a whole number from 0 to {MAX_SEED}")
        value = msgspec.structs.replace(value, seed=seed)
    if isinstance(value, Plan):
        return Loaded(*on_testbed(value, loaded.document, testbed or value.testbed.name))
    if testbed is not None:
        value = msgspec.structs.replace(value, testbed=msgspec.structs.replace(value.testbed, name=testbed))
    return Loaded(value, loaded.document)


def _bearable(testbed: str) -> int:
    """How many runs at once: one for each core, or fewer where the testbed's processes need the cores."""
    most = getattr(registry.find("testbeds", testbed, "testbed"), "jobs", None)
    return min(_jobs(None), most or _jobs(None))


def _jobs(jobs: int | None) -> int:
    if jobs is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not 1 <= jobs <= 256:
        raise UsageError("--jobs: must be a whole number from 1 to 256")
    return jobs


def _draw(ended: CampaignEnded) -> Path | None:
    """Write the HTML report; a report that fails costs exit 3, never the verdict."""
    try:
        return html.write_campaign(ended.directory)
    except Exception as error:
        complain(f"the report failed: {type(error).__name__}: {error} ({save_traceback(error)})")
        return None
