"""Nodes that end by themselves: told to the history, and started again as a supervisor would.

It is a finding about the store, never a failure of ours: check `crash`. The node comes back after a pause,
which doubles, a few times at most. While a fault holds the node, whoever heals the fault starts it.
"""

from __future__ import annotations

from collections.abc import Callable

from harness.errors import HarnessError
from harness.run.state import RunState
from harness.testbeds.testbed import Exited

PAUSE_S = 0.5
"""Before the first start; each later one of the same node waits twice as long."""
MOST_STARTS = 5
"""How often one node is started again in a run; the heal phase tries once more."""
LONGEST_PAUSE_S = 8.0


class Supervisor:
    """Of one run. `held` says whether a fault holds a node."""

    def __init__(self, state: RunState, held: Callable[[str], bool]) -> None:
        self._state = state
        self._held = held
        self._starts: dict[str, int] = {}
        self._watched: set[str] = set()

    def ended(self, exited: Exited) -> None:
        """A node's process has ended by itself."""
        state = self._state
        state.recorder.exit(exited)
        state.down[exited.node] = None
        if exited.node not in self._watched:
            self._watched.add(exited.node)
            state.testbed.spawn(self._again(exited.node), f"supervisor of {exited.node}")

    async def look(self) -> None:
        """Record of each node that was down whether it serves again."""
        for node in list(self._state.down):
            await self._serves(node)

    async def start(self, node: str) -> None:
        """Start a node that had ended by itself. That it does not come back is part of the same finding."""
        try:
            await self._state.testbed.start(node)
        except HarnessError as error:
            self._state.recorder.note(f"{node} did not start again: {error}")

    async def _again(self, node: str) -> None:
        testbed = self._state.testbed
        try:
            while node in self._state.down and self._starts.get(node, 0) < MOST_STARTS:
                starts = self._starts.get(node, 0)
                await testbed.sleep(min(LONGEST_PAUSE_S, PAUSE_S * 2**starts))
                if node in self._state.down and not self._held(node) and not await self._serves(node):
                    self._starts[node] = starts + 1
                    await self.start(node)
                await self._serves(node)
        except Exception as error:
            self._state.fail("testbed", error)
        finally:
            self._watched.discard(node)

    async def _serves(self, node: str) -> bool:
        state = self._state
        if node not in state.down or await state.testbed.alive(node) != "serving":
            return False
        if state.down.pop(node, node) is None:
            state.recorder.serves(node)
            state.restarts[node] = state.testbed.now()
        return True
