"""A node that ends by itself in a run: told, started again, judged; never a failure of ours."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from checkers import Report, check
from checkers.verdict import Verdict
from harness.nemeses.process import NEMESES
from harness.plan.schema import LanePlan, Run
from harness.run.lifecycle import Cast, Ended, conduct
from harness.run.supervisor import MOST_STARTS
from harness.testbeds.sim.testbed import SimTestbed
from tests.perfect import NODES, Idle, PerfectStore, events_of, run_of
from workloads.register import WORKLOADS

KILL = next(nemesis for nemesis in NEMESES if nemesis.name == "kill")


class Dying(Idle):
    """n2 raises after a second, in its first life; with `always`, as it starts in every later life too."""

    lives: Counter[str]
    always = False

    async def start(self) -> None:
        await super().start()
        name, runtime = self._runtime.name, self._runtime
        self.lives[name] += 1
        if name == "n2" and self.lives[name] == 1:
            runtime.spawn(self._die(1.0))
        elif name == "n2" and self.always:
            raise ZeroDivisionError("on recovery")

    async def _die(self, seconds: float) -> None:
        await self._runtime.sleep(seconds)
        raise KeyError("missing")


class DyingStore(PerfectStore):
    def __init__(self, always: bool = False) -> None:
        super().__init__()
        self.lives: Counter[str] = Counter()
        self.program = type("Program", (Dying,), {"lives": self.lives, "always": always})

    def deploy(self, testbed: SimTestbed, config: dict[str, Any]) -> PerfectStore:
        super().deploy(testbed, config)
        testbed.install(self.program)
        return self


def live(
    directory: Path, run: Run, *nemeses: Any, always: bool = False
) -> tuple[Ended, list[dict[str, Any]], Report]:
    store = DyingStore(always)
    ended = conduct(run, directory, Cast(SimTestbed(run.seed, NODES), store, WORKLOADS[0], nemeses))
    return ended, events_of(ended.history), check(ended.history)


def exits(events: list[dict[str, Any]], type: str = "ended") -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == "exit" and event.get("type", "ended") == type]


def test_it_is_told_and_started_again_and_breaks_the_promise(tmp_path: Path) -> None:
    ended, events, report = live(tmp_path, run_of(operations=150))
    assert ended.failure is None
    (exit,) = exits(events)
    assert (exit["node"], exit["code"], exit["last"]) == ("n2", 1, ["KeyError: 'missing'"])
    (serves,) = exits(events, "serves")
    assert 0.5 <= (serves["time"] - exit["time"]) / 1e9 < 0.7
    broken = [name for name, one in report.checks.items() if one.finding.violations and one.asserted]
    assert (report.verdict, broken) == (Verdict.INVALID, ["crash"])


def test_a_plan_may_allow_it(tmp_path: Path) -> None:
    run = msgspec.structs.replace(run_of(operations=150), allow_exits=True)
    ended, events, report = live(tmp_path, run)
    assert ended.failure is None
    assert exits(events)
    assert report.before_minima is Verdict.VALID
    assert not report.checks["crash"].asserted


def test_one_that_cannot_come_back_is_tried_a_few_times(tmp_path: Path) -> None:
    ended, events, report = live(tmp_path, run_of(operations=1500), always=True)
    assert ended.failure is None
    assert len(exits(events)) == 1 + MOST_STARTS + 1  # once more when everything is healed
    assert not exits(events, "serves")
    times = [exit["time"] / 1e9 for exit in exits(events)]
    pauses = [round(after - before, 1) for before, after in pairwise(times[:-1])]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert report.verdict is Verdict.INVALID
    assert report.reason.startswith("crash: n2 ended by itself (code 1): KeyError")


def test_a_fault_and_an_exit_do_not_meet_on_one_node(tmp_path: Path) -> None:
    lane = LanePlan("kill", quiet_s=(0.05, 0.2), hold_s=(0.2, 1.5), options={"max_nodes": 1})
    for seed in range(1, 9):
        ended, events, _ = live(tmp_path / str(seed), run_of(lane, seed=seed, operations=400), KILL)
        assert ended.failure is None
        found = Counter(event["type"] for event in events if event["kind"] == "fault")
        assert found["requested"] == found["verified"] == found["healed"]
        assert len(exits(events)) == len(exits(events, "serves")) <= 1


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    told = [
        live(tmp_path / name, run_of(operations=150))[0].history.read_bytes() for name in ("one", "other")
    ]
    assert told[0] == told[1]
