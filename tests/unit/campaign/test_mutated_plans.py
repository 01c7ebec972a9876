"""Whatever a plan says, it is refused in one line with its place, or its runs end.

The variable MUTATIONS says how many are tried: 10000 takes most of an hour.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import yaml

from harness.campaign.one import run_one
from harness.campaign.preflight import check_names, check_variants
from harness.errors import UsageError
from harness.plan.cells import runs_of
from harness.plan.load import load
from harness.plan.schema import Plan, Run

MUTATIONS = int(os.environ.get("MUTATIONS", "150"))
HANGS_S = 120
"""No run of ten operations takes so long on any machine that is alive."""

PLAN: dict[str, Any] = {
    "name": "mutant",
    "seed": 7,
    "seeds_per_cell": 1,
    "settle_s": 3.0,
    "testbed": {"name": "sim", "nodes": 4, "options": {"latency_ms": [0.3, 1.5], "sync_ms": [0.2, 1.0]}},
    "targets": {"put_success_min": 0.5, "max_gap_s": 5.0, "latency_p999_ms": 300.0},
    "systems": [
        {
            "label": "dotted",
            "system": "dynamo",
            "config": {
                "n": 3, "r": 2, "w": 2, "mode": "dotted", "tokens": 4, "strategy": 1, "partitions": 16,
                "replica_timeout_s": 0.03, "request_timeout_s": 0.3, "probe_period_s": 0.25,
                "hint_backoff_min_s": 0.1, "hint_backoff_max_s": 0.8, "anti_entropy_s": 1.0,
                "gossip_period_s": 1.0, "floor_s": 3600.0, "buffer_objects": 10, "buffer_flush_s": 0.1,
                "background_per_s": 1000.0, "latency_limit_s": 0.1, "latency_window_s": 0.3,
                "max_siblings": 0, "max_object_bytes": 1000, "client_attempts": 1, "sloppy": True,
            },
        }
    ],
    "workloads": [
        {
            "workload": "register", "operations": 10, "keys": 3, "clients": 3, "rate_per_s": 25.0,
            "timeout_s": 1.0, "options": {"swarm": True},
        }
    ],
    "nemeses": [
        {
            "label": "faults",
            "lanes": [
                {"nemesis": "partition", "quiet_s": [0.05, 0.2], "hold_s": [0.05, 0.3],
                 "options": {"clients": 0.5}},
                {"nemesis": "kill", "quiet_s": [0.05, 0.2], "hold_s": [0.05, 0.3],
                 "options": {"max_nodes": 1}},
                {"nemesis": "clock", "options": {"max_offset_ms": 500.0}},
            ],
        }
    ],
    "variants": {"local": {"seeds_per_cell": 1, "settle_s": 2.0}},
}  # fmt: skip
ODD: list[Any] = [
    0, -1, 1, 2, 5, 1000, 1e-300, 1e6, 1e8, 1e9, 9e18, 1e300, 10**6, 10**9, 2**63, 2**64, 10**400, -(10**9),
    float("nan"), float("inf"), -0.0, 0.001, True, False, None, "", "x", "1e9", "\x1b[2J", "\ud800",
    "a" * 500,    [], {}, [1], [1, 2], [2, 1], [0, 1e300], {"a": 1}, [[[]]], [None, None], ["all"], "local",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from places(item, (*path, name))


def mutant(rng: Random) -> dict[str, Any]:
    """The plan with one to three of its parts changed, removed, doubled or renamed."""
    plan = msgspec.json.decode(msgspec.json.encode(PLAN))
    for _ in range(rng.choice((1, 1, 2, 3))):
        path = rng.choice(list(places(plan)))
        within = plan
        for name in path[:-1]:
            within = within[name]
        change, last = rng.random(), path[-1]
        if change < 0.75:
            within[last] = rng.choice(ODD)
        elif change < 0.85:
            del within[last]
        elif isinstance(within, list):
            within.append(within[last])
        else:
            within[str(last) + rng.choice(("s", "_s", " "))] = within.pop(last)
    return plan


@contextmanager
def ends() -> Iterator[None]:
    """What hangs is a failure of this test, not of the whole suite."""

    def late(*_: object) -> None:
        raise TimeoutError("hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(HANGS_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def outcome(text: str, folder: Path) -> str:
    """`refused`, or `ran`. Asserts that nothing else came of it."""
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        loaded = load(path)
        check_variants(loaded)
        check_names(loaded)
    except UsageError as error:
        return refused(str(error), path)
    plan = loaded.value
    assert isinstance(plan, Plan)
    run = tiny(runs_of(plan)[0])
    if run.testbed.name == "sim":
        row = run_one(run, 1, folder / "run")
        assert row.failure is None, row.failure
    return "ran"


def refused(message: str, path: Path) -> str:
    """Asserts that it is one line which names the plan."""
    assert message.startswith(f"{path}:"), message
    assert "\n" not in message
    return "refused"


def tiny(run: Run) -> Run:
    """The run with few operations, so that thousands of them can be tried."""
    small = msgspec.structs.replace(
        run.workload,
        operations=min(run.workload.operations, 10),
        rate_per_s=max(run.workload.rate_per_s, 5.0),
    )
    return msgspec.structs.replace(run, workload=small)


def test_a_plan_that_was_not_changed_runs(tmp_path: Path) -> None:
    assert outcome(yaml.safe_dump(PLAN), tmp_path) == "ran"


@pytest.mark.slow
@pytest.mark.parametrize("share", range(5))
def test_mutated_plans(share: int) -> None:
    rng = Random(share)
    seen = dict.fromkeys(("refused", "ran"), 0)
    for _ in range(MUTATIONS // 5):
        text = yaml.safe_dump(mutant(rng), allow_unicode=True)
        with tempfile.TemporaryDirectory() as folder, ends():
            try:
                seen[outcome(text, Path(folder))] += 1
            except BaseException:
                print(text)
                raise
    assert seen["refused"] > 0
