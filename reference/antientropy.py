"""Replica synchronisation (section 4.7): pairs of owners compare Merkle trees, and repair what differs.

It repairs what hints cannot: copies that a disk lost. Every period a node goes through the peers whose name
is greater than its own; the other half of the pairs is theirs, so one round covers every pair once. Trees
are compared under one ring only: a peer with another one has other ranges, and answers that nothing
differs.
"""

from __future__ import annotations

from typing import Any

from reference.config import NodeConfig
from reference.merkle import DEPTH, MerkleTree, Path
from reference.messages import (
    CompareChildren,
    CompareLeaves,
    CompareRoots,
    Differences,
    Differing,
    ReplicaPut,
)
from reference.peers import Peers
from reference.replica import Replica
from reference.ring import Ring
from reference.runtime import Runtime

Place = tuple[int, Path]
"""(range, path in its tree)."""


class AntiEntropy:
    """The trees of this node's ranges, and rounds of comparison. `repairs` counts what they changed here."""

    def __init__(
        self, runtime: Runtime, config: NodeConfig, ring: Ring, replica: Replica, peers: Peers
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._replica = replica
        self._peers = peers
        self.repairs = 0
        self._ring = ring
        self._owners = ring.ranges(config.n)
        self._trees: dict[int, MerkleTree] = {}

    def use(self, ring: Ring) -> None:
        """From now on under this ring. Equal ranges keep their trees (strategies 2 and 3 always do)."""
        if self._ring.ends != ring.ends:
            self._trees.clear()
            self._replica.changed.update(dict.fromkeys(self._replica.copies))
        self._ring = ring
        self._owners = ring.ranges(self._config.n)

    async def run(self) -> None:
        """For ever, one round a period, out of step with the other nodes."""
        period_s = self._config.anti_entropy_s
        if not period_s:
            return
        await self._runtime.sleep(period_s * self._runtime.rng.random())
        while True:
            for peer in self._ring.nodes:
                if peer > self._runtime.name and not self._peers.detector.suspects(peer):
                    await self._peers.background_slice()
                    await self._with(peer)
            await self._runtime.sleep(period_s)

    async def _with(self, peer: str) -> None:
        """From the roots to the leaves, all ranges at once, then the states that differ."""
        ring = self._ring.id
        roots = tuple((index, self._tree(index).hash()) for index in self._common(peer))
        answer = await self._peers.ask(peer, CompareRoots, ring, roots)
        for level in range(DEPTH):
            if answer is None or not answer.places or ring != self._ring.id:
                return
            nodes = tuple(
                (index, path, self._tree(index).children(path))
                for index, path in answer.places
                if self._known(index) and len(path) == level
            )
            answer = await self._peers.ask(peer, CompareChildren, ring, nodes)
        if answer is None or not answer.places or ring != self._ring.id:
            return
        leaves = tuple(place for place in answer.places if len(place[1]) == DEPTH)
        digests = tuple(entry for place in leaves for entry in self._entries(place))
        found = await self._peers.ask(peer, CompareLeaves, ring, leaves, digests)
        if found is None:
            return
        for key, state in found.states:
            await self.take(key, state)
        for key in [key for key, _ in found.states] + list(found.wanted):
            await self._peers.ask(peer, ReplicaPut, key, self._replica.read(key), None)

    def compare_roots(self, message: CompareRoots) -> Differing:
        """Which ranges differ."""
        places: list[Place] = []
        if message.ring == self._ring.id:
            places = [(index, ()) for index, root in message.roots if self._differs(index, root)]
        return Differing(message.request, tuple(places))

    def compare_children(self, message: CompareChildren) -> Differing:
        """Which children differ."""
        places: list[Place] = []
        if message.ring == self._ring.id:
            for index, path, children in message.nodes:
                if self._known(index):
                    places += [(index, place) for place in self._tree(index).differing(path, children)]
        return Differing(message.request, tuple(places))

    def compare_leaves(self, message: CompareLeaves) -> Differences:
        """Our states where the digests differ or the asker lacks the key; the keys that we lack."""
        if message.ring != self._ring.id:
            return Differences(message.request, (), ())
        theirs = dict(message.digests)
        ours = dict(entry for place in message.leaves for entry in self._entries(place))
        states = self._replica.page(key for key, digest in ours.items() if theirs.get(key) != digest)
        return Differences(message.request, states, tuple(key for key in theirs if key not in ours))

    async def take(self, key: str, state: Any) -> None:
        """Merge what a peer holds; durable when this returns. Not if the ring has taken the key from us."""
        if not self._replica.foreign(key) and await self._replica.merge(key, state):
            self.repairs += 1

    def root(self, index: int) -> int:
        """The root hash of one range, for those who look on."""
        return self._tree(index).hash()

    def _common(self, peer: str) -> list[int]:
        name = self._runtime.name
        return [index for index, owners in enumerate(self._owners) if name in owners and peer in owners]

    def _known(self, index: int) -> bool:
        """Whether the ring has such a range: a tree of another one would compare nothing, and stay."""
        return index < len(self._owners)

    def _differs(self, index: int, root: int) -> bool:
        return self._known(index) and self._tree(index).hash() != root

    def _entries(self, place: Place) -> list[tuple[str, bytes]]:
        return self._tree(place[0]).entries(place[1]) if self._known(place[0]) else []

    def _tree(self, index: int) -> MerkleTree:
        """The tree of a range, with all that changed since anybody looked taken in."""
        if self._replica.changed:
            changed, copies = list(self._replica.changed), self._replica.copies
            self._replica.changed.clear()
            for key in changed:
                state = copies.get(key)
                tree = self._trees.setdefault(self._ring.range_of(key), MerkleTree())
                tree.update(key, None if state is None else state.digest())
        return self._trees.setdefault(index, MerkleTree())
