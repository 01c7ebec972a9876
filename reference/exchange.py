"""Replica synchronisation (section 4.7) in its plain form: pairs of nodes compare digests of common keys.

It repairs what hints cannot: copies that a disk lost. Every period a node goes through the peers whose
name is greater than its own; the other half of the pairs is theirs, so one round covers every pair once.
"""

from __future__ import annotations

from typing import Any

from reference.config import NodeConfig
from reference.messages import Differences, Digests, ReplicaPut
from reference.peers import Peers
from reference.replica import Replica
from reference.ring import Ring
from reference.runtime import Runtime


class Exchange:
    """Rounds of comparison; `repairs` counts the states that it changed here."""

    def __init__(
        self, runtime: Runtime, config: NodeConfig, ring: Ring, replica: Replica, peers: Peers
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._ring = ring
        self._replica = replica
        self._peers = peers
        self.repairs = 0

    async def run(self) -> None:
        """For ever, one round a period, out of step with the other nodes."""
        period_s = self._config.anti_entropy_s
        if not period_s:
            return
        await self._runtime.sleep(period_s * self._runtime.rng.random())
        while True:
            for peer in self._ring.nodes:
                if peer > self._runtime.name and not self._peers.detector.suspects(peer):
                    await self._with(peer)
            await self._runtime.sleep(period_s)

    async def _with(self, peer: str) -> None:
        digests = tuple((key, state.digest()) for key, state in self._common(peer))
        reply = await self._peers.ask(peer, Digests, digests)
        if reply is None:
            return
        for key, state in reply.states:
            await self.take(key, state)
        for key in [key for key, _ in reply.states] + list(reply.wanted):
            await self._peers.ask(peer, ReplicaPut, key, self._replica.read(key), None)

    def compare(self, asker: str, message: Digests) -> Differences:
        """Our states where the digests differ or the asker lacks the key; the keys that we lack."""
        theirs = dict(message.digests)
        common = dict(self._common(asker))
        states = tuple((key, state) for key, state in common.items() if theirs.get(key) != state.digest())
        return Differences(message.request, states, tuple(key for key in theirs if key not in common))

    async def take(self, key: str, state: Any) -> None:
        """Merge what a peer holds; durable when this returns."""
        if await self._replica.merge(key, state):
            self.repairs += 1

    def _common(self, peer: str) -> list[tuple[str, Any]]:
        """Keys that this node and the peer are both owners of, with our state."""
        owners = self._ring.preference_list
        return [
            (k, state) for k, state in self._replica.copies.items() if peer in owners(k)[: self._config.n]
        ]
