"""Directed links with latency, and what faults do to them: block, lose, duplicate, delay, reorder.

A link keeps the order of its messages unless a fault reorders them, as a TCP connection does. A message is
for the incarnation that the receiver had when it was sent: a restart drops it, as a broken connection would.
Probes take the very same way as messages, so that a probe proves what messages meet.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from harness.testbeds.sim.kernel import NS, Kernel
from harness.testbeds.testbed import Link, LinkShape, Sent

Receive = Callable[[str, Any], None]


class Port:
    """An endpoint's address: who listens there now, if anybody."""

    __slots__ = ("incarnation", "name", "receive")

    def __init__(self, name: str) -> None:
        self.name = name
        self.incarnation = 0
        self.receive: Receive | None = None


class _Link:
    __slots__ = ("busy_until", "carried", "client", "offered", "rules", "source", "target")

    def __init__(self, source: str, target: Port, client: bool) -> None:
        self.source = source
        self.target = target
        self.client = client
        self.busy_until = 0
        self.offered = self.carried = 0
        self.rules: dict[str, LinkShape | None] = {}
        """Fault id -> how it shapes this link; None: it blocks it."""


class Open:
    """Packets of a probe under way (implements `harness.testbeds.testbed.OpenProbe`)."""

    def __init__(self) -> None:
        self._arrived = 0

    def note(self, _: Any) -> None:
        """One has arrived."""
        self._arrived += 1

    def arrived(self) -> int:
        """How many so far."""
        return self._arrived

    def close(self) -> None:
        """Nothing is held open."""


class Network:
    """All links of one simulated testbed."""

    def __init__(
        self, kernel: Kernel, rng: Random, nodes: Sequence[str], latency_ms: tuple[float, float]
    ) -> None:
        self._kernel = kernel
        self._random = rng.random
        self._base_ns = int(latency_ms[0] * 1e6)
        self._spread_ns = int((latency_ms[1] - latency_ms[0]) * 1e6)
        self._nodes = dict.fromkeys(nodes)
        self._ports: dict[str, Port] = {}
        self._links: dict[Link, _Link] = {}
        self.client_duplicates = False
        """Whether clients' links may duplicate, too: only if ids in their requests make a copy harmless."""

    def port(self, name: str) -> Port:
        """The endpoint called `name`, made on first use."""
        found = self._ports.get(name)
        if found is None:
            found = self._ports[name] = Port(name)
        return found

    def send(self, source: str, target: str, message: Any, refused: Receive | None = None) -> None:
        """Send one message. `refused` hears, one way later, that nobody listened at the target."""
        link = self._links.get((source, target)) or self._link(source, target)
        port = link.target
        link.offered += 1
        link.carried += self._transmit(link, self._arrive, (port, port.incarnation, link, message, refused))

    def rule(self, fault: str, links: Sequence[Link], shape: LinkShape | None) -> None:
        """Shape these links, or block them (None), on behalf of a fault."""
        for source, target in links:
            self._link(source, target).rules[fault] = shape

    def clear(self, fault: str) -> None:
        """Take back what this fault did, and only that."""
        for link in self._links.values():
            link.rules.pop(fault, None)

    @property
    def traffic(self) -> dict[Link, Sent]:
        """The messages that nodes and clients sent over each link so far, probes left out."""
        return {name: Sent(link.offered, link.carried) for name, link in self._links.items()}

    def probe(self, link: Link, arrived: Callable[[Any], None]) -> None:
        """Send one packet to the host, whatever its processes do; `arrived` is called on arrival."""
        self._transmit(self._link(*link), arrived, link)

    def open_probe(self, links: Sequence[Link]) -> Open:
        """One packet on each link, and no waiting."""
        found = Open()
        for link in links:
            self.probe(link, found.note)
        return found

    def _link(self, source: str, target: str) -> _Link:
        found = self._links.get((source, target))
        if found is None:
            client = source not in self._nodes or target not in self._nodes
            found = self._links[source, target] = _Link(source, self.port(target), client)
        return found

    def _transmit(self, link: _Link, arrive: Callable[[Any], None], packet: Any) -> bool:
        """Whether it is on its way."""
        kernel = self._kernel
        arrival = kernel.now() + self._base_ns + int(self._spread_ns * self._random())
        if link.rules:
            times = self._bent(link, arrival)
            for time in times:
                kernel.call_at(time, arrive, packet)
                packet = _copied(packet)
            return bool(times)
        if arrival < link.busy_until:
            arrival = link.busy_until
        link.busy_until = arrival
        kernel.call_at(arrival, arrive, packet)
        return True

    def _bent(self, link: _Link, arrival: int) -> list[int]:
        """When a packet arrives on a link that faults act on: never, once, or twice."""
        copies, overtakes = 1, False
        for shape in link.rules.values():
            if shape is None or self._random() < shape.loss:
                return []
            if shape.delay_ms or shape.jitter_ms:
                arrival += int((shape.delay_ms + shape.jitter_ms * self._random()) * 1e6)
            if shape.reorder and self._random() < shape.reorder:
                overtakes = True
            may = shape.duplicate and (self.client_duplicates or not link.client)
            if may and self._random() < shape.duplicate:
                copies = 2
        if not overtakes:
            arrival = max(arrival, link.busy_until)
            link.busy_until = arrival
        times = [arrival]
        if copies == 2:
            times.append(arrival + int(20e6 * self._random()))
        return times

    def _arrive(self, packet: tuple[Port, int, _Link, Any, Receive | None]) -> None:
        port, incarnation, link, message, refused = packet
        if port.receive is not None and port.incarnation == incarnation:
            port.receive(link.source, message)
        elif refused is not None:
            back = self._link(port.name, link.source)
            self._transmit(back, lambda heard: refused(*heard), (port.name, message))


def _copied(packet: Any) -> Any:
    """A second copy says nothing if nobody listens: the first may have been heard."""
    return (*packet[:4], None) if len(packet) == 5 else packet


def wait_ns(latency_ms: tuple[float, float]) -> int:
    """How long a probe waits before a packet counts as lost: several times the slowest plain link."""
    return int(max(5 * latency_ms[1], 10.0) * NS / 1e3)
