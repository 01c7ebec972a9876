"""The testbeds that must conform. A new one joins by one line in `PLACES`."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from harness.errors import Outcome
from harness.systems.dynamo import Dynamo
from harness.testbeds.local.testbed import LocalTestbed
from harness.testbeds.sim.testbed import SimTestbed
from harness.testbeds.testbed import Link, Testbed

NODES = ("n1", "n2", "n3")

PLACES: dict[str, Callable[[], Any]] = {
    "sim": lambda: SimTestbed(1, NODES),
    "local": lambda: LocalTestbed(1, NODES),
}
REAL = ("local",)
"""Those that take real time."""


@dataclass
class Place:
    """A testbed with the reference node deployed on it, and a client."""

    testbed: Testbed
    client: Any

    @property
    def links(self) -> list[Link]:
        """Every directed link between nodes."""
        return [(a, b) for a in self.testbed.nodes for b in self.testbed.nodes if a != b]

    def needs(self, capability: str) -> None:
        """Skip the test where the testbed does not claim this."""
        if capability not in self.testbed.capabilities:
            pytest.skip(f"{self.testbed.name} does not claim {capability}")

    def play(self, story: Coroutine[Any, Any, Any]) -> Any:
        """Start all nodes, then the story, once the nodes have found each other."""

        async def whole() -> Any:
            starts = [self.testbed.spawn(self.testbed.start(node), node) for node in self.testbed.nodes]
            for start in starts:
                await start
            for node in self.testbed.nodes:
                await self._found_others(node)
            return await story

        return self.testbed.run(whole())

    async def _found_others(self, node: str) -> None:
        """A read that needs another node's answer: it writes nothing."""
        for _ in range(50):
            with suppress(Outcome):
                await self.client.get("nobody writes this", node)
                return
            await self.testbed.sleep(0.1)
        raise AssertionError(f"{node} finds no other node")

    async def open_links(self, packets: int = 1) -> list[Link]:
        """The links on which something arrives."""
        arrived = await self.testbed.probe_links(self.links, packets)
        return [link for link in self.links if arrived[link]]


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.slow if name in REAL else ()) for name in PLACES]
)
def place(request, tmp_path) -> Iterator[Place]:
    testbed = PLACES[request.param]()
    deployment = Dynamo().deploy(testbed, {"n": 3})
    yield Place(testbed, deployment.client(0))
    testbed.close(tmp_path)
