"""Writes as the paper tells them (sections 4.5 and 4.6).

The coordinator, one of the key's first N healthy nodes, makes the new version, stores it and sends it to the
other owners. W durable copies make the put succeed; a hint stays for every owner that has not acknowledged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.bounds import COUNTED
from reference.config import NodeConfig
from reference.gossip import Members
from reference.handoff import Handoff
from reference.messages import ReplicaPut
from reference.peers import Peers
from reference.quorum import Fallbacks, WriteTally
from reference.replica import Replica
from reference.requests import Once
from reference.ring import Ring
from reference.runtime import Future, Runtime
from reference.versions.siblings import Event


class Coordinator:
    """Coordinates writes at one node, under an actor that is fresh at every start and with every ring."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        members: Members,
        replica: Replica,
        peers: Peers,
        handoff: Handoff,
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._members = members
        self._replica = replica
        self._peers = peers
        self._handoff = handoff
        self._actor = self._fresh_actor()
        members.moved.append(self._moved)
        self._last_stamp = 0
        self._turn = 0

    @property
    def actor(self) -> str:
        """Under which this node counts the versions that it makes as an owner."""
        return self._actor

    def enough_healthy(self, key: str, needed: int) -> bool:
        """Whether so many nodes that may vote for this key are not suspected."""
        nodes = self._members.ring.preference_list(key)
        if not self._config.sloppy:
            nodes = nodes[: self._config.n]
        return len(self._peers.detector.healthy(nodes)) >= needed

    async def write(self, key: str, value: bytes | None, clock: Any, once: Once | None = None) -> bool:
        """A put or delete (None), coordinated here; True once W copies are durable.

        False leaves its fate open: what was stored stays, and hints will spread it.
        """
        name, config = self._runtime.name, self._config
        nodes = self._members.ring.preference_list(key)
        owners = nodes[: config.n]
        tally = WriteTally(config.w)
        if name in owners:
            others = [owner for owner in owners if owner != name]
            state = await self._replica.coordinate(key, value, clock, self._event(self._actor), others, once)
            tally.vote(name, name)
        else:
            # Not an owner, so this node has not held the key's whole state: a fresh actor for this one put.
            event = self._event(self._fresh_actor())
            state = await self._replica.coordinate_for(list(owners), key, value, clock, event, once)
            tally.vote(owners[0], name)
            others = list(owners[1:])
            self._handoff.owed(owners[0])
        await self._spread(key, state, nodes, others, tally)
        return tally.met

    async def confirm(self, key: str) -> bool:
        """A write that is durable here but may lack copies, once more: True once W are there. No new version.

        An owner for whom nothing is held any more has acknowledged it (4.6).
        """
        nodes = self._members.ring.preference_list(key)
        owners = nodes[: self._config.n]
        tally = WriteTally(self._config.w)
        waiting = [owner for owner in owners if self._replica.owes(owner, key)]
        for owner in owners:
            if owner not in waiting:
                tally.vote(owner, owner)
        if self._runtime.name not in owners and waiting:
            tally.vote(waiting.pop(0), self._runtime.name)
        await self._spread(key, self._replica.read(key), nodes, waiting, tally)
        return tally.met

    async def _spread(
        self, key: str, state: Any, nodes: tuple[str, ...], others: list[str], tally: WriteTally
    ) -> None:
        """Send the state to the other owners; ends when the tally is met, or out of time."""
        name, config = self._runtime.name, self._config
        spare = [node for node in nodes[config.n :] if node != name] if config.sloppy else []
        fallbacks = Fallbacks(self._peers.detector.healthy(spare))
        enough = self._runtime.future(config.request_timeout_s)
        sure = self._sure(others, spare)
        if not sure:
            await self._replica.flush()
        if tally.met:
            enough.resolve(True)
        for owner in others:
            replicate = self._replicate(owner, key, state, tally, enough, fallbacks, owner in sure)
            self._runtime.spawn(replicate)
        await enough

    def _sure(self, owners: list[str], spare: Sequence[str]) -> list[str]:
        """Whose copy counts only once it is durable: everybody's, but one's where writes are buffered (6.1).

        A healthy owner's, or one's for whom a healthy fallback stands in. Nobody's if there is neither: then
        it is this node that writes durably.
        """
        if self._config.buffering is None:
            return owners
        healthy = self._peers.detector.healthy(owners)
        if healthy:
            self._turn += 1  # in turn: nobody's disk gets more than its share
            return [healthy[self._turn % len(healthy)]]
        return owners[:1] if self._peers.detector.healthy(spare) else []

    async def _replicate(
        self,
        owner: str,
        key: str,
        state: Any,
        tally: WriteTally,
        enough: Future,
        fallbacks: Fallbacks,
        sure: bool,
    ) -> None:
        """One owner's copy: to the owner, or with a hint to the next healthy node, until somebody has it."""
        suspected = self._peers.detector.suspects(owner)
        node = (fallbacks.take() if suspected else None) or owner
        while True:
            hint_for = None if node == owner else owner
            if await self._peers.ask(node, ReplicaPut, key, state, hint_for, sure) is not None:
                tally.vote(owner, node)
                if tally.met:
                    enough.resolve(True)
                if node == owner and self._replica.delivered(owner, key, state):
                    return
                break
            if enough.done():
                if sure:
                    await self._replica.flush()  # nobody says that it has
                break
            node = fallbacks.take() or owner
        self._handoff.owed(owner)  # our own hint for this owner stays until it has what we hold

    def crowded(self, key: str, value: bytes | None, clock: Any) -> bool:
        """Whether this put would leave more siblings than the configuration allows."""
        limit = self._config.max_siblings
        if not limit or value is None:
            return False
        event = Event(self._actor, self._runtime.name, self._last_stamp + 1)
        return len(self._replica.after(key, value, clock, event)) > limit

    def can_count(self, key: str, clock: Any) -> bool:
        """Whether a put here gets a counter that can be stored, if need be under a new actor.

        Only what was forged says that this actor has counted so far: real puts never get there.
        """
        for _ in range(2):
            event = Event(self._actor, self._runtime.name, 0)
            if self._replica.counter(key, clock, event) <= COUNTED:
                return True
            self.renew_actor()
        return False

    def _fresh_actor(self) -> str:
        """A name in clocks that nobody used: 64 random bits, no counter that a disk or clock could repeat."""
        return f"{self._runtime.name}@{self._runtime.rng.getrandbits(64):016x}"

    def renew_actor(self) -> None:
        """Never count under the old one again."""
        self._actor = self._fresh_actor()

    def _moved(self, _ring: Ring) -> None:
        """A range may be ours again that we once let go: what we counted for its keys is not ours now."""
        self.renew_actor()

    def _event(self, actor: str) -> Event:
        """This write's place in time. A guard keeps stamps of one node rising when its clock jumps back."""
        self._last_stamp = max(self._last_stamp + 1, self._runtime.wall())
        return Event(actor, self._runtime.name, self._last_stamp)
