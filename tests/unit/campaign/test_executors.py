"""A run that crashes or hangs costs that run and nothing else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.campaign import executors
from harness.campaign.executors import Executor, Task
from harness.errors import HarnessError, UsageError
from harness.plan.schema import NemesisPlan, Run, SystemPlan, WorkloadPlan
from harness.store import Row

WORKER = """
import json, os, sys, time
done = 0
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    name = task["run"]["name"]
    if name == "dies":
        print("cannot go on", file=sys.stderr)
        os._exit(9)
    if name == "killed":
        os.kill(os.getpid(), 9)
    if name == "hangs":
        time.sleep(60)
    if name == "usage":
        print(json.dumps({"fatal": "plan.yaml:3: wrong", "exit": 4}), flush=True)
        continue
    if name == "disk":
        print(json.dumps({"fatal": "store: x: cannot write", "exit": 3}), flush=True)
        continue
    done += 1
    row = dict(number=task["number"], name=name, system="s", workload="w", nemesis="n", seed=1)
    print(json.dumps({"row": row | {"verdict": "valid", "reason": f"{os.getpid()}"}}), flush=True)
"""


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "GRACE_S", 0.1)


def tasks(names: Sequence[str], limit_s: float = 30.0) -> list[Task]:
    system, workload, nemesis = SystemPlan("s"), WorkloadPlan("register", label="w"), NemesisPlan("n")
    runs = [Run(name=name, seed=1, system=system, workload=workload, nemesis=nemesis) for name in names]
    return [Task(run, number, Path("nowhere"), limit_s) for number, run in enumerate(runs, start=1)]


def rows(names: Sequence[str], jobs: int = 2, limit_s: float = 30.0) -> list[Row]:
    executor = Executor(jobs, command=(sys.executable, "-c", WORKER))
    return sorted(executor.results(tasks(names, limit_s)), key=lambda row: row.number)


def test_every_run_is_done_once_by_a_few_workers() -> None:
    done = rows([f"run{i}" for i in range(9)])
    assert [row.name for row in done] == [f"run{i}" for i in range(9)]
    assert len({row.reason for row in done}) <= 2


def test_a_worker_that_dies_marks_only_its_run() -> None:
    done = rows(["a", "killed", "b", "dies", "c"], jobs=1)
    assert [(row.name, row.failure) for row in done] == [
        ("a", None),
        ("killed", "worker: died by SIGKILL"),
        ("b", None),
        ("dies", "worker: died with exit code 9 (cannot go on)"),
        ("c", None),
    ]
    assert {row.verdict for row in done if row.failure} == {"unknown"}


def test_a_worker_that_hangs_is_ended_and_the_rest_is_done() -> None:
    done = rows(["hangs", "a"], jobs=1, limit_s=0.5)
    assert [(row.name, row.failure) for row in done] == [
        ("hangs", "worker: no answer within 0.5 s"),
        ("a", None),
    ]


def test_what_ends_the_campaign_is_raised() -> None:
    with pytest.raises(UsageError, match=r"^plan\.yaml:3: wrong$"):
        rows(["a", "usage", "b"], jobs=1)
    with pytest.raises(HarnessError, match="store: x: cannot write"):
        rows(["disk"])


def test_a_worker_that_cannot_start_ends_the_campaign() -> None:
    executor = Executor(2, command=(sys.executable, "-c", "import nowhere_to_be_found"))
    with pytest.raises(HarnessError, match="worker: cannot start: ModuleNotFoundError"):
        list(executor.results(tasks(["a", "b", "c"])))


def test_workers_are_replaced_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "RUNS_PER_WORKER", 2)
    done = rows(["a", "b", "c", "d", "e"], jobs=1)
    assert [row.name for row in done] == ["a", "b", "c", "d", "e"]
    assert len({row.reason for row in done}) == 3


def test_stopping_begins_nothing_new() -> None:
    executor = Executor(1, command=(sys.executable, "-c", WORKER), stop=threading.Event())
    seen = []
    for row in executor.results(tasks(["a", "b", "c", "hangs"])):
        seen.append(row.name)
        executor.stop.set()
    # At most the run that was already handed out follows.
    assert seen in (["a"], ["a", "b"])


HANGS = """
import time
from harness.campaign import worker

def stuck(run, number, directory):
    time.sleep(60)

worker.run_one = stuck
worker.main()
"""
BREAKS = """
from harness.campaign import worker

def broken(run, number, directory):
    raise KeyError("planted")

worker.run_one = broken
worker.main()
"""


def test_our_worker_says_where_a_hung_run_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "GRACE_S", 30.0)
    executor = Executor(1, command=(sys.executable, "-c", HANGS))
    (row,) = executor.results(tasks(["a"], limit_s=0.3))
    assert row.failure is not None
    assert row.failure.startswith('worker: no answer within 0.3 s (it stood at "<string>", line 6 in stuck)')


def test_our_worker_survives_what_a_run_did_not_catch() -> None:
    executor = Executor(1, command=(sys.executable, "-c", BREAKS))
    rows = list(executor.results(tasks(["a", "b"])))
    assert [row.failure for row in rows] == ["worker: KeyError: 'planted' (<string>:5)"] * 2
