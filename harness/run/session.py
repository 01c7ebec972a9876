"""One client of a run: records what it asks and what comes back, and turns errors into outcomes.

`Refused` is a `fail`, `Unanswered` an `info`; every other exception is our own failure and is raised as
`ClientBroke`: it never becomes an outcome (harness.errors).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from random import Random
from typing import Any

from harness.errors import HarnessError, Refused, Unanswered
from harness.run.state import RunState, in_words
from harness.run.workload import Read


class ClientBroke(HarnessError):
    """A client raised what no table of errors knows, during operation `op` if it is known."""

    def __init__(self, error: BaseException, op: int | None) -> None:
        super().__init__("client", in_words(error))
        self.op = op


class ClientSession:
    """Implements `workload.Session` on a deployment's client.

    `client` is its place among the run's clients; its processes are client, client + n, client + 2n ...
    """

    def __init__(self, state: RunState, client: int, rng: Random) -> None:
        self.client = client
        self.rng = rng
        self.keys = state.keys
        self.nodes: Sequence[str] = state.deployment.nodes
        self.burst = 0
        self._state = state
        self._recorder = state.recorder
        self._process = client
        self._store = state.deployment.client(client, state.timeout_s)
        self._chooses_node: bool = getattr(self._store, "chooses_node", False)
        self._counter = 0
        self._due: int | None = None
        self._spans: dict[int, tuple[int, str, str]] = {}
        # Some clients stay with one node, some roam: both are how stores are used, and find other bugs.
        self._home = rng.choice(self.nodes)
        self._roaming = rng.choice((0.1, 0.5, 1.0))
        state.processes.append(client)

    @property
    def process(self) -> int:
        """The process id now."""
        return self._process

    @property
    def restarted(self) -> Sequence[str]:
        """Nodes that started again within the last seconds, the latest last."""
        return self._state.restarted

    def arrive(self, due: int | None, burst: int) -> None:
        """The next top-level operation was due at this time (ns; None: closed loop)."""
        self._due = due
        self.burst = burst

    def unique(self) -> str:
        """A value that nobody else writes: `process:counter`."""
        value = f"{self._process}:{self._counter}"
        self._counter += 1
        return value

    async def get(
        self, key: str, node: str | None = None, parent: int | None = None, items: Sequence[str] | None = None
    ) -> Read | None:
        """Read a key; None if no answer came. A read changes nothing, so the process goes on."""
        node = node or self._choose()
        op, process = self._invoke("get", key, None, None, node, parent, items), self._process
        try:
            reply, by = await self._send(self._store.get, (key,), node)
        except Refused as error:
            self._recorder.complete("fail", op, process, "get", key, None, str(error) or "refused")
            return None
        except Unanswered as error:
            self._recorder.complete("info", op, process, "get", key, None, str(error) or "timeout")
            return None
        except Exception as error:
            raise ClientBroke(error, op) from error
        self._recorder.complete("ok", op, process, "get", key, reply.values, None, by, clock=reply.clock)
        return Read(op, process, key, tuple(reply.values), reply.context)

    async def put(
        self,
        key: str,
        value: str,
        read: Read | None,
        node: str | None = None,
        parent: int | None = None,
        items: Sequence[str] | None = None,
    ) -> bool:
        """Write a key with the context of `read` (None: blind). True if acknowledged."""
        context = None if read is None else read.context
        return await self._write(
            "put", key, value, read, self._store.put, (key, value, context), node, parent, items
        )

    async def delete(self, key: str, read: Read, node: str | None = None) -> bool:
        """Delete what `read` covered. True if acknowledged."""
        return await self._write(
            "delete", key, None, read, self._store.delete, (key, read.context), node, None, None
        )

    def begin(self, f: str, key: str, value: str | None) -> int:
        """Record the invocation of an operation that spans others; its id."""
        op = self._invoke(f, key, value, None, None, None, None)
        self._spans[op] = (self._process, f, key)
        return op

    def end(self, op: int, type: str, value: Any = None, error: str | None = None) -> None:
        """Record its completion, by the process that began it; an `info` write retires that process."""
        process, f, key = self._spans.pop(op)
        self._recorder.complete(type, op, process, f, key, value, error)
        if type == "info" and f != "members" and process == self._process:
            self._retire()

    async def _write(
        self,
        f: str,
        key: str,
        value: str | None,
        read: Read | None,
        call: Callable[..., Awaitable[None]],
        arguments: tuple[Any, ...],
        node: str | None,
        parent: int | None,
        items: Sequence[str] | None,
    ) -> bool:
        node = node or self._choose()
        context = None if read is None else read.op
        op, process = self._invoke(f, key, value, context, node, parent, items), self._process
        try:
            _, by = await self._send(call, arguments, node)
        except Refused as error:
            self._recorder.complete("fail", op, process, f, key, None, str(error) or "refused")
            return False
        except Unanswered as error:
            text = str(error) or "timeout"
            self._recorder.complete("info", op, process, f, key, None, text, None, self._attempts())
            self._retire()
            return False
        except Exception as error:
            raise ClientBroke(error, op) from error
        self._recorder.complete("ok", op, process, f, key, None, None, by, self._attempts())
        return True

    def _attempts(self) -> int | None:
        """How often the store's own client sent the last write, where that is more than once."""
        attempts: int = getattr(self._store, "attempts", 1)
        return attempts if attempts > 1 else None

    def _invoke(
        self,
        f: str,
        key: str,
        value: str | None,
        context: int | None,
        node: str | None,
        parent: int | None,
        items: Sequence[str] | None,
    ) -> int:
        state = self._state
        op = state.next_op()
        state.touched[key] = None
        due = None
        if parent is None:
            due, self._due = self._due, None
        node = None if self._chooses_node else node
        self._recorder.invoke(op, self._process, f, key, value, context, node, due, items, parent)
        return op

    async def _send(
        self, call: Callable[..., Awaitable[Any]], arguments: tuple[Any, ...], node: str
    ) -> tuple[Any, str | None]:
        """The answer, and the node that gave it where it is not the first.

        A refused connection followed by the next node is one attempt. Raises the last refusal if all refuse.
        """
        refusal = Refused("no node")
        for target in self._route(node):
            try:
                answer = await call(*arguments, target)
                return answer, None if target == node or self._chooses_node else target
            except Refused as error:
                refusal = error
        raise refusal

    def _route(self, first: str) -> Iterator[str]:
        yield first
        start = self.nodes.index(first)
        yield from self.nodes[start + 1 :]
        yield from self.nodes[:start]

    def _choose(self) -> str:
        return self.rng.choice(self.nodes) if self.rng.random() < self._roaming else self._home

    def _retire(self) -> None:
        """An unanswered write may act at any time to come: whoever goes on is another process."""
        self._process += self._state.clients
        self._counter = 0
        self._store = self._state.deployment.client(self._process, self._state.timeout_s)
        self._state.processes[self.client] = self._process
