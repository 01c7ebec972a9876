"""Clients of the system `dynamo` in the simulation: the reference's own library, and a lean one.

Both speak to the nodes through the simulated network; values are bytes there and text to the workload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.errors import HarnessError, Refused, Unanswered, UsageError
from harness.systems.system import Reply
from harness.testbeds.sim.client import SimClientRuntime
from harness.testbeds.sim.kernel import Future
from harness.testbeds.sim.testbed import SimTestbed
from reference.clients.aware import AwareClient
from reference.clients.library import Client, NotDone, Unknown
from reference.config import NodeConfig
from reference.messages import ClientGet, ClientValues, ClientWrite, Rejected, WriteDone

KINDS = ("server", "aware")
OPTIONS = {
    "client": "who coordinates: server (the node that is asked), or aware (the client knows the ring: it "
    "reads from the owners and writes to one, 6.4); default server",
    "client_ids": "clients number their writes, so that one that arrives twice is written once; links to "
    "clients may then duplicate, too; default False, always so for aware and client_attempts > 1",
    "record_clocks": "write the store's own vectors into the history, for clock-audit; default False",
    "client_attempts": "how often a client sends a write that is not answered, to the same node; default 1",
}
_REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """What a plan says of the clients."""

    client: str = "server"
    client_ids: bool = False
    client_attempts: int = 1
    record_clocks: bool = False

    @classmethod
    def taken_from(cls, config: dict[str, Any]) -> tuple[ClientOptions, dict[str, Any]]:
        """These options, and the rest of the mapping. Raises UsageError, naming the option."""
        ours = {name: config[name] for name in OPTIONS if name in config}
        options = cls(**ours)
        if options.client not in KINDS:
            raise UsageError(
                f"system dynamo: config: client: `{options.client}` is none of {', '.join(KINDS)}"
            )
        for name in ("client_ids", "record_clocks"):
            if not isinstance(given := getattr(options, name), bool):
                raise UsageError(f"system dynamo: config: {name}: expected bool, got {given!r}")
        attempts = options.client_attempts
        if isinstance(attempts, bool) or not isinstance(attempts, int) or not 1 <= attempts <= 10:
            raise UsageError(f"system dynamo: config: client_attempts: expected 1 to 10, got {attempts!r}")
        return options, {name: value for name, value in config.items() if name not in OPTIONS}

    @property
    def numbered(self) -> bool:
        """Whether clients number their writes."""
        return self.client_ids or self.client == "aware" or self.client_attempts > 1


class DynamoClient:
    """The lean one: speaks to whichever node it is told to, and sends everything once."""

    def __init__(self, testbed: SimTestbed, name: str, timeout_s: float) -> None:
        self._kernel = testbed.kernel
        self._send = testbed.network.send
        self._name = name
        self._timeout_s = timeout_s
        self._counter = 0
        self._waiting: dict[tuple[int, int], Future[Any]] = {}
        testbed.attach(name, self._receive)

    async def get(self, key: str, node: str) -> Reply:
        """Read."""
        answer = await self._ask(node, ClientGet, key)
        if not isinstance(answer, ClientValues):
            raise _outcome(answer)
        return Reply([value.decode() for value in answer.values], answer.context)

    async def put(self, key: str, value: str, context: Any | None, node: str) -> None:
        """Write."""
        answer = await self._ask(node, ClientWrite, key, value.encode(), context)
        if not isinstance(answer, WriteDone):
            raise _outcome(answer)

    async def delete(self, key: str, context: Any, node: str) -> None:
        """Delete what the context covers."""
        answer = await self._ask(node, ClientWrite, key, None, context)
        if not isinstance(answer, WriteDone):
            raise _outcome(answer)

    async def _ask(self, node: str, kind: Any, *fields: Any) -> Any:
        self._counter += 1
        request = (0, self._counter)
        answer = self._waiting[request] = self._kernel.future(self._timeout_s)
        self._send(self._name, node, kind(request, *fields), self._refused)
        reply = await answer
        del self._waiting[request]
        return reply

    def _receive(self, _sender: str, message: Any) -> None:
        waiting = self._waiting.get(message.request)
        if waiting is not None:
            waiting.resolve(message)

    def _refused(self, _node: str, message: Any) -> None:
        """Nobody listened: the request was never handed to a process."""
        waiting = self._waiting.get(message.request)
        if waiting is not None:
            waiting.resolve(_REFUSED)


class LibraryClient:
    """The reference's client library, server-driven or aware, on a simulated client's runtime."""

    def __init__(
        self, testbed: SimTestbed, config: NodeConfig, options: ClientOptions, name: str, timeout_s: float
    ) -> None:
        self.chooses_node = options.client == "aware"
        runtime: SimClientRuntime = testbed.client_runtime(name, lambda *heard: client.peers.refused(*heard))
        kind = AwareClient if self.chooses_node else Client
        client = kind(runtime, config, testbed.nodes, timeout_s, options.client_attempts)
        self._client = client
        testbed.attach(name, client.receive)

    @property
    def attempts(self) -> int:
        """How often the last write was sent."""
        return self._client.attempts

    async def get(self, key: str, node: str) -> Reply:
        """Read."""
        try:
            values = await self._client.get(key, node)
        except (NotDone, Unknown) as error:
            raise _translated(error) from None
        return Reply([value.decode() for value in values.siblings], values.context)

    async def put(self, key: str, value: str, context: Any | None, node: str) -> None:
        """Write."""
        try:
            await self._client.put(key, value.encode(), context, node)
        except (NotDone, Unknown) as error:
            raise _translated(error) from None

    async def delete(self, key: str, context: Any, node: str) -> None:
        """Delete what the context covers."""
        try:
            await self._client.delete(key, context, node)
        except (NotDone, Unknown) as error:
            raise _translated(error) from None


def _translated(error: NotDone | Unknown) -> Refused | Unanswered:
    return Refused(str(error)) if isinstance(error, NotDone) else Unanswered(str(error))


def _outcome(answer: Any) -> Exception:
    """The table of errors: what each answer that is no success means."""
    if answer is None:
        return Unanswered("timeout")
    if answer == _REFUSED:
        return Refused("connection refused")
    if isinstance(answer, Rejected):
        return Refused(answer.reason)
    if hasattr(answer, "reason"):
        return Unanswered(answer.reason)
    return HarnessError("client", f"an answer that no table knows: {answer!r}")
