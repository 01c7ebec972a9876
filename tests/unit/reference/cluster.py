"""A whole cluster of reference nodes in the simulation, with a wire that a test can tap and cut."""

from collections.abc import Callable, Coroutine
from typing import Any

from harness.systems.dynamo import DynamoClient, DynamoDeployment
from harness.testbeds.sim.testbed import SimTestbed
from reference.config import NodeConfig
from reference.messages import ClientGet, ClientWrite
from reference.node import Node

KEY = "k"


class Cluster:
    """Nodes n1 ... nK. `sent` is every message as it is sent: (from, to, message)."""

    def __init__(
        self,
        nodes: int = 5,
        seed: int = 1,
        node: Callable[..., Node] = Node,
        sync_ms: tuple[float, float] = (0.2, 1.0),
        **config: Any,
    ) -> None:
        self.config = NodeConfig(**config)
        self.testbed = SimTestbed(seed, [f"n{number + 1}" for number in range(nodes)], sync_ms=sync_ms)
        self.nodes = self.testbed.nodes
        self.sent: list[tuple[str, str, Any]] = []
        self.lose: Callable[[str, str, Any], bool] = lambda source, target, message: False
        self._transmit = self.testbed.network.send
        self.testbed.network.send = self._tapped  # type: ignore[method-assign]
        self.deployment = DynamoDeployment(self.testbed, self.config, node)
        self._clients = 0
        self._faults = 0

    def _tapped(self, source: str, target: str, message: Any, refused: Any = None) -> None:
        self.sent.append((source, target, message))
        if not self.lose(source, target, message):
            self._transmit(source, target, message, refused)

    def play(self, story: Coroutine[Any, Any, Any]) -> Any:
        """Start all nodes, then tell the story; afterwards no program may have broken."""

        async def whole() -> Any:
            for name in self.nodes:
                await self.testbed.start(name)
            result = await story
            await self.testbed.sleep(0)  # raises what a program raised
            return result

        return self.testbed.run(whole())

    # who is who

    def owners(self, key: str = KEY) -> tuple[str, ...]:
        return self.deployment.preference_list(key)[: self.config.n]

    def fallbacks(self, key: str = KEY) -> tuple[str, ...]:
        return self.deployment.preference_list(key)[self.config.n :]

    def node(self, name: str) -> Node:
        program = self.testbed.program(name)
        assert isinstance(program, Node), f"{name} is down"
        return program

    def client(self, timeout_s: float = 1.0) -> DynamoClient:
        self._clients += 1
        return self.deployment.client(self._clients, timeout_s)

    # what nodes hold

    def copies(self, key: str = KEY) -> dict[str, list[str]]:
        """What each node that serves holds durable of the key, as an owner; the values sorted."""
        held = {}
        for name in self.nodes:
            program = self.testbed.program(name)
            if isinstance(program, Node) and key in program.replica.copies:
                held[name] = sorted(value.decode() for value in program.replica.copies[key].values())
        return held

    def everywhere(self, *values: str, key: str = KEY) -> dict[str, list[str]]:
        """What `copies` says when every owner, and nobody else, holds these values."""
        return {owner: sorted(values) for owner in sorted(self.owners(key))}

    def state(self, name: str, key: str = KEY) -> Any:
        return self.node(name).replica.copies[key]

    def hints(self) -> dict[str, list[str]]:
        """holder -> the owners for whom it holds something."""
        held = {}
        for name in self.nodes:
            program = self.testbed.program(name)
            if isinstance(program, Node):
                owners = [owner for owner, keys in program.replica.hints.items() if keys]
                held.update({name: sorted(owners)} if owners else {})
        return held

    def messages(self, kind: type) -> list[tuple[str, str, Any]]:
        return [one for one in self.sent if isinstance(one[2], kind)]

    # what a test does to it

    async def sleep(self, seconds: float) -> None:
        await self.testbed.sleep(seconds)

    async def settle(self) -> None:
        await self.testbed.sleep(self.config.settle_bound_s)

    async def cut_off(self, *names: str) -> str:
        """Nothing between these nodes and any other, clients included; the fault's id."""
        self._faults += 1
        fault = f"cut{self._faults}"
        everybody = [*self.nodes, *(f"c{number + 1}" for number in range(20))]
        links = [(a, b) for a in names for b in everybody if b not in names]
        await self.testbed.block(fault, links + [(b, a) for a, b in links])
        return fault

    async def restart(self, name: str) -> None:
        await self.testbed.kill(name)
        await self.testbed.start(name)

    async def suspect(self, *names: str, key: str = KEY) -> None:
        """Let every node find out that these do not answer, once what it heard of them is no longer fresh."""
        await self.sleep(0.1)
        for name in self.nodes:
            if name not in names:
                peers = self.node(name).peers
                for silent in names:
                    await peers.reachable(silent)

    async def ask(self, node: str, kind: type, *fields: Any) -> Any:
        """One raw message to a node; its answer (None if there was none in a second)."""
        client = self.client()
        return await client._ask(node, kind, *fields)

    async def write(self, node: str, key: str, value: bytes | None, context: Any = None) -> Any:
        return await self.ask(node, ClientWrite, key, value, context)

    async def read(self, node: str, key: str = KEY) -> Any:
        return await self.ask(node, ClientGet, key)
