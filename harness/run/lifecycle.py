"""One run from beginning to end: main, heal, settle, final. Whatever breaks, it ends in order.

In order means: nothing new begins, what is broken is healed, what was seen is in the file, the file is
closed. Only a run that broke nowhere is settled and read; a broken one is judged as far as it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import registry
from harness.errors import UsageError
from harness.nemeses.nemesis import Nemesis
from harness.plan.schema import Run
from harness.plan.seeds import stream
from harness.run.finals import Finals
from harness.run.interpreter import drive
from harness.run.lanes import Lanes
from harness.run.recorder import Recorder
from harness.run.state import RunState
from harness.run.supervisor import Supervisor
from harness.run.swarm import draw
from harness.run.workload import Script, Workload
from harness.systems.system import System
from harness.testbeds.testbed import Testbed

SETTLE_BOUND_S = 10.0
"""How long to settle a store that does not say how long it needs."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. `failure` is our own, place and text, the first if there were several."""

    history: Path
    failure: str | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything that a run needs, found: what `execute` looks up by name, and a test may hand over."""

    testbed: Testbed
    system: System
    workload: Workload
    nemeses: Sequence[Nemesis]
    """One for each lane of the run's nemesis plan."""


def execute(run: Run, directory: Path) -> Ended:
    """Run it, and write `directory/history.jsonl`.

    Raises UsageError, before anything begins, where the run names what does not exist or cannot work.
    Everything later is in what is returned: no exception but a second interrupt leaves here.
    """
    return conduct(run, directory, find_cast(run))


def find_cast(run: Run) -> Cast:
    """Look up all that the run names. Raises UsageError with what could have been meant."""
    system = registry.find("systems", run.system.system, f"system `{run.system.label}`")
    workload = registry.find("workloads", run.workload.workload, "workload")
    lanes = run.nemesis.lanes
    nemeses = [registry.find("nemeses", lane.nemesis, f"nemesis `{run.nemesis.label}`") for lane in lanes]
    kind = registry.find("testbeds", run.testbed.name, "testbed")
    if run.testbed.name not in system.testbeds:
        raise UsageError(f"system `{system.name}` does not run on testbed `{run.testbed.name}`")
    testbed = kind.create(run.seed, run.testbed)
    return Cast(testbed, system, workload, nemeses)


def conduct(run: Run, directory: Path, cast: Cast) -> Ended:
    """Run it with this cast."""
    script = cast.workload.script(run.workload.options, stream(run.seed, "workload"))
    deployment = cast.system.deploy(cast.testbed, run.system.config)
    _check_lanes(run, cast)
    directory.mkdir(parents=True, exist_ok=True)
    recorder = Recorder(directory / "history.jsonl", cast.testbed.now)
    keys = tuple(f"k{number}" for number in range(run.workload.keys))
    workload = run.workload
    state = RunState(cast.testbed, deployment, recorder, keys, workload.clients, workload.timeout_s)
    life = _Life(run, cast, script, state)
    try:
        life.announce()
        cast.testbed.run(life.live())
    except KeyboardInterrupt:
        state.interrupted = state.stopping = True
        life.end_early("interrupted by the user")
    except Exception as error:
        state.fail("testbed", error)
        life.end_early()
    finally:
        _close(state, directory)
    return Ended(recorder.path, state.failures[0] if state.failures else None, state.interrupted)


class _Life:
    """The phases of one run."""

    def __init__(self, run: Run, cast: Cast, script: Script, state: RunState) -> None:
        self._run = run
        self._cast = cast
        self._script = script
        self._state = state
        lanes = draw(run.nemesis, cast.nemeses, run.seed)
        self._lanes = Lanes(state, lanes, run.seed)
        self._supervisor = Supervisor(state, self._lanes.holds)

    def announce(self) -> None:
        """The first line. In simulation nothing of the outside is in it."""
        run, deployment, targets = self._run, self._state.deployment, self._run.targets
        config: dict[str, Any] = dict(deployment.config)
        for target in ("put_success_min", "max_gap_s", "latency_p999_ms"):
            if (value := getattr(targets, target)) is not None:
                config[target] = value
        if self._run.allow_exits:
            config["allow_exits"] = True
        config["functions"] = list(self._script.functions)
        self._state.recorder.meta(
            system=self._cast.system.name,
            promise=run.system.promise or self._cast.system.promise(run.system.config),
            nodes=list(deployment.nodes),
            clients=run.workload.clients,
            seed=run.seed,
            config=config,
            clock="virtual-ns" if self._cast.testbed.name == "sim" else "monotonic-ns",
        )

    async def live(self) -> None:
        """All phases; only main and heal where something of ours broke."""
        state, recorder = self._state, self._state.recorder
        for node in state.testbed.nodes:
            await state.testbed.start(node)
        recorder.phase("main")
        state.testbed.on_exit = self._supervisor.ended
        lanes = state.testbed.spawn(self._lanes.run(), "lanes")
        await drive(state, self._run.workload, self._script, self._run.seed)
        state.stopping = True
        await lanes
        if state.interrupted:
            return
        await self._heal()
        if state.failures:
            return
        finals = Finals(state)
        recorder.phase("settle")
        await finals.settle(self._settle_s())
        recorder.phase("final")
        await finals.read()

    def end_early(self, why: str = "") -> None:
        """After an exception or an interrupt that came through the testbed: heal, as far as that goes."""
        try:
            if why:
                self._state.recorder.note(why)
            self._state.testbed.run(self._heal())
        except KeyboardInterrupt:
            self._state.interrupted = True
        except Exception as error:
            self._state.fail("testbed", error)

    async def _heal(self) -> None:
        state = self._state
        state.recorder.phase("heal")
        await self._lanes.heal()
        for node in state.testbed.nodes:
            try:
                await self._revive(node)
            except Exception as error:
                state.fail("testbed", error)
        await self._supervisor.look()

    async def _revive(self, node: str) -> None:
        """A node that no fault holds any more must serve; if it does not, say so and start it."""
        testbed = self._state.testbed
        looks = await testbed.alive(node)
        if looks == "serving":
            return
        if node in self._state.down:
            await self._supervisor.start(node)
            return
        self._state.recorder.note(f"{node} was {looks} though no fault held it")
        await (testbed.resume if looks == "paused" else testbed.start)(node)

    def _settle_s(self) -> float:
        if self._run.settle_s is not None:
            return self._run.settle_s
        return float(self._state.deployment.config.get("settle_bound_s", SETTLE_BOUND_S)) * 1.02 + 0.1


def _check_lanes(run: Run, cast: Cast) -> None:
    """Raises UsageError. What a testbed can do may depend on the store that was deployed on it."""
    for lane, nemesis in zip(run.nemesis.lanes, cast.nemeses, strict=True):
        nemesis.check(lane.options)
        missing = sorted(nemesis.needs - cast.testbed.capabilities)
        if missing:
            raise UsageError(
                f"nemesis `{nemesis.name}` needs {', '.join(missing)}, which testbed `{cast.testbed.name}` "
                f"cannot do with system `{cast.system.name}`{_why(missing, cast.testbed)}: leave it out or "
                "choose another testbed"
            )


def _why(missing: Sequence[str], testbed: Testbed) -> str:
    silent = missing == ["skew"] and "skew" in type(testbed).capabilities
    return " (it says nothing of its clock)" if silent else ""


def _close(state: RunState, directory: Path) -> None:
    """End what runs on the testbed, keep its logs with the run, close the history."""
    state.testbed.on_exit = None
    try:
        state.testbed.close(directory / "nodes")
    except Exception as error:
        state.fail("testbed", error)
    try:
        state.recorder.close()
    except Exception as error:
        state.fail("recorder", error)
