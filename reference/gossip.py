"""What this node knows of the members, how it tells others, and what a change obliges it to (4.8, 4.9).

Every period a node tells a random member what it knows, so that a change reaches all. When a node learns of
one it at once uses the new ring and, in the same durable batch, owes the keys it holds to whoever owns them
now and may not have them. A node that is no owner any more keeps its copies until all owners have
acknowledged them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reference.config import NodeConfig
from reference.membership import GONE, JOINING, LEAVING, UP, Change, View
from reference.messages import Gossip, GossipAnswer
from reference.peers import Peers
from reference.placement import place
from reference.replica import Replica
from reference.ring import Ring
from reference.runtime import Runtime


class Members:
    """The view and the ring of one node."""

    def __init__(
        self, runtime: Runtime, config: NodeConfig, view: View, replica: Replica, peers: Peers
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._replica = replica
        self._peers = peers
        self._name = runtime.name
        self.view = view.with_changes(replica.decisions)
        self.ring: Ring = place(self.view, config)
        self.moved: list[Callable[[Ring], None]] = []
        """Called at once with each new ring."""
        self.owing: list[Callable[[], None]] = []
        """Called when something may be owed to others."""
        replica.foreign = lambda key: self._name not in self.owners(key)

    def owners(self, key: str) -> tuple[str, ...]:
        """The N primaries of a key, by what this node knows."""
        return self.ring.preference_list(key)[: self._config.n]

    def status(self, name: str) -> str | None:
        """A node's place in the cluster: joining, up, leaving, gone, or None."""
        member = self.view.members.get(name)
        return member.status if member else None

    def gone(self, name: str) -> bool:
        """Whether nothing can be delivered to this node any more."""
        return self.status(name) in (GONE, None)

    def peers(self) -> list[str]:
        """Everybody else who may have to know of a change."""
        return [m.name for m in self.view.having(JOINING, UP, LEAVING) if m.name != self._name]

    async def resume(self) -> None:
        """After a start: what is held for others is owed, and so are copies that belong to others now."""
        await self._learnt((), dict.fromkeys(self._replica.held(), ()))

    async def run(self) -> None:
        """Tell somebody, every period, for ever."""
        rng, period_s = self._runtime.rng, self._config.gossip_period_s
        while True:
            await self._runtime.sleep(period_s * (0.5 + rng.random()))
            peers = self.peers()
            if peers:
                await self.tell(peers[int(rng.random() * len(peers))])

    async def tell(self, peer: str) -> bool:
        """Exchange what both know with one peer; False if it does not answer."""
        answer = await self._peers.ask(peer, Gossip, self.view.id, ())
        if answer is not None and answer.view != self.view.id:
            await self.learn(answer.changes)
            answer = await self._peers.ask(peer, Gossip, self.view.id, self.view.changes)
        return answer is not None

    async def hear(self, message: Gossip) -> GossipAnswer:
        """Take in what the peer knows, and say what we know if that is something else."""
        await self.learn(message.changes)
        changes = () if message.view == self.view.id else self.view.changes
        return GossipAnswer(message.request, self.view.id, changes)

    async def decide(self, status: str, node: str, **details: object) -> Change:
        """An operator's decision, or our own about ourselves. Raises ValueError as `allow` does."""
        self.allow(status, node)
        change = self.view.decide(self._name, status, node, **details)
        await self.learn((change,))
        return change

    def allow(self, status: str, node: str) -> None:
        """Raises ValueError if such a change would have no effect, or leave fewer than N nodes."""
        self.view.decide(self._name, status, node)
        left = [member.name for member in self.view.having(UP) if member.name != node]
        if status in (LEAVING, GONE) and len(left) < self._config.n:
            raise ValueError(f"without {node} there would be fewer than N={self._config.n} nodes")

    async def learn(self, changes: Iterable[Change]) -> None:
        """Use the new ring from now on; whatever it makes us owe is durable together with the change."""
        view = self.view.with_changes(changes)
        if view is self.view:
            return
        known = dict.fromkeys(self.view.changes)
        before = {key: self.owners(key) for key in self._replica.held()}
        self.view = view
        self.ring = place(view, self._config)
        for moved in self.moved:
            moved(self.ring)
        await self._learnt([change for change in view.changes if change not in known], before)

    async def _learnt(self, fresh: Iterable[Change], before: dict[str, tuple[str, ...]]) -> None:
        """Owe each key to its owners: all of them if we are none, else those that were none before."""
        owed: list[tuple[str, str]] = []
        for key, old in before.items():
            owners = self.owners(key)
            ours = self._name in owners and (old or owners)
            owed += [(owner, key) for owner in owners if owner != self._name and owner not in (ours or ())]
        await self._replica.decide(fresh, owed)
        for owing in self.owing:
            owing()
