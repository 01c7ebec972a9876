"""Hinted handoff (section 4.6): what is held for an owner goes to it as soon as it answers.

One delivery a time for each owner, with a back-off while it is silent, and no more than admission control
lets through: a node that comes back does not drown in the hints of all others. A hint is forgotten only when
the owner has acknowledged, durable, exactly the state that is held. Hints for a node that left the cluster
go to today's owners instead.
"""

from __future__ import annotations

from reference.config import NodeConfig
from reference.gossip import Members
from reference.messages import ReplicaPut
from reference.peers import Peers
from reference.replica import Replica
from reference.runtime import Runtime


class Handoff:
    """Deliveries under way, one an owner."""

    def __init__(
        self, runtime: Runtime, config: NodeConfig, members: Members, replica: Replica, peers: Peers
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._members = members
        self._replica = replica
        self._peers = peers
        self._delivering: dict[str, bool] = {}

    def resume(self) -> None:
        """After a start: whatever the disk still holds for others is owed to them."""
        for owner in sorted(self._replica.hints):
            self.owed(owner)

    def owed(self, owner: str) -> None:
        """Something is held for this owner: see that it is delivered."""
        if owner not in self._delivering:
            self._delivering[owner] = True
            self._runtime.spawn(self._deliver(owner))

    async def _deliver(self, owner: str) -> None:
        backoff_s = self._config.hint_backoff_min_s
        while self._replica.hints.get(owner):
            if self._members.gone(owner):
                owners = self._members.owners
                for other in await self._replica.readdress(owner, owners, self._runtime.name):
                    self.owed(other)
            await self._runtime.sleep(backoff_s)
            if await self._deliver_once(owner):
                backoff_s = self._config.hint_backoff_min_s
            else:
                backoff_s = min(2 * backoff_s, self._config.hint_backoff_max_s)
        del self._delivering[owner]

    async def _deliver_once(self, owner: str) -> bool:
        """Each hint in turn; stops at the first that is not acknowledged."""
        for key, state in list(self._replica.hints.get(owner, {}).items()):
            await self._peers.background_slice()
            if await self._peers.ask(owner, ReplicaPut, key, state) is None:
                return False
            self._replica.delivered(owner, key, state)
        return True
