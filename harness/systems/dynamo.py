"""The system `dynamo`: our own reference node; with dynamo_clients.py all of the harness that knows it.

In the simulation the node's program runs on the testbed's runtimes and clients speak to it through the
simulated network; elsewhere it is processes (dynamo_local.py). Values are bytes to the node and text to the
workload.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import reference
from harness.errors import UsageError
from harness.plan.schema import TestbedPlan
from harness.systems import dynamo_clients
from harness.systems.dynamo_audit import Decoding
from harness.systems.dynamo_clients import ClientOptions, DynamoClient, LibraryClient
from harness.systems.dynamo_local import LocalDeployment, NodeProgram
from harness.systems.system import Client, Deployment
from harness.testbeds.sim.testbed import SimTestbed
from reference.cli.settings import REAL_TIMES
from reference.config import OPTIONS, ConfigError, NodeConfig
from reference.membership import JOINING, LEAVING, UP, Member, View
from reference.net.face import facts
from reference.net.peers.fields import pack, unpack
from reference.net.peers.states import batch_codec
from reference.node import Node
from reference.placement import place
from reference.ring import Ring
from reference.storage.sqlite import MEMORY, Database

_PROMISES = {"dotted": "mvr", "paper-clock": "mvr-paper", "last-writer": "lww"}
MOST_RING = 100_000
"""Nodes times positions of the ring: each node knows each, and with more a run takes minutes to begin."""


class Dynamo:
    """Deploys the reference node."""

    name = "dynamo"
    summary = "the reference node: a compact Dynamo (dotted, paper-clock and last-writer versions)"
    testbeds = ("sim", "local")
    options = OPTIONS | dynamo_clients.OPTIONS

    def promise(self, config: dict[str, Any]) -> str:
        """What this configuration promises; a quorum that is not sloppy makes dotted versions strict."""
        _, node = self.configuration(config)
        promise = _PROMISES[node.mode]
        return promise if promise != "mvr" else ("mvr-sloppy" if node.sloppy else "mvr-strict")

    def configuration(self, config: dict[str, Any]) -> tuple[ClientOptions, NodeConfig]:
        """Raises UsageError, naming the field, on a configuration that cannot work."""
        clients, rest = ClientOptions.taken_from(config)
        try:
            return clients, NodeConfig.of(rest)
        except ConfigError as error:
            raise UsageError(f"system dynamo: config: {error}") from None

    def check(self, config: dict[str, Any], testbed: TestbedPlan) -> None:
        """Raises UsageError on a configuration that cannot work on this testbed, before anything runs."""
        _, node = self._checked(config, testbed.nodes, testbed.name != "sim")
        name = "tokens" if node.strategy == 1 else "partitions"
        positions = testbed.nodes * node.tokens if node.strategy == 1 else node.partitions
        if testbed.nodes * positions > MOST_RING:
            said = f"{positions} positions of the ring, looked after by {testbed.nodes} nodes"
            raise UsageError(
                f"system dynamo: config: {name}: {said}: nodes times positions may be {MOST_RING} at most"
            )

    def _checked(self, config: dict[str, Any], nodes: int, real: bool) -> tuple[ClientOptions, NodeConfig]:
        clients, node = self.configuration({**REAL_TIMES, **config} if real else config)
        if nodes < node.n:
            raise UsageError(f"system dynamo: n={node.n} needs as many nodes; there are {nodes}")
        if real and clients.numbered:
            raise UsageError("system dynamo: config: clients of real nodes speak HTTP: client: server")
        return clients, node

    def deploy(self, testbed: Any, config: dict[str, Any]) -> Deployment:
        """Install the node's program on every node: an object in the simulation, a process elsewhere."""
        real = testbed.runs == "processes"
        clients, node_config = self._checked(config, len(testbed.nodes), real)
        if not real:
            return DynamoDeployment(testbed, node_config, clients=clients)
        program = NodeProgram(asdict(node_config), Path(reference.__file__).parent.parent)
        ring = place(first_view(testbed.nodes, node_config), node_config)
        return LocalDeployment(testbed, program, meta_config(node_config), ring.preference_list)


def _database(mode: str) -> Database:
    """What the engine `sqlite` keeps on a simulated disk: a real database, in memory."""
    codec = batch_codec(mode)
    return Database(MEMORY, partial(pack, codec), partial(unpack, codec))


def first_view(nodes: tuple[str, ...], config: NodeConfig) -> View:
    """The members as the cluster forms."""
    return View.initial([Member(name, UP, config.tokens, "", "") for name in sorted(nodes)])


def meta_config(node: NodeConfig) -> dict[str, Any]:
    """A configuration in the names of the history format."""
    return {
        "n": node.n,
        "r": node.r,
        "w": node.w,
        "sloppy": node.sloppy,
        "mode": node.mode,
        "clock_limit": node.clock_limit,
        "engine": node.engine,
        "durability": "none" if node.engine == "memory" else node.durability,
        "anti_entropy_s": node.anti_entropy_s,
        "reap_tombstones_s": node.reap_tombstones_s,
        **({"max_siblings": node.max_siblings} if node.max_siblings else {}),
        "background_period_s": max(node.anti_entropy_s, node.hint_backoff_max_s),
        "settle_bound_s": node.settle_bound_s,
        "detect_ms": 1000 * (node.request_timeout_s + node.probe_period_s),
        "clock_sync_ms": 0.0,
    }


class DynamoDeployment:
    """A cluster of reference nodes on a simulated testbed."""

    def __init__(
        self,
        testbed: SimTestbed,
        config: NodeConfig,
        node: Callable[..., Node] = Node,
        clients: ClientOptions = ClientOptions(),  # noqa: B008 (frozen)
    ) -> None:
        """`node` makes one incarnation of the program: a test may plant a bug there."""
        self.nodes = testbed.nodes
        self._testbed = testbed
        self._config = config
        self._clients = clients
        testbed.network.client_duplicates = clients.numbered
        initial = first_view(testbed.nodes, config)
        self._rings = {initial.id: place(initial, config)}
        self._view = initial
        database = partial(_database, config.mode) if config.engine == "sqlite" else None
        testbed.install(lambda runtime: node(runtime, config, initial), database)
        testbed.operator = self

    @property
    def config(self) -> dict[str, Any]:
        """`meta.config`."""
        return meta_config(self._config)

    def client(self, process: int, timeout_s: float = 1.0) -> Client:
        """A client with an address of its own on the simulated network."""
        client = self._client(process, timeout_s)
        return Decoding(client) if self._clients.record_clocks else client

    def _client(self, process: int, timeout_s: float) -> DynamoClient | LibraryClient:
        if not self._clients.numbered:
            return DynamoClient(self._testbed, f"c{process}", timeout_s)
        return LibraryClient(self._testbed, self._config, self._clients, f"c{process}", timeout_s)

    @property
    def _ring(self) -> Ring:
        """The ring of whoever knows most changes."""
        known = [program.members.view for program in self._programs()]
        self._view = max([self._view, *known], key=lambda view: len(view.changes))
        ring = self._rings.get(self._view.id)
        if ring is None:
            ring = self._rings[self._view.id] = place(self._view, self._config)
        return ring

    def members(self) -> tuple[str, ...]:
        """The nodes that own keys now."""
        return self._ring.nodes

    async def join(self, node: str) -> bool:
        """An operator's decision, at the first node that serves and accepts it."""
        return await self._decide(JOINING, node, tokens=self._config.tokens)

    async def leave(self, node: str) -> bool:
        """Likewise."""
        return await self._decide(LEAVING, node)

    async def seen(self, node: str) -> dict[str, str]:
        """What each node that serves says."""
        return {program.name: program.members.status(node) or "unknown" for program in self._programs()}

    async def _decide(self, status: str, node: str, **details: object) -> bool:
        for program in self._programs():
            try:
                program.members.allow(status, node)
            except ValueError:
                continue  # that node knows of a change which makes this one impossible
            # Beside us, as a request to the node: if it dies now, nobody may wait for it for ever.
            program.runtime.spawn(program.members.decide(status, node, **details))
            return True
        return False

    def preference_list(self, key: str) -> tuple[str, ...]:
        """Primaries first, then fallbacks."""
        return self._ring.preference_list(key)

    def _programs(self) -> list[Node]:
        return [program for node in self.nodes if (program := self._program(node)) is not None]

    def _program(self, node: str) -> Node | None:
        program = self._testbed.program(node)
        return program if isinstance(program, Node) else None

    async def final(self, node: str, key: str) -> list[str] | None:
        """Straight from the replica's own durable copy."""
        program = self._program(node)
        if program is None:
            return None
        copy = program.replica.copies.get(key)
        return [] if copy is None else [value.decode() for value in copy.values()]

    async def state(self, node: str) -> dict[str, Any] | None:
        """Hints, repairs, clock, and per range its owners and a digest of all that this node holds of it."""
        program = self._program(node)
        if program is None:
            return None
        return facts.state(program, self._ring, await self._testbed.clock_offset_ms(node))


SYSTEMS = (Dynamo(),)
