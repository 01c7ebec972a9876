"""Joining and leaving (section 4.9): a joiner collects its ranges first, a leaver hands its own over.

A joiner asks every owner for the keys that will be its own; what it holds already it does not fetch (the
paper's confirmation round), so nothing is transferred twice. Only then does it declare itself up. Writes
that happen meanwhile are not missed: when the owners learn that it is up, they owe it whatever they hold. A
leaver owns nothing from the moment at which it knows; it is gone when everything it held is acknowledged by
the owners.
"""

from __future__ import annotations

from reference.config import NodeConfig
from reference.gossip import Members
from reference.membership import GONE, JOINING, LEAVING, UP
from reference.messages import Collect, Collected, Fetch, Fetched
from reference.peers import Peers
from reference.placement import place
from reference.replica import Replica
from reference.runtime import Runtime

PAGE = 256
"""Keys a page."""


class Transfer:
    """What one node does while it joins or leaves, and what it answers to joiners."""

    def __init__(
        self, runtime: Runtime, config: NodeConfig, members: Members, replica: Replica, peers: Peers
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._members = members
        self._replica = replica
        self._peers = peers
        self.under_way = 0
        """Sources that this node still collects from."""

    async def run(self) -> None:
        """Watch our own status, and do what it asks for."""
        name = self._runtime.name
        while True:
            status = self._members.status(name)
            if status == JOINING and await self._collect_all():
                await self._announce(UP, name)
            elif status == LEAVING and await self._all_know() and self._empty():
                await self._announce(GONE, name)
            await self._runtime.sleep(self._config.gossip_period_s)

    async def _all_know(self) -> bool:
        """Everybody who answers has our view, and nobody waits any more for a vote of ours."""
        view = self._members.view.id
        for peer in self._members.peers():
            await self._members.tell(peer)
        await self._runtime.sleep(self._config.request_timeout_s)
        return view == self._members.view.id

    def _empty(self) -> bool:
        return not self._replica.held() and not self._replica.hint_count

    async def _announce(self, status: str, name: str) -> None:
        try:
            await self._members.decide(status, name, drained=True)
        except ValueError:
            return  # an operator has decided otherwise meanwhile
        for peer in self._members.peers():
            await self._members.tell(peer)

    async def _collect_all(self) -> bool:
        """From every owner that answers; False if one knows another view, or none answered."""
        sources = [member.name for member in self._members.view.having(UP)]
        self.under_way = len(sources)
        answered = 0
        for source in sources:
            if not await self._members.tell(source):
                continue  # down: what it holds, the other owners hold or have hints for
            if not await self._collect(source):
                return False
            answered += 1
            self.under_way -= 1
        self.under_way = 0
        return answered > 0

    async def _collect(self, source: str) -> bool:
        view, after, more = self._members.view.id, "", True
        while more:
            await self._peers.background_slice()
            page = await self._peers.ask(source, Collect, view, after)
            if page is None or not page.ready:
                return False
            copies = self._replica.copies
            lacking = [
                key for key, digest in page.entries if key not in copies or copies[key].digest() != digest
            ]
            if lacking and not await self._fetch(source, lacking):
                return False
            last = page.entries[-1][0] if page.entries else ""
            if page.more and last <= after:
                return False  # it would never end
            after, more = last, page.more
        return True

    async def _fetch(self, source: str, keys: list[str]) -> bool:
        """These keys, as many at a time as the source sends; gone ones excepted."""
        while keys:
            fetched = await self._peers.ask(source, Fetch, tuple(keys))
            if fetched is None:
                return False
            for key, state in fetched.states:
                await self._replica.merge(key, state)
            got = {key: None for key, _ in fetched.states}
            keys = [key for key in keys if key not in got] if got else []
        return True

    def collected(self, joiner: str, message: Collect) -> Collected:
        """A page of what the joiner will own and we own, by key."""
        if message.view != self._members.view.id:
            return Collected(message.request, False, (), False)
        future, n = place(self._members.view, self._config, joining_too=True), self._config.n
        keys = [
            key
            for key in sorted(self._replica.copies)
            if key > message.after and joiner in future.preference_list(key)[:n]
        ]
        page = tuple((key, self._replica.copies[key].digest()) for key in keys[:PAGE])
        return Collected(message.request, True, page, len(keys) > PAGE)

    def fetched(self, message: Fetch) -> Fetched:
        """The states asked for."""
        return Fetched(message.request, self._replica.page(message.keys))
