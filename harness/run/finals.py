"""What every replica holds after healing: rounds of final reads, and the state that nodes report."""

from __future__ import annotations

from harness.run.state import RunState

FIRST_POLL_S = 0.25
"""The first early round of settling; each later one waits twice as long."""
EARLY_ROUNDS = 5
MOST_FINAL_ROUNDS = 4


class Finals:
    """Reads, from each of a key's primaries alone, every key that some operation named."""

    def __init__(self, state: RunState) -> None:
        self._state = state
        self._round = 0
        self._primaries = int(state.deployment.config.get("n", 1))
        self._period_s = float(state.deployment.config.get("background_period_s", 1.0))

    async def settle(self, settle_s: float) -> None:
        """Wait so long (s), with early rounds until all replicas agree: they date the convergence."""
        testbed = self._state.testbed
        until = testbed.now() + int(settle_s * 1e9)
        wait_s, early = FIRST_POLL_S, 0
        while early < EARLY_ROUNDS and testbed.now() + int(wait_s * 1e9) < until:
            await testbed.sleep(wait_s)
            wait_s, early = 2 * wait_s, early + 1
            if (await self.read_round())[1]:
                break
        left_ns = until - testbed.now()
        if left_ns > 0:
            await testbed.sleep((left_ns + 1) / 1e9)

    async def read(self) -> None:
        """Two complete rounds, at least one background period apart, each after the nodes' own reports.

        A replica that could not be read makes its round incomplete: then up to two more are tried.
        """
        complete = 0
        for number in range(MOST_FINAL_ROUNDS):
            if number:
                await self._state.testbed.sleep(self._period_s * 1.01)
            await self._report()
            complete += (await self.read_round())[0]
            if complete == 2:
                return

    async def read_round(self) -> tuple[bool, bool]:
        """One round; whether every replica could be read, and whether all replicas of each key agree."""
        deployment, recorder = self._state.deployment, self._state.recorder
        self._round += 1
        complete = agree = True
        for key in self._state.touched:
            held = []
            for node in deployment.preference_list(key)[: self._primaries]:
                values = await deployment.final(node, key)
                recorder.final(node, key, values, self._round)
                held.append(None if values is None else sorted(values))
            complete = complete and None not in held
            agree = agree and None not in held and all(values == held[0] for values in held)
        return complete, agree

    async def _report(self) -> None:
        for node in self._state.deployment.nodes:
            facts = await self._state.deployment.state(node)
            if facts is not None:
                self._state.recorder.state(node, facts)
