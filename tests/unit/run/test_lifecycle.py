"""One run, whole: its phases, its end in order whatever breaks, and the same bytes every time."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from harness import registry
from harness.errors import UsageError
from harness.nemeses.nemesis import Injection
from harness.plan.schema import LanePlan, Targets
from harness.run.lifecycle import Cast, conduct, execute
from harness.run.workload import Session
from harness.testbeds.sim.testbed import SimTestbed
from tests.perfect import NODES, PerfectStore, perform, run_of

QUICK: dict[str, Any] = {"quiet_s": (0.05, 0.2), "hold_s": (0.2, 0.4)}


def workload(name: str = "register") -> Any:
    return registry.find("workloads", name, "here")


def nemesis(name: str) -> Any:
    return registry.find("nemeses", name, "here")


def phases(events: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in events if event["kind"] == "phase"]


def failures(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == "harness"]


def outcomes(events: list[dict[str, Any]]) -> set[str]:
    return {event["type"] for event in events if event["kind"] == "op"} - {"invoke"}


class TestInOrder:
    def test_the_first_line_says_what_ran(self, tmp_path: Path) -> None:
        _, events = perform(run_of(seed=9), tmp_path, workload())
        meta = events[0]
        assert meta["kind"] == "meta"
        assert (meta["system"], meta["promise"], meta["seed"]) == ("perfect", "mvr-strict", 9)
        assert meta["nodes"] == list(NODES)
        assert meta["config"]["w"] == 2
        assert {"get", "put"} <= set(meta["config"]["functions"]) <= {"get", "put", "delete"}

    def test_targets_of_the_plan_are_in_the_config(self, tmp_path: Path) -> None:
        run = msgspec.structs.replace(run_of(), targets=Targets(put_success_min=0.9))
        _, events = perform(run, tmp_path, workload())
        assert events[0]["config"]["put_success_min"] == 0.9
        assert "max_gap_s" not in events[0]["config"]

    def test_phases_follow_each_other_and_nothing_happens_while_it_settles(self, tmp_path: Path) -> None:
        _, events = perform(run_of(LanePlan("kill", **QUICK)), tmp_path, workload(), nemesis("kill"))
        assert phases(events) == ["main", "heal", "settle", "final"]
        time = {event["name"]: event["time"] for event in events if event["kind"] == "phase"}
        assert time["final"] - time["settle"] >= 1_000_000_000  # settle_bound_s
        for event in events:
            if event["kind"] in ("op", "fault"):
                assert event["time"] <= time["settle"]
        times = [event["time"] for event in events[1:]]
        assert times == sorted(times)

    def test_every_key_touched_is_read_from_each_primary_in_two_rounds_a_period_apart(
        self, tmp_path: Path
    ) -> None:
        store = PerfectStore()
        _, events = perform(run_of(), tmp_path, workload(), store=store)
        final = next(place for place, event in enumerate(events) if event.get("name") == "final")
        assert [e["kind"] for e in events[final + 1 : final + 6]] == ["state"] * 5
        touched = {event["key"] for event in events if event["kind"] == "op"}
        owners = {(key, node) for key in touched for node in store.preference_list(key)[:3]}
        rounds: dict[int, list[dict[str, Any]]] = {}
        for event in events[final:]:
            if event["kind"] == "final":
                rounds.setdefault(event["round"], []).append(event)
        assert len(rounds) == 2
        for finals in rounds.values():
            assert {(event["key"], event["node"]) for event in finals} == owners
            assert len(finals) == len(owners)
        first, second = rounds.values()
        assert second[0]["time"] - first[0]["time"] >= 500_000_000  # background_period_s
        assert len([event for event in events if event["kind"] == "state"]) == 10

    def test_early_rounds_date_the_convergence_and_end_with_it(self, tmp_path: Path) -> None:
        _, events = perform(run_of(), tmp_path, workload())
        assert {event["round"] for event in events if event["kind"] == "final"} == {1, 2, 3}

    def test_a_replica_that_cannot_be_read_is_tried_again_and_never_called_empty(
        self, tmp_path: Path
    ) -> None:
        class Mute(PerfectStore):
            reads = 0

            async def final(self, node: str, key: str) -> list[str] | None:
                self.reads += 1
                return None if self.reads % 7 == 0 else await super().final(node, key)

        _, events = perform(run_of(), tmp_path, workload(), store=Mute())
        finals = [event for event in events if event["kind"] == "final"]
        assert None in [event["values"] for event in finals]
        assert len({event["round"] for event in finals}) > 5


class TestBroken:
    def test_a_client_that_breaks_ends_the_run_healed_and_named(self, tmp_path: Path) -> None:
        lane = LanePlan("partition", quiet_s=(0.05, 0.05), hold_s=(60, 60))
        store = PerfectStore(answers={30: ZeroDivisionError("planted")})
        ended, events = perform(run_of(lane), tmp_path, workload(), nemesis("partition"), store=store)
        assert ended.failure == "client: ZeroDivisionError: planted"
        [failure] = failures(events)
        assert failure["where"] == "client"
        broken = [event for event in events if event.get("op") == failure["op"] and event["kind"] == "op"]
        assert [event["type"] for event in broken] == ["invoke"], "it has no outcome"
        assert outcomes(events) == {"ok"}
        assert phases(events) == ["main", "heal"]
        assert events[-1]["type"] == "healed"

    def test_so_does_a_workload(self, tmp_path: Path) -> None:
        class Broken:
            functions = ("get",)

            async def step(self, session: Session) -> None:
                await session.get("k0")
                raise RuntimeError("planted")

        class Workload:
            name = "broken"

            def script(self, options: Any, rng: Any) -> Broken:
                return Broken()

        ended, events = perform(run_of(), tmp_path, Workload())
        assert ended.failure == "client: RuntimeError: planted"
        assert failures(events)[0]["where"] == "client"
        assert phases(events) == ["main", "heal"]

    @pytest.mark.parametrize("method", ["plan", "inject", "verify", "heal"])
    def test_so_does_a_nemesis_in_whatever_it_does(self, tmp_path: Path, method: str) -> None:
        broken = Faulty(method)
        lanes = [LanePlan("faulty", **QUICK), LanePlan("kill", **QUICK)]
        ended, events = perform(run_of(*lanes), tmp_path, workload(), broken, nemesis("kill"))
        assert ended.failure == "nemesis: OSError: planted"
        assert failures(events)[0]["where"] == "nemesis"
        assert "info" not in outcomes(events)
        assert phases(events) == ["main", "heal"]
        assert broken.healed == (method != "plan")
        open_kills = [event["type"] for event in events if event.get("fault") == "kill"]
        assert open_kills.count("requested") == open_kills.count("healed")

    def test_a_testbed_that_breaks_keeps_its_name(self, tmp_path: Path) -> None:
        class Testy(PerfectStore):
            def deploy(self, testbed: Any, config: Any) -> PerfectStore:
                super().deploy(testbed, config)

                async def broken(node: str) -> str:
                    raise OSError("planted")

                testbed.alive = broken
                return self

        ended, events = perform(run_of(), tmp_path, workload(), store=Testy())
        assert ended.failure == "testbed: OSError: planted"
        assert {failure["where"] for failure in failures(events)} == {"testbed"}

    def test_an_interrupt_ends_the_run_in_order(self, tmp_path: Path) -> None:
        class Interrupting(PerfectStore):
            async def put(self, key: str, value: str, context: Any, node: str) -> None:
                if len(self.calls) > 30:
                    raise KeyboardInterrupt
                await super().put(key, value, context, node)

        lane = LanePlan("kill", quiet_s=(0.05, 0.05), hold_s=(60, 60))
        ended, events = perform(run_of(lane), tmp_path, workload(), nemesis("kill"), store=Interrupting())
        assert ended.interrupted
        assert ended.failure is None
        assert phases(events) == ["main", "heal"]
        assert [event["type"] for event in events if event["kind"] == "fault"][-1] == "healed"
        assert [event["text"] for event in events if event["kind"] == "note"] == ["interrupted by the user"]
        assert not failures(events)

    def test_a_client_that_never_answers_is_left_behind(self, tmp_path: Path) -> None:
        class Hanging(PerfectStore):
            async def put(self, key: str, value: str, context: Any, node: str) -> None:
                await self.testbed.sleep(10_000)

        ended, events = perform(run_of(), tmp_path, workload(), store=Hanging())
        assert ended.failure is not None
        assert "had no answer for 15 s: its client must time out" in ended.failure
        assert phases(events) == ["main", "heal"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    def test_a_full_disk_is_said_with_its_file(self, tmp_path: Path) -> None:
        (tmp_path / "history.jsonl").symlink_to("/dev/full")
        cast = Cast(SimTestbed(1, NODES), PerfectStore(), workload(), ())
        ended = conduct(run_of(), tmp_path, cast)
        assert ended.failure is not None
        assert f"{tmp_path}/history.jsonl: cannot write the history: No space left" in ended.failure


class TestBefore:
    def test_a_nemesis_that_the_testbed_cannot_do_is_refused_before_anything_runs(
        self, tmp_path: Path
    ) -> None:
        class Needy(Faulty):
            needs = frozenset({"freeze"})

        with pytest.raises(UsageError, match="needs freeze, which testbed `sim` cannot do"):
            perform(run_of(LanePlan("faulty")), tmp_path, workload(), Needy(""))
        assert not (tmp_path / "history.jsonl").exists()

    def test_names_are_looked_up_with_what_they_could_have_meant(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="unknown system `perfect`"):
            execute(run_of(), tmp_path)


SCRIPT = """
import sys
from pathlib import Path
from harness.plan.schema import *
from harness.run.lifecycle import execute
lanes = tuple(LanePlan(name) for name in "partition link clock kill pause power-cut wipe".split())
run = Run("same", 5, SystemPlan("dynamo"), WorkloadPlan("cart", operations=120), NemesisPlan("all", lanes))
execute(run, Path(sys.argv[1]))
"""


def test_the_same_run_gives_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    digests = set()
    for hash_seed in ("0", "1", "2"):
        directory = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(directory)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
        )
        digests.add(hashlib.sha256((directory / "history.jsonl").read_bytes()).hexdigest())
    assert len(digests) == 1


class Faulty:
    """A nemesis that breaks in one of its methods."""

    name, summary, kinds, owns = "faulty", "", (), ""
    needs: frozenset[str] = frozenset()
    options: ClassVar[dict[str, str]] = {}

    def __init__(self, method: str) -> None:
        self.method = method
        self.healed = False

    def check(self, options: dict[str, Any]) -> None: ...

    def plan(self, scene: Any, options: dict[str, Any], rng: Any) -> Injection:
        self._maybe("plan")
        return Injection("partition", ("n1",), {"blocked": []})

    async def inject(self, testbed: Any, injection: Injection) -> None:
        self._maybe("inject")

    async def verify(self, testbed: Any, injection: Injection) -> dict[str, Any]:
        self._maybe("verify")
        return {}

    async def heal(self, testbed: Any, injection: Injection) -> None:
        self.healed = True
        self._maybe("heal")

    def _maybe(self, method: str) -> None:
        if method == self.method:
            raise OSError("planted")
