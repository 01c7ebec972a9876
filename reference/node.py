"""One incarnation of a node: its parts put together, and what it does with each message.

Any node accepts any request (section 2.3, symmetry). Reads make no version, so they are coordinated where
they arrive: that saves the paper's second hop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.antientropy import AntiEntropy
from reference.config import NodeConfig
from reference.coordinator import Coordinator
from reference.gossip import Members
from reference.handoff import Handoff
from reference.membership import View
from reference.messages import (
    ANSWERS,
    ClientGet,
    ClientValues,
    ClientWrite,
    Collect,
    Compact,
    CompareChildren,
    CompareLeaves,
    CompareRoots,
    Confirm,
    Failed,
    Fetch,
    Forward,
    Gossip,
    OwnerGet,
    Ping,
    Pong,
    Rejected,
    ReplicaGet,
    ReplicaPut,
    ReplicaPutDone,
    ReplicaState,
    StaleRing,
)
from reference.peers import Peers
from reference.reading import Reading
from reference.replica import Replica
from reference.retirement import Retirement
from reference.ring import Ring
from reference.runtime import Runtime
from reference.transfer import Transfer
from reference.versions.modes import versions_for
from reference.versions.siblings import Context
from reference.writing import Writing


class Node:
    """Lives from one start to the next crash; only the disk goes on."""

    def __init__(self, runtime: Runtime, config: NodeConfig, view: View) -> None:
        """`view`: the members that this node starts with; what its disk knows comes on top."""
        self.runtime = runtime
        self.name = runtime.name
        self.config = config
        epoch = self.epoch = runtime.rng.getrandbits(64)
        self.peers = Peers(runtime, config, epoch)
        versions = versions_for(config.mode, config.clock_limit)
        self.replica = Replica(runtime, config.engine, versions, config.buffering, config.floor_s)
        self.members = Members(runtime, config, view, self.replica, self.peers)
        self.handoff = Handoff(runtime, config, self.members, self.replica, self.peers)
        self.antientropy = AntiEntropy(runtime, config, self.members.ring, self.replica, self.peers)
        self.transfer = Transfer(runtime, config, self.members, self.replica, self.peers)
        self.members.moved.append(self.antientropy.use)
        self.members.owing.append(self.handoff.resume)
        self.coordinator = Coordinator(runtime, config, self.members, self.replica, self.peers, self.handoff)
        self.writing = Writing(
            runtime, config, self.members, self.replica, self.peers, self.coordinator, epoch
        )
        self.retirement = Retirement(
            runtime, config, self.members, self.replica, self.peers, self.coordinator
        )
        self.read_repairs = 0
        self._handlers: dict[type, Callable[[str, Any], None]] = {
            ReplicaPut: lambda sender, m: runtime.spawn(self._replica_put(sender, m)),
            ReplicaGet: self._replica_get,
            OwnerGet: self._owner_get,
            ClientGet: lambda sender, m: runtime.spawn(self._client_get(sender, m)),
            ClientWrite: lambda sender, m: runtime.spawn(self.writing.client(sender, m)),
            Forward: lambda sender, m: runtime.spawn(self.writing.forwarded(sender, m)),
            Ping: lambda sender, m: runtime.send(sender, Pong(m.request, epoch)),
            CompareRoots: lambda sender, m: runtime.send(sender, self.antientropy.compare_roots(m)),
            CompareChildren: lambda sender, m: runtime.send(sender, self.antientropy.compare_children(m)),
            CompareLeaves: lambda sender, m: runtime.send(sender, self.antientropy.compare_leaves(m)),
            Gossip: lambda sender, m: runtime.spawn(self._gossip(sender, m)),
            Collect: lambda sender, m: runtime.send(sender, self.transfer.collected(sender, m)),
            Confirm: lambda sender, m: runtime.spawn(self._confirm(sender, m)),
            Compact: lambda sender, m: runtime.spawn(self._compact(sender, m)),
            Fetch: lambda sender, m: runtime.send(sender, self.transfer.fetched(m)),
        }
        for kind in ANSWERS:
            self._handlers[kind] = self.peers.answer

    @property
    def ring(self) -> Ring:
        """The ring as this node knows it now."""
        return self.members.ring

    async def start(self) -> None:
        """Recover, then begin background work; the node serves once this returns."""
        await self.replica.ready()
        await self.members.resume()
        for background in (self.antientropy, self.members, self.transfer, self.retirement):
            self.runtime.spawn(background.run())

    def receive(self, sender: str, message: Any) -> None:
        """A message arrived, from a node or a client."""
        self._handlers[type(message)](sender, message)

    async def _replica_put(self, sender: str, message: ReplicaPut) -> None:
        if message.owner is None:
            owners = self.members.owners(message.key)
            if self.runtime.name not in owners:
                # The sender may know a ring in which we are one. A copy taken for a stray would be forgotten
                # once the owners that we know have it, so without its word nothing is acknowledged.
                if not await self.members.tell(sender):
                    return
                owners = self.members.owners(message.key)
            owed_to = () if self.runtime.name in owners else owners
            await self.replica.merge(message.key, message.state, owed_to, message.durable)
            for owner in owed_to:
                self.handoff.owed(owner)
        else:
            await self.replica.keep_hint(message.owner, message.key, message.state, message.durable)
            self.handoff.owed(message.owner)
        self.runtime.send(sender, ReplicaPutDone(message.request))

    async def _confirm(self, sender: str, message: Confirm) -> None:
        self.runtime.send(sender, await self.retirement.confirm(message))

    async def _compact(self, sender: str, message: Compact) -> None:
        self.runtime.send(sender, await self.retirement.compact(message))

    async def _gossip(self, sender: str, message: Gossip) -> None:
        self.runtime.send(sender, await self.members.hear(message))

    def _replica_get(self, sender: str, message: ReplicaGet) -> None:
        self.runtime.send(sender, ReplicaState(message.request, self.replica.read(message.key)))

    def _owner_get(self, sender: str, message: OwnerGet) -> None:
        ring, key = self.members.ring.id, message.key
        if ring != message.ring:
            self.runtime.send(sender, StaleRing(message.request, ring))
        else:
            self.runtime.send(sender, ReplicaState(message.request, self.replica.read(key)))

    async def _client_get(self, client: str, message: ClientGet) -> None:
        key, send, began = message.key, self.runtime.send, self.runtime.now()
        if not self.coordinator.enough_healthy(key, self.config.r):
            send(client, Rejected(message.request, f"fewer than R={self.config.r} healthy nodes", True))
            return
        reading = Reading(
            self.runtime, self.config, self.members.ring.preference_list(key), key, self.replica, self.peers
        )
        await reading.enough
        self.peers.served(began)
        if not reading.tally.met:
            send(client, Failed(message.request, f"fewer than R={self.config.r} nodes answered"))
            return
        merged = reading.tally.merged
        context = Context(key, merged.clock(), reading.fastest)
        send(client, ClientValues(message.request, tuple(merged.values()), context))
        repaired = await reading.repair(self.runtime.name)
        self.read_repairs += repaired  # not in one statement: that would read the count before the await
