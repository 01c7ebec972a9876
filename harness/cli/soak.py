"""`schism soak`: many seeded schedules of one mode under every fault; none may be invalid."""

from __future__ import annotations

from pathlib import Path

from harness.campaign.campaign import Campaign
from harness.campaign.keep import keep_rule
from harness.campaign.soak import MODES, schedules
from harness.cli.run import STORE, conduct
from harness.errors import UsageError
from harness.plan.rules import MAX_RUNS, MAX_SEED
from harness.report.terminal.terminal import command

STOP_AFTER = 3
KNOBS = (
    "system dynamo, {mode} · N R W, sloppy or strict, disk or memory, anti-entropy on or off: by seed",
    "workloads and faults: every kind there is, sizes, pace and intensity by seed",
)


def soak(
    *,
    runs: int = 2000,
    seed: int = 1,
    mode: str = "dotted",
    jobs: int | None = None,
    store: Path = STORE,
    stop_after: int = STOP_AFTER,
    json: bool = False,
) -> int:
    """Run many schedules under every fault: a correct node breaks no promise of its mode.

    Only the folders of runs that found something stay; every run has its row and can be replayed.

    Examples:

        schism soak --runs 2000
        schism soak --runs 100000 --seed 7 --jobs 8
        schism soak --runs 5000 --mode last-writer

    Parameters
    ----------
    runs
        How many schedules.
    seed
        Root of the seed tree; run i is the same whatever the number of runs.
    mode
        What a version is: dotted, paper-clock or last-writer.
    jobs
        Worker processes; default: one for each core.
    store
        Where results go.
    stop_after
        Stop after so many runs that broke a promise.
    json
        Print events as JSON lines, and nothing else.
    """
    if not 1 <= runs <= MAX_RUNS:
        raise UsageError(f"--runs: must be a whole number from 1 to {MAX_RUNS}")
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"--seed: must be a whole number from 0 to {MAX_SEED}")
    if stop_after < 1:
        raise UsageError("--stop-after: must be at least 1")
    if mode not in MODES:
        raise UsageError(f"--mode {mode}: there are {', '.join(MODES)}")
    keep = keep_rule("findings", runs)
    knobs = tuple(line.format(mode=mode) for line in KNOBS)
    name = "soak" if mode == "dotted" else f"soak-{mode}"
    campaign = Campaign(name, seed, schedules(seed, runs, mode), runs, keep, knobs, None, stop_after)
    where = ["--store", str(store)] if store != STORE else []
    of = ["--mode", mode] if mode != "dotted" else []
    again = command("soak", "--runs", runs, "--seed", seed, *of, *where)
    return conduct(campaign, store, jobs, again, json)
