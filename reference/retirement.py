"""Retiring actors and reaping tombstones: clocks forget who will never count again, and empty keys go.

A clock grows by one entry with every restart of a coordinator and every write of a fallback, and a deleted
key leaves its clock behind for ever. What a clock forgets must be nowhere any more: a single old copy, hint
or message would bring dead versions back. So, for a key that has not changed for `reap_tombstones_s`, its
first primary asks every member (not only the owners) whether it holds exactly this state, or nothing if it
is no owner, durable and with nothing on its way. Only if all agree are the owners told to drop the entries
of actors that are nobody's now and have no version alive; a state that becomes empty is forgotten. A member
whose own actor has an entry in a clock without a living version takes a new actor before it agrees, since it
must never count on from 1 (reference/coordinator.py). Each owner looks once more at what it drops.

An owner that was not reached keeps the whole clock; the next exchange gives the entries back to the others,
and the next attempt takes them from all. Late messages meet the floor (reference/floors.py), which all
members keep for `floor_s`: longer than any message, hint or pause should last.

It is off by default because "should" is all that can be said. A message that a network holds back longer, a
hint for an owner that is down longer, a disk that goes back to an old state, a node that comes back with an
old disk after it had been removed: each can revive what was deleted. Without it nothing can, and a deleted
key costs a few dozen bytes. The paper has no deletes at all; it cuts clocks at ten entries instead (4.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reference.config import NodeConfig
from reference.coordinator import Coordinator
from reference.floors import Floor, floor_of, retirable, without
from reference.gossip import Members
from reference.messages import Compact, Compacted, Confirm, Confirmed, Shortened
from reference.peers import Peers
from reference.replica import Replica
from reference.runtime import Runtime

PAGE = 64
"""Keys a question."""
_LOOKS = 4
"""How often in `reap_tombstones_s` a node looks through its keys."""


class Retirement:
    """What one node does as the first primary of its keys, and what it answers to others'."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        members: Members,
        replica: Replica,
        peers: Peers,
        coordinator: Coordinator,
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._members = members
        self._replica = replica
        self._peers = peers
        self._coordinator = coordinator
        self._unchanged: dict[str, tuple[Any, int]] = {}
        """key -> its state and since when it is that, or since when all members refused to let go of it."""
        self.compacted = 0
        """Copies that were cut down here."""

    async def run(self) -> None:
        """For ever, unless the mode is off."""
        period_s = self._config.reap_tombstones_s
        while period_s:
            await self._runtime.sleep(period_s / _LOOKS * (0.5 + self._runtime.rng.random()))
            self._replica.expire_floors()
            ripe = self._ripe()
            for first in range(0, len(ripe), PAGE):
                await self._peers.background_slice()
                await self._retire(ripe[first : first + PAGE])

    def _ripe(self) -> list[str]:
        """Keys of which this node is the first primary, long unchanged, with something to forget."""
        now, period_ns = self._runtime.now(), int(self._config.reap_tombstones_s * 1e9)
        name, preference_list = self._runtime.name, self._members.ring.preference_list
        before, self._unchanged, ripe = self._unchanged, {}, []
        for key, state in self._replica.copies.items():
            if preference_list(key)[0] != name or not retirable(state):
                continue
            known, since = before.get(key, (None, now))
            self._unchanged[key] = (state, since if known is state else now)
            if known is state and now - since >= period_ns:
                ripe.append(key)
        return ripe

    async def _retire(self, keys: Sequence[str]) -> None:
        """Ask everybody, tell everybody; whoever does not answer stops it."""
        copies, view = self._replica.copies, self._members.view.id
        others = self._members.peers()
        if self._peers.detector.suspected():
            return
        states = {key: copies[key] for key in keys if key in copies}
        asked = tuple(
            (key, state.digest(), () if state.versions else tuple(sorted(state.vector)))
            for key, state in states.items()
        )
        actors: dict[str, None] = {}
        for member in (self._runtime.name, *others):
            question = Confirm((0, 0), view, asked)
            answer = (
                await self.confirm(question)
                if member == self._runtime.name
                else await self._peers.ask(member, Confirm, view, asked)
            )
            if answer is None:
                return
            agreed = dict.fromkeys(answer.keys)
            asked = tuple(entry for entry in asked if entry[0] in agreed)
            actors.update(dict.fromkeys(answer.actors))
            if not asked:
                return
        shorter = []
        for key, digest, _ in asked:
            self._unchanged.pop(key, None)  # whatever comes of it, not again before another period
            leaving = tuple(actor for actor in retirable(states[key]) if actor not in actors)
            if leaving:
                floor = floor_of(states[key])
                shorter.append(Shortened(key, digest, leaving, floor.vector, floor.alive))
        if not shorter:
            return
        await self.compact(Compact((0, 0), view, tuple(shorter)))
        for member in others:
            await self._peers.ask(member, Compact, view, tuple(shorter))

    async def confirm(self, message: Confirm) -> Confirmed:
        """To which of these keys this node agrees, and under which actor it counts from now on."""
        replica, coordinator = self._replica, self._coordinator
        await replica.flush_notes()  # a hint whose end is not durable yet could come back
        agreed: list[str] = []
        if message.view == self._members.view.id:
            for key, digest, spent in message.keys:
                if self._holds(key, digest):
                    agreed.append(key)
                    if coordinator.actor in spent:
                        coordinator.renew_actor()
        return Confirmed(message.request, (coordinator.actor,), tuple(agreed))

    async def compact(self, message: Compact) -> Compacted:
        """All members agreed. Here it is looked at once more: what changed since stays as it is."""
        if message.view == self._members.view.id and self._config.mode == "dotted":
            for entry in message.entries:
                floor = Floor(entry.vector, entry.alive)
                state: Any = self._replica.copies.get(entry.key)
                held = state is not None and self._holds(entry.key, entry.digest)
                if held and self._coordinator.actor not in entry.leaving:
                    await self._replica.retire(entry.key, floor, without(state, entry.leaving))
                    self.compacted += 1
                else:
                    await self._replica.lay_floor(entry.key, floor)
        return Compacted(message.request)

    def _holds(self, key: str, digest: bytes) -> bool:
        """As an owner exactly this state, else nothing; and nothing on its way, nor for others."""
        if not self._replica.quiet(key):
            return False
        copy = self._replica.copies.get(key)
        if self._runtime.name in self._members.owners(key):
            return copy is not None and copy.digest() == digest
        return copy is None
