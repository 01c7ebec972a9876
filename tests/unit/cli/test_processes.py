"""The command as a process: the same bytes under any hash seed, and what signals leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

Schism = Any
SCHISM = (sys.executable, "-c", "from harness.cli.app import main; main()")


def start(*arguments: str | Path, hash_seed: str = "0") -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    return subprocess.Popen(
        [*SCHISM, *map(str, arguments)],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def results(path: Path) -> Any:
    """A run's results without what is measured in seconds."""
    found = json.loads(path.read_bytes())
    for check in found["checks"].values():
        del check["seconds"]
    return found


def test_the_same_bytes_under_any_hash_seed_and_in_processes_at_once(schism: Schism, plan: Path) -> None:
    processes = [start("run", plan, "--store", f"s{seed}", hash_seed=seed) for seed in "012"]
    assert len({process.wait(60) for process in processes}) == 1
    folders = [Path(f"s{seed}/small-5") for seed in "012"]
    assert len({(folder / "results.json").read_bytes() for folder in folders}) == 1
    runs = sorted(path.name for path in (folders[0] / "runs").iterdir())
    assert len(runs) == 4
    for run in runs:
        first, *others = (folder / "runs" / run for folder in folders)
        for other in others:
            for name in ("history.jsonl", "plan.yaml"):
                assert (other / name).read_bytes() == (first / name).read_bytes()
            assert results(other / "results.json") == results(first / "results.json")


@pytest.fixture
def long_plan(plan: Path) -> Path:
    """One run that takes seconds, and more behind it."""
    text = plan.read_text().replace("operations: 80", "operations: 60000\n    rate_per_s: 400")
    plan.write_text(text)
    return plan


def wait_for_history(store: Path, size: int) -> Path:
    """The first history that has this many bytes."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for path in store.glob("*/runs/*/history.jsonl"):
            if path.stat().st_size >= size:
                return path
        time.sleep(0.02)
    raise AssertionError("no history grew")


def wait_until_still(path: Path) -> None:
    """Until nobody writes to the file any more."""
    size = -1
    while size != (size := path.stat().st_size):
        time.sleep(0.7)


def test_sigkill_leaves_a_history_that_can_be_judged(schism: Schism, long_plan: Path) -> None:
    process = start("run", long_plan, "--jobs", "1")
    history = wait_for_history(Path("store"), 100_000)
    process.kill()
    process.communicate()
    wait_until_still(history)
    assert '"name":"final"' not in history.read_text()
    said = schism("check", history.parent, "--json")
    judged = json.loads(said.out)
    assert (said.code, judged["verdict"]) == (2, "unknown")
    assert judged["ops"]["ok"] > 100
    assert judged["reason"]


def test_an_interrupt_ends_in_order_and_is_reported(schism: Schism, long_plan: Path) -> None:
    process = start("run", long_plan, "--jobs", "1")
    history = wait_for_history(Path("store"), 100_000)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted: what was done is judged" in out
    assert out.splitlines()[-1] == "SEED 5"
    assert '"name":"heal"' in history.read_text(), "it was healed"
    assert schism("check", history.parent).code == 2
    assert json.loads(Path("store/latest/results.json").read_bytes())["done"] == 1
