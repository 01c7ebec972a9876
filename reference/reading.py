"""Reads and read repair (sections 4.5 and 5).

The first N healthy nodes are asked; R answers make the get succeed, and their merge is what it returns. When
the rest have had their chance too, every owner that answered with less is sent the merge. Repair never makes
a new version, and never goes to a node that is no owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from reference.config import NodeConfig
from reference.detector import Detector
from reference.messages import ReplicaGet, ReplicaPut
from reference.quorum import Fallbacks, ReadTally
from reference.runtime import Runtime
from reference.versions.siblings import Versions


class Asks(Protocol):
    """Conversations with nodes (`Peers`, or what a client makes of them)."""

    detector: Detector

    async def ask(self, node: str, kind: Any, *fields: Any, timeout_s: float | None = None) -> Any:
        """The answer, or None."""


class Holds(Protocol):
    """What is held here (`Replica`; nothing, at a client)."""

    versions: Versions
    foreign: Callable[[str], bool]
    """Whether a key is not this node's own."""

    def read(self, key: str) -> Any:
        """The durable state of a key."""

    async def merge(self, key: str, state: Any, owed_to: Iterable[str] = (), durable: bool = True) -> bool:
        """Take in what another replica holds."""


class Reading:
    """One get: `enough` ends with R answers or out of time, `ended` when all have had their chance."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        nodes: tuple[str, ...],
        key: str,
        replica: Holds,
        peers: Asks,
    ) -> None:
        versions = replica.versions
        self.key = key
        self.owners = nodes[: config.n]
        self.tally = ReadTally(config.r, versions.merge, versions.empty)
        self.enough = runtime.future(config.request_timeout_s)
        self.ended = runtime.future()
        self._peers = peers
        self._replica = replica
        detector = peers.detector
        pool = list(nodes) if config.sloppy else list(self.owners)
        order = detector.healthy_first(pool) if config.sloppy else pool
        asked = order[: config.n]
        self._spare = Fallbacks(order[config.n :])
        self._asking = len(asked)
        for node in asked:
            if node == runtime.name:
                self._heard(node, replica.read(key))
                self._one_ended()
            else:
                runtime.spawn(self._ask(node))

    @property
    def fastest(self) -> str | None:
        """The owner whose answer came first, this node before all others if it is one."""
        owners = self.owners
        return next((node for node in self.tally.answers if node in owners), None)

    async def _ask(self, node: str) -> None:
        while True:
            answer = await self._peers.ask(node, ReplicaGet, self.key)
            if answer is not None:
                self._heard(node, answer.state)
                break
            if self.enough.done():
                break
            node = self._spare.take() or node
        self._one_ended()

    def _heard(self, node: str, state: Any) -> None:
        self.tally.add(node, state)
        if self.tally.met:
            self.enough.resolve(True)

    def _one_ended(self) -> None:
        self._asking -= 1
        if not self._asking:
            self.ended.resolve(True)

    async def repair(self, name: str) -> int:
        """Once all have ended: send the merge to the owners that are behind; how many that were."""
        await self.ended
        behind = self.tally.behind(self.owners)
        for owner in behind:
            if owner != name:
                await self._peers.ask(owner, ReplicaPut, self.key, self.tally.merged, None, False)
            elif not self._replica.foreign(self.key):  # the ring may have moved since the read began
                await self._replica.merge(self.key, self.tally.merged, durable=False)
        return len(behind)
