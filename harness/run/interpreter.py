"""The clients of one run: workers that take the next arrival when it is due and do one step of the script."""

from __future__ import annotations

from collections.abc import Iterator

from harness.errors import HarnessError
from harness.plan.schema import WorkloadPlan
from harness.plan.seeds import stream
from harness.run.pacing import NS, Arrival, arrivals
from harness.run.session import ClientBroke, ClientSession
from harness.run.state import RunState
from harness.run.workload import Script

TICK_S = 0.1
"""How often the interpreter looks whether a client hangs."""


def hang_s(timeout_s: float) -> float:
    """How long one step may take before its client counts as hung: several operations, all timing out."""
    return 10 * timeout_s + 5


async def drive(state: RunState, plan: WorkloadPlan, script: Script, seed: int) -> None:
    """Do all operations of the run, then return; early if the run is stopping.

    Whoever is free takes the next arrival, so that one client that waits for a timeout delays nobody else.
    A client that hangs for ever is our own failure: it is recorded and left behind.
    """
    start = state.testbed.now()
    pending = arrivals(plan.operations, plan.clients, plan.rate_per_s, start, stream(seed, "pacing"))
    workers = [
        _Worker(state, ClientSession(state, client, stream(seed, "client", client)), script)
        for client in range(plan.clients)
    ]
    tasks = [
        state.testbed.spawn(worker.work(pending), f"client {client}") for client, worker in enumerate(workers)
    ]
    limit_ns = int(hang_s(plan.timeout_s) * NS)
    while not all(task.done() for task in tasks):
        try:
            await state.testbed.sleep(TICK_S)
        except Exception as error:  # a node's own program broke, for instance: said here, once
            state.fail("testbed", error)
        hung = [worker for worker in workers if worker.since_ns(state.testbed.now()) > limit_ns]
        for worker in hung:
            state.fail("client", HarnessError("client", worker.hung(limit_ns / NS)))
        if hung:
            return
    for task in tasks:
        await task


class _Worker:
    """One client, its session, and since when its current step runs."""

    def __init__(self, state: RunState, session: ClientSession, script: Script) -> None:
        self._state = state
        self._session = session
        self._script = script
        self._began: int | None = None

    async def work(self, pending: Iterator[Arrival]) -> None:
        """Take arrivals until there are no more, or the run stops. Whatever breaks here stops the run."""
        try:
            for arrival in pending:
                await self._until(arrival.due)
                if self._state.stopping:
                    return
                self._session.arrive(arrival.due, arrival.burst)
                self._began = self._state.testbed.now()
                await self._script.step(self._session)
                self._began = None
        except ClientBroke as error:
            self._state.fail("client", error, error.op)
        except Exception as error:
            self._state.fail("client", error)
        self._began = None

    async def _until(self, due: int | None) -> None:
        if due is not None:
            ahead = due - self._state.testbed.now()
            if ahead > 0:
                await self._state.testbed.sleep((ahead + 0.5) / NS)

    def since_ns(self, now: int) -> int:
        """For how long its current step has been running."""
        return 0 if self._began is None else now - self._began

    def hung(self, limit_s: float) -> str:
        """What to say of a step that does not end."""
        self._began = None
        return f"process {self._session.process} had no answer for {limit_s:g} s: its client must time out"
