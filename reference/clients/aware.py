"""The partition-aware client (section 6.4): it knows the ring, so that no request takes an extra hop.

It pulls the membership from a random node every ten seconds, while it is used, and at once from a node that
says that its ring is another. Reads it coordinates itself: it asks the owners, R answers make the read, and
who is behind is repaired. Writes go straight to an owner, which coordinates them, because only a server may
count versions; in last-writer mode, where a timestamp does, it can write to the owners itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reference.clients.library import Client, Connections, Undelivered, Unknown, Values, outcome
from reference.config import NodeConfig
from reference.membership import View
from reference.messages import Gossip, GossipAnswer, OwnerGet, ReplicaGet, ReplicaPut, StaleRing, WriteDone
from reference.placement import place
from reference.quorum import Fallbacks, WriteTally
from reference.reading import Reading
from reference.ring import Ring
from reference.runtime import Future, Runtime
from reference.versions.modes import versions_for
from reference.versions.siblings import Context, Event

POLL_S = 10.0
_TRIES = 3
"""With a ring of its own; then a server decides."""


class AwareClient(Client):
    """A client that knows the ring."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        nodes: Sequence[str],
        timeout_s: float = 1.0,
        attempts: int = 1,
        direct_writes: bool = False,
        poll_s: float = POLL_S,
    ) -> None:
        """`direct_writes`: put copies on the owners itself. Raises ValueError but in last-writer mode."""
        super().__init__(runtime, config, nodes, timeout_s, attempts)
        if direct_writes and config.mode != "last-writer":
            raise ValueError("only mode last-writer lets a client write by itself: elsewhere servers count")
        self._direct = direct_writes
        self._poll_ns = int(poll_s * 1e9)
        self._polled_at: int | None = None
        self._view: View | None = None
        self._ring: Ring | None = None
        self._copies = _NoCopies(config)
        self._last_stamp = 0

    async def get(self, key: str, node: str | None = None) -> Values:
        """Read from the owners; through `node` if too few of them answer us. Raises NotDone or Unknown."""
        for _ in range(_TRIES):
            ring = await self._current_ring(node)
            if ring is None:
                break
            nodes = ring.preference_list(key)
            if not self._enough_healthy(nodes, self._config.r):
                break
            owners = _OwnersOf(self.peers, ring.id)
            reading = Reading(self._runtime, self._config, nodes, key, self._copies, owners)
            owners.enough = reading.enough
            await reading.enough
            if owners.stale is not None:
                await self._refresh(owners.stale)
                continue
            if not reading.tally.met:
                break
            if not self._config.reap_tombstones_s:  # a client that sleeps would bring back what was forgotten
                self._runtime.spawn(self._repair(reading))
            merged = reading.tally.merged
            return Values(tuple(merged.values()), Context(key, merged.clock(), reading.fastest))
        return await super().get(key, node)

    async def _write(self, key: str, value: bytes | None, context: Context | None, node: str | None) -> None:
        """Straight to an owner: the one that answered the read first, or the first that is healthy."""
        for _ in range(_TRIES):
            ring = await self._current_ring(node)
            if ring is None:
                break
            nodes = ring.preference_list(key)
            if not self.peers.detector.healthy(nodes):
                break
            if self._direct:
                return await self._write_directly(nodes, key, value)
            coordinator = self._coordinator(nodes, context)
            answer = await self._send_write(coordinator, key, value, context, ring.id)
            if isinstance(answer, WriteDone):
                return None
            if isinstance(answer, Undelivered):
                continue  # suspected from now on: another owner is next
            if not isinstance(answer, StaleRing):
                raise outcome(answer)
            await self._refresh(coordinator)
        return await super()._write(key, value, context, node)

    def _coordinator(self, nodes: tuple[str, ...], context: Context | None) -> str:
        detector = self.peers.detector
        fastest = context.coordinator if context is not None else None
        if fastest in nodes[: self._config.n] and not detector.suspects(fastest):
            return fastest
        return detector.healthy_first(nodes)[
            0
        ]  # where all owners are silent, another node that can reach them

    async def _write_directly(self, nodes: tuple[str, ...], key: str, value: bytes | None) -> None:
        """Stamped here, W durable copies on distinct nodes. An owner that is silent is owed by a fallback."""
        self._last_stamp = max(self._last_stamp + 1, self._runtime.wall())
        event = Event(self._id, self._runtime.name, self._last_stamp)
        versions = self._copies.versions
        state = versions.write(versions.empty, value, None, event)
        tally, n = WriteTally(self._config.w), self._config.n
        fallbacks = Fallbacks(self.peers.detector.healthy(nodes[n:]) if self._config.sloppy else [])
        enough = self._runtime.future(self._config.request_timeout_s)
        for owner in nodes[:n]:
            self._runtime.spawn(self._replicate(owner, key, state, tally, enough, fallbacks))
        await enough
        if not tally.met:
            raise Unknown(f"fewer than W={self._config.w} copies were confirmed in time")

    async def _replicate(
        self, owner: str, key: str, state: Any, tally: WriteTally, enough: Future, fallbacks: Fallbacks
    ) -> None:
        node: str | None = owner
        while node is not None:
            hint_for = None if node == owner else owner
            if await self.peers.ask(node, ReplicaPut, key, state, hint_for) is not None:
                tally.vote(owner, node)
                if tally.met:
                    enough.resolve(True)
                return
            node = fallbacks.take() or (None if enough.done() else owner)

    async def _repair(self, reading: Reading) -> None:
        """Read repair, as a server does it."""
        await reading.repair(self._runtime.name)

    def _enough_healthy(self, nodes: tuple[str, ...], needed: int) -> bool:
        voters = nodes if self._config.sloppy else nodes[: self._config.n]
        return len(self.peers.detector.healthy(voters)) >= needed

    async def _current_ring(self, node: str | None) -> Ring | None:
        """The ring as known; asked for before the first use, and now and then in the background."""
        now = self._runtime.now()
        if self._ring is None:
            await self._refresh(node or self._any_node())
        elif self._polled_at is None or now - self._polled_at >= self._poll_ns:
            self._runtime.spawn(self._refresh(self._any_node()))
        return self._ring

    async def _refresh(self, node: str) -> None:
        """Pull what this node knows of the membership that we do not."""
        self._polled_at = self._runtime.now()
        view = self._view
        answer = await self.peers.ask(node, Gossip, view.id if view else "", ())
        if not isinstance(answer, GossipAnswer) or not (answer.changes or view):
            return
        self._view = view.with_changes(answer.changes) if view else View(answer.changes)
        if self._view is not view:
            self._ring = place(self._view, self._config)
            self._nodes = list(self._ring.nodes)


class _NoCopies:
    """A client holds nothing itself."""

    def __init__(self, config: NodeConfig) -> None:
        self.versions = versions_for(config.mode, config.clock_limit)
        self.foreign: Callable[[str], bool] = lambda _: True

    def read(self, _key: str) -> Any:
        """Never asked: no client is in a preference list."""
        return self.versions.empty

    async def merge(self, key: str, state: Any, owed_to: Iterable[str] = (), durable: bool = True) -> bool:
        """Nor this."""
        del key, state, owed_to, durable
        return False


class _OwnersOf:
    """Nodes as one reading sees them: every question names our ring, and another ring ends the reading."""

    def __init__(self, peers: Connections, ring: str) -> None:
        self.detector = peers.detector
        self.stale: str | None = None
        """A node that has another ring."""
        self.enough: Future | None = None
        self._peers = peers
        self._ring = ring

    async def ask(self, node: str, kind: Any, *fields: Any, timeout_s: float | None = None) -> Any:
        """The answer, or None; a question what a node holds names the ring."""
        if kind is ReplicaGet:
            kind, fields = OwnerGet, (*fields, self._ring)
        answer = await self._peers.ask(node, kind, *fields, timeout_s=timeout_s)
        if not isinstance(answer, StaleRing):
            return answer
        self.stale = node
        if self.enough is not None:
            self.enough.resolve(None)
        return None
