"""A client's write at the node that it reached (4.5 and 5): coordinated here, or handed to one other.

The coordinator is one of the key's first N healthy nodes. A node that is none hands the write to the owner
that answered the preceding read first, or else to the first of them that answers a ping, and to one only.

Section 5 wants that coordinator because it has the data that the read saw, which makes it likelier that
clients read their own writes. An owner that receives such a write keeps it all the same. What it stores
replaces exactly what the context covers whether or not it has seen it; and a client that sent its read here
had it answered here first, without a message, so that the fastest replier is this node already. Only a client
that reads at one owner and writes at another would gain by the hop, and every write of it would pay for it.
"""

from __future__ import annotations

from collections.abc import Awaitable

from reference.config import NodeConfig
from reference.coordinator import Coordinator
from reference.gossip import Members
from reference.messages import ClientWrite, Failed, Forward, Rejected, RequestId, StaleRing, WriteDone
from reference.peers import Peers
from reference.replica import Replica
from reference.requests import Once
from reference.runtime import Runtime

Outcome = WriteDone | Rejected | Failed | StaleRing
_FORWARDS_REMEMBERED = 4096


class Writing:
    """Writes at one node. `epoch` names this incarnation."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        members: Members,
        replica: Replica,
        peers: Peers,
        coordinator: Coordinator,
        epoch: int,
    ) -> None:
        self._runtime = runtime
        self._config = config
        self._members = members
        self._replica = replica
        self._peers = peers
        self._coordinator = coordinator
        self._epoch = epoch
        self._forwards: dict[RequestId, bool] = {}

    async def client(self, client: str, message: ClientWrite) -> None:
        """A client's write arrived; its answer."""
        began = self._runtime.now()
        outcome = self._unfit(message) or await self._carry_out(message)
        self._peers.served(began)
        self._runtime.send(client, outcome._replace(request=message.request))

    async def forwarded(self, sender: str, message: Forward) -> None:
        """A forwarded write is coordinated here and never forwarded again; a duplicate is dropped."""
        if message.request in self._forwards:
            return
        self._forwards[message.request] = True
        if len(self._forwards) > _FORWARDS_REMEMBERED:
            del self._forwards[next(iter(self._forwards))]
        self._runtime.send(sender, await self._coordinate(message, None))

    def _unfit(self, message: ClientWrite) -> Rejected | None:
        """Requests that are refused wherever they are sent."""
        if message.context is not None and message.context.key != message.key:
            return Rejected(message.request, f"the context belongs to key {message.context.key}", False)
        if message.value is None and message.context is None:
            return Rejected(message.request, "a delete needs the context of a get", False)
        if message.value is not None and len(message.value) > self._config.max_object_bytes:
            return Rejected(message.request, f"larger than {self._config.max_object_bytes} bytes", False)
        return None

    def _carry_out(self, message: ClientWrite) -> Awaitable[Outcome]:
        return self._anew(message) if message.once is None else self._once(message)

    async def _once(self, message: ClientWrite) -> Outcome:
        """However often this write arrives, it is carried out once, and all copies get its one answer.

        A refusal, too: the client has been told that nothing happened, and a later copy must not belie it.
        """
        once, requests = message.once, self._replica.requests
        assert once is not None
        entry = requests.entry(once)
        if entry is None:
            return Failed(message.request, "the client said that this write is over")
        if entry.underway is not None:
            return await entry.underway  # type: ignore[no-any-return]
        if entry.answer is not None and (not entry.written or isinstance(entry.answer, WriteDone)):
            return entry.answer  # type: ignore[no-any-return]
        if not entry.written and not requests.complete(once, self._epoch):
            entry.answer = Failed(message.request, "this node started again: it cannot know whether it wrote")
            return entry.answer  # type: ignore[no-any-return]
        entry.underway = self._runtime.future()
        answer = await (self._confirm(message) if entry.written else self._anew(message))
        underway, entry.underway, entry.answer = entry.underway, None, answer
        underway.resolve(answer)
        return answer

    async def _confirm(self, message: ClientWrite) -> Outcome:
        """It was written here before; all that is missing is W copies of what this node holds since."""
        if await self._coordinator.confirm(message.key):
            return WriteDone(message.request)
        return self._unconfirmed(message)

    def _anew(self, message: ClientWrite) -> Awaitable[Outcome]:
        return self._somewhere(message) if message.ring is None else self._under_one_ring(message)

    async def _under_one_ring(self, message: ClientWrite) -> Outcome:
        ring = self._members.ring.id
        return await self._somewhere(message) if message.ring == ring else StaleRing(message.request, ring)

    async def _somewhere(self, message: ClientWrite) -> Outcome:
        nodes = self._members.ring.preference_list(message.key)
        name, owners = self._runtime.name, nodes[: self._config.n]
        if name in owners:
            return await self._coordinate(message, message.once)
        fastest = message.context.coordinator if message.context is not None else None
        for node in self._candidates(nodes, fastest):
            if node == name:
                return await self._coordinate(message, message.once)
            if await self._peers.reachable(node):
                fields = (message.key, message.value, message.context)
                timeout_s = self._config.request_timeout_s * 1.5
                answer = await self._peers.ask(node, Forward, *fields, timeout_s=timeout_s)
                return answer or Failed(message.request, f"{node} did not answer a forwarded write")
        return Rejected(message.request, "no node that may coordinate this key answers", True)

    def _candidates(self, nodes: tuple[str, ...], fastest: str | None) -> list[str]:
        """Who may coordinate, in the order in which to try. A hint that does not fit today costs nothing."""
        detector, owners = self._peers.detector, nodes[: self._config.n]
        order = detector.healthy(nodes) if self._config.sloppy else detector.healthy_first(owners)
        if fastest in owners and fastest in order and not detector.suspects(fastest):
            order.remove(fastest)
            order.insert(0, fastest)
        return order

    async def _coordinate(self, message: ClientWrite | Forward, once: Once | None) -> Outcome:
        coordinator = self._coordinator
        if not coordinator.enough_healthy(message.key, self._config.w):
            return Rejected(message.request, f"fewer than W={self._config.w} healthy nodes", True)
        clock = message.context.clock if message.context is not None else None
        if not coordinator.can_count(message.key, clock):
            return Rejected(message.request, "the context's counters leave no room to count on", False)
        if coordinator.crowded(message.key, message.value, clock):
            reason = (
                f"{self._config.max_siblings} values stand side by side: get them, put with their context"
            )
            return Rejected(message.request, reason, False)
        if await coordinator.write(message.key, message.value, clock, once):
            return WriteDone(message.request)
        return self._unconfirmed(message)

    def _unconfirmed(self, message: ClientWrite | Forward) -> Failed:
        return Failed(message.request, f"fewer than W={self._config.w} copies were confirmed in time")
