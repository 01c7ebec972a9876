"""Questions to other nodes, their answers, and what silence means.

`ask` returns the answer or None; None marks the node as suspected, and as long as one is, it is pinged.
"""

from __future__ import annotations

from typing import Any

from reference.admission import NS, Admission
from reference.config import NodeConfig
from reference.detector import Detector
from reference.messages import ANSWERED_BY, Ping, RequestId
from reference.runtime import Future, Runtime


class Peers:
    """One incarnation's conversations. `epoch` makes its request ids its own."""

    def __init__(self, runtime: Runtime, config: NodeConfig, epoch: int) -> None:
        self.detector = Detector()
        self.admission = Admission(config.background_per_s, config.latency_limit_s, config.latency_window_s)
        self._runtime = runtime
        self._config = config
        self._epoch = epoch
        self._counter = 0
        self._waiting: dict[RequestId, tuple[Future, tuple[type, ...]]] = {}
        self._probing = False

    def next_request(self) -> RequestId:
        """An id that no other incarnation of any node uses."""
        self._counter += 1
        return (self._epoch, self._counter)

    async def ask(self, node: str, kind: Any, *fields: Any, timeout_s: float | None = None) -> Any:
        """Send `kind(request, *fields)`; the answer, or None after `timeout_s` (one replica's time)."""
        request = self.next_request()
        answer = self._runtime.future(timeout_s or self._config.replica_timeout_s)
        self._waiting[request] = (answer, ANSWERED_BY[kind])
        self._runtime.send(node, kind(request, *fields))
        reply = await answer
        del self._waiting[request]
        if reply is None:
            self._unanswered(node)
        return reply

    def answer(self, sender: str, message: Any) -> None:
        """An answer arrived, which clears its sender; if nobody waits for such a one it is dropped.

        Only answers clear: a node that we hear but cannot reach (a one-way partition) is of no use to us.
        """
        self.detector.heard(sender, self._runtime.now())
        waiting = self._waiting.get(message.request)
        if waiting is not None and type(message) in waiting[1]:
            waiting[0].resolve(message)

    async def reachable(self, node: str) -> bool:
        """Whether it answers now: heard a moment ago, or it answers a ping. Nothing is written by asking."""
        span_ns = int(self._config.replica_timeout_s * 2e9)
        if self.detector.heard_within(node, self._runtime.now(), span_ns):
            return True
        return await self.ask(node, Ping) is not None

    def served(self, began: int) -> None:
        """A client that asked at `began` has its answer: if that takes long, background work yields."""
        now = self._runtime.now()
        self.admission.took(now, now - began)

    async def background_slice(self) -> None:
        """Background work waits here for its turn, before each piece that it asks others for (6.5)."""
        wait_ns = self.admission.reserve(self._runtime.now())
        if wait_ns:
            await self._runtime.sleep(wait_ns / NS)

    def _unanswered(self, node: str) -> None:
        self.detector.unanswered(node)
        if not self._probing:
            self._probing = True
            self._runtime.spawn(self._probe())

    async def _probe(self) -> None:
        """Ask the suspected again and again: one timeout must not mean down for ever."""
        while self.detector.suspected():
            await self._runtime.sleep(self._config.probe_period_s)
            for node in self.detector.suspected():
                self._runtime.send(node, Ping(self.next_request()))
        self._probing = False
