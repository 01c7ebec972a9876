"""One store in two worlds: five nodes in virtual time, and five processes on loopback."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from harness.errors import Outcome
from harness.systems.dynamo import Dynamo
from harness.systems.system import Client, Deployment
from harness.testbeds.local.testbed import LocalTestbed
from harness.testbeds.sim.testbed import SimTestbed
from harness.testbeds.testbed import Testbed

NODES = ("n1", "n2", "n3", "n4", "n5")
WORLDS: dict[str, Callable[[], Any]] = {
    "sim": lambda: SimTestbed(1, NODES),
    "local": lambda: LocalTestbed(1, NODES),
}
KEY = "cart"


@dataclass
class World:
    """A testbed with the reference node deployed on it, and a client."""

    testbed: Testbed
    deployment: Deployment
    client: Client

    @property
    def owners(self) -> tuple[str, ...]:
        """The key's primaries."""
        return self.deployment.preference_list(KEY)[:3]

    @property
    def stranger(self) -> str:
        """A node that is none."""
        return self.deployment.preference_list(KEY)[-1]

    async def held(self) -> list[list[str] | None]:
        """What each owner holds by itself, sorted."""
        found = [await self.deployment.final(owner, KEY) for owner in self.owners]
        return [None if values is None else sorted(values) for values in found]

    async def until(self, held: list[str], timeout_s: float = 15.0) -> None:
        """Wait until every owner holds just this."""
        for _ in range(int(timeout_s / 0.25)):
            if await self.held() == [held] * 3:
                return
            await self.testbed.sleep(0.25)
        raise AssertionError(f"after {timeout_s} s the owners hold {await self.held()}, not {held}")

    async def reads(self, node: str, wanted: list[str], timeout_s: float = 5.0) -> None:
        """The node returns just this, soon: on a busy machine it may take slow owners for dead at first."""
        seen: object = None
        for _ in range(int(timeout_s / 0.1)):
            with suppress(Outcome):
                seen = sorted((await self.client.get(KEY, node)).values)
                if seen == wanted:
                    return
            await self.testbed.sleep(0.1)
        raise AssertionError(f"{node} returns {seen}, not {wanted}")

    async def put_somehow(self, value: str, node: str, context: Any = None) -> None:
        """Put, again if there was no answer: for stories in which nodes have yet to notice an outage."""
        for _ in range(20):
            with suppress(Outcome):
                await self.client.put(KEY, value, context, node)
                return
            await self.testbed.sleep(0.1)
        raise AssertionError(f"{node} takes no write")

    def play(self, story: Callable[["World"], Coroutine[Any, Any, None]]) -> None:
        """Start all nodes; once they have found each other, the story."""

        async def whole() -> None:
            for node in NODES:
                await self.testbed.start(node)
            for node in NODES:
                await self._found_others(node)
            await story(self)

        self.testbed.run(whole())

    async def _found_others(self, node: str) -> None:
        for _ in range(50):
            with suppress(Outcome):
                await self.client.get("nobody writes this", node)
                return
            await self.testbed.sleep(0.1)
        raise AssertionError(f"{node} finds no other node")


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.slow if name == "local" else ()) for name in WORLDS]
)
def world(request, tmp_path) -> Iterator[Callable[..., World]]:
    """`world(mode="last-writer")` makes one."""
    testbed = WORLDS[request.param]()

    def make(**config: Any) -> World:
        deployment = Dynamo().deploy(testbed, config)
        return World(testbed, deployment, deployment.client(0, 3.0))

    yield make
    testbed.close(tmp_path)
