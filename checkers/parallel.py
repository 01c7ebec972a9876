"""Runs the checks of one history in several processes, each check in one of them.

The processes are forks: they share what the parent has read, and send back only findings. Checks that share
their work stay together. Where a system cannot fork, everything runs in this process.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor

from checkers.report import CheckReport

TOGETHER = (("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"),)
"""Checks of one walk."""
LONG = ("causal", "pram", "linearizable", "read-your-writes", "staleness", "k-atomicity", "delta-atomicity")
"""Checks that begin first, so that nobody waits for them at the end."""

Run = Callable[[str], CheckReport]
_run: Run | None = None
"""What a forked process runs: handed over by being there when it forks."""


def run_all(names: Iterable[str], run: Run, jobs: int) -> dict[str, CheckReport]:
    """`run` of every name, by name, in the order of `names`."""
    wanted = list(names)
    if jobs <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        return {name: run(name) for name in wanted}
    global _run
    _run = run
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            found = [one for group in pool.map(_group, _groups(wanted)) for one in group]
    finally:
        _run = None
    reports = {report.name: report for report in found}
    return {name: reports[name] for name in wanted}


def _groups(names: list[str]) -> list[list[str]]:
    leaders = {name: group[0] for group in TOGETHER for name in group}
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(leaders.get(name, name), []).append(name)
    place = {name: number for number, name in enumerate(LONG)}
    return sorted(groups.values(), key=lambda group: place.get(group[0], len(place)))


def _group(names: list[str]) -> list[CheckReport]:
    assert _run is not None, "a forked process has what its parent had"
    return [_run(name) for name in names]
