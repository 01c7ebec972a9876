"""A client's side of the store (section 6.4), server-driven: any node is asked, and that node coordinates.

It runs over the same Runtime as a node (and needs no disk). Writes are numbered, so that a copy of one that
the network makes, or this client's own repetition, does not write twice. A write is repeated at the node that
had it first and nowhere else, since nobody else can know what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reference.clients.reconcile import Reconciler
from reference.config import NodeConfig
from reference.messages import (
    ClientGet,
    ClientValues,
    ClientWrite,
    Failed,
    Ping,
    Pong,
    Rejected,
    RequestId,
    WriteDone,
)
from reference.peers import Peers
from reference.requests import Once
from reference.runtime import Runtime
from reference.versions.siblings import Context


class NotDone(Exception):
    """Certainly nothing happened: no node had the request, or it was refused before anything was written."""


class Unknown(Exception):
    """No answer, or none that tells: a write may have happened, or may yet."""


class Undelivered(NamedTuple):
    """The transport's word that nobody listened: the request reached no process."""

    request: RequestId


class Values(NamedTuple):
    """What a get returned: all siblings, and the context for the write that replaces them."""

    siblings: tuple[bytes, ...]
    context: Context


class Connections(Peers):
    """Conversations with nodes; the transport may say that a request was not delivered."""

    def refused(self, _node: str, message: Any) -> None:
        """Nobody listened at this node."""
        waiting = self._waiting.get(message.request)
        if waiting is not None:
            waiting[0].resolve(Undelivered(message.request))

    async def tell(self, node: str, kind: Any, *fields: Any, timeout_s: float) -> Any:
        """Like `ask`, but what was not delivered is `Undelivered`."""
        reply = await super().ask(node, kind, *fields, timeout_s=timeout_s)
        if isinstance(reply, Undelivered):
            self._unanswered(node)
        return reply

    async def ask(self, node: str, kind: Any, *fields: Any, timeout_s: float | None = None) -> Any:
        """The answer, or None."""
        reply = await self.tell(node, kind, *fields, timeout_s=timeout_s or self._config.replica_timeout_s)
        return None if isinstance(reply, Undelivered) else reply


class Client:
    """One client. `nodes` are those that it may ask; `timeout_s` bounds each operation."""

    def __init__(
        self,
        runtime: Runtime,
        config: NodeConfig,
        nodes: Sequence[str],
        timeout_s: float = 1.0,
        attempts: int = 1,
    ) -> None:
        """`attempts`: how often a write is sent at most; they share the time."""
        epoch = runtime.rng.getrandbits(64)
        self.peers = Connections(runtime, config, epoch)
        self.attempts = 1
        """How often the last write was sent."""
        self._runtime = runtime
        self._config = config
        self._nodes = list(nodes)
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._id = f"{runtime.name}/{epoch:016x}"
        self._number = 0
        self._open: dict[int, None] = {}
        self._epochs: dict[str, int] = {}

    def receive(self, sender: str, message: Any) -> None:
        """An answer arrived."""
        self.peers.answer(sender, message)

    async def get(self, key: str, node: str | None = None) -> Values:
        """Read, through this node (default: one that answers). Raises NotDone or Unknown."""
        node = node or self._any_node()
        answer = await self.peers.tell(node, ClientGet, key, timeout_s=self._timeout_s)
        if not isinstance(answer, ClientValues):
            raise outcome(answer)
        return Values(answer.values, answer.context)

    async def put(self, key: str, value: bytes, context: Context | None, node: str | None = None) -> None:
        """Write; None is a blind write. Raises NotDone or Unknown."""
        await self._write(key, value, context, node)

    async def delete(self, key: str, context: Context, node: str | None = None) -> None:
        """Delete what the context covers. Raises NotDone or Unknown."""
        await self._write(key, None, context, node)

    async def update(
        self, key: str, reconcile: Reconciler, change: Callable[[bytes], bytes], node: str | None = None
    ) -> bytes:
        """Read, merge the siblings, change, write with the context; the value written."""
        seen = await self.get(key, node)
        value = change(reconcile(seen.siblings))
        await self.put(key, value, seen.context, node)
        return value

    async def _write(self, key: str, value: bytes | None, context: Context | None, node: str | None) -> None:
        node = node or self._any_node()
        answer = await self._send_write(node, key, value, context, None)
        if not isinstance(answer, WriteDone):
            raise outcome(answer)

    async def _send_write(
        self, node: str, key: str, value: bytes | None, context: Context | None, ring: str | None
    ) -> Any:
        """One write at one node, repeated there while it does not answer; the answer."""
        known = await self._epoch_of(node) if self._attempts > 1 else None
        attempts = 1 if known is None else self._attempts
        self._number += 1
        number = self._number
        self._open[number] = None
        answer: Any = None
        for attempt in range(attempts):
            once = Once(self._id, number, min(self._open) - 1, known if attempt else None)
            self.attempts = attempt + 1
            fields = (key, value, context, once, ring)
            answer = await self.peers.tell(node, ClientWrite, *fields, timeout_s=self._timeout_s / attempts)
            if isinstance(answer, Undelivered) and attempt:
                answer = None  # this sending was in vain, but what about those before?
            if answer is not None:
                break
        del self._open[number]
        if isinstance(answer, Undelivered | Failed) or answer is None:
            self._epochs.pop(node, None)
        return answer

    async def _epoch_of(self, node: str) -> int | None:
        """Which incarnation serves there, as far as known: asked before the first write."""
        if node not in self._epochs:
            answer = await self.peers.ask(node, Ping)
            if isinstance(answer, Pong):
                self._epochs[node] = answer.epoch
        return self._epochs.get(node)

    def _any_node(self) -> str:
        """A random node that is not known to be silent."""
        healthy = self.peers.detector.healthy(self._nodes) or self._nodes
        return healthy[int(self._runtime.rng.random() * len(healthy))]


def outcome(answer: Any) -> Exception:
    """The table of errors: what each answer that is no success means."""
    if answer is None:
        return Unknown("timeout")
    if isinstance(answer, Undelivered):
        return NotDone("connection refused")
    if isinstance(answer, Rejected):
        return NotDone(answer.reason)
    if isinstance(answer, Failed):
        return Unknown(answer.reason)
    return TypeError(f"an answer that no table knows: {answer!r}")
