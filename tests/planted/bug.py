"""A planted bug: where it sits, what makes it show, and which checks must then say so, with what evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

from checkers.formats.detect import load
from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Verdict, Violation
from harness.plan.schema import LanePlan, NemesisPlan, Run, SystemPlan, Targets, TestbedPlan, WorkloadPlan
from harness.run.lifecycle import execute

Plant = Callable[[], AbstractContextManager[Any]]
HINTS_ALONE = {"anti_entropy_s": 0.0}
"""promises.md, repairing: what hints owe, anti-entropy would hide."""


Span = tuple[float, float]


def lane(
    nemesis: str, *kinds: str, quiet_s: Span = (0.3, 1.0), hold_s: Span = (0.3, 1.5), **options: Any
) -> LanePlan:
    """One lane, narrowed to these kinds."""
    return LanePlan(nemesis, quiet_s, hold_s, options | ({"kinds": list(kinds)} if kinds else {}))


@dataclass(frozen=True)
class Bug:
    """`number` and `source` are the catalogue's; with a letter behind it, a rule of the node's tables."""

    number: str
    what: str
    source: str
    trigger: str
    checks: tuple[str, ...]
    """At least one of these must be invalid, asserted by the system's own promise."""
    plant: Plant
    config: Mapping[str, Any] = field(default_factory=dict)
    lanes: tuple[LanePlan, ...] = ()
    workload: Mapping[str, Any] = field(default_factory=dict)
    nodes: int = 5
    testbed: Mapping[str, Any] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    promise: str | None = None
    clean: Mapping[str, Any] | None = None
    """What is configured otherwise where nothing is planted: for bugs that are modes."""
    setting: Plant = nullcontext
    """What is switched off in the node besides, planted or not, because it would hide the bug."""
    seeds: int = 40

    def run(self, seed: int, planted: bool) -> Run:
        """One schedule."""
        config = dict(self.config) | ({} if planted or self.clean is None else dict(self.clean))
        workload = {"workload": "register", "keys": 3, "rate_per_s": 40.0, **self.workload}
        return Run(
            name=self.number,
            seed=seed,
            system=SystemPlan("planted" if planted else "clean", config=config, promise=self.promise),
            workload=WorkloadPlan(**workload),
            nemesis=NemesisPlan("trigger", self.lanes, swarm=False),
            testbed=TestbedPlan(nodes=self.nodes, options=dict(self.testbed)),
            targets=Targets(**self.targets),
        )


@dataclass(frozen=True)
class Judged:
    """One schedule, judged: what was asserted and broken, by check."""

    seed: int
    history: History
    broken: dict[str, tuple[Violation, ...]]


def judge(bug: Bug, seed: int, planted: bool, directory: Path) -> Judged:
    """Run it with the bug planted or not, and judge it as a user would."""
    with bug.setting(), bug.plant() if planted else nullcontext():
        ended = execute(bug.run(seed, planted), directory)
    assert ended.failure is None, ended.failure
    report = check(ended.history)
    assert not report.failures, report.failures
    broken = {
        name: one.finding.violations
        for name, one in report.checks.items()
        if one.asserted and one.finding.verdict is Verdict.INVALID
    }
    return Judged(seed, load(ended.history), broken)


def hunt(bug: Bug, directory: Path) -> Judged | None:
    """The first of the bug's seeds whose history makes one of its checks fire."""
    for seed in range(1, bug.seeds + 1):
        judged = judge(bug, seed, True, directory / f"planted-{seed}")
        if any(name in judged.broken for name in bug.checks):
            return judged
    return None


def clean_runs(bug: Bug, last_seed: int, directory: Path) -> Iterator[Judged]:
    """The same schedules on the shipped node."""
    for seed in range(1, last_seed + 1):
        yield judge(bug, seed, False, directory / f"clean-{seed}")


def patched(target: Any, name: str, replacement: Any) -> AbstractContextManager[Any]:
    """While the context lasts, `target.name` is something else."""
    return mock.patch.object(target, name, replacement)


def around(target: Any, name: str, wrapper: Callable[..., Any]) -> AbstractContextManager[Any]:
    """While the context lasts, `target.name(...)` is `wrapper(original, ...)`."""
    original = getattr(target, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    return mock.patch.object(target, name, call)


def variant(bug: Bug, **changes: Any) -> Bug:
    """The same with other fields."""
    return replace(bug, **changes)
