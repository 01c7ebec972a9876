"""Where one node of a store lives, as its command line and files must know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Address = tuple[str, int]
"""Host and port."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A node as some node is told of it. Addresses are by the name of the port."""

    node: str
    index: int
    """Its number, from 1."""
    addresses: Mapping[str, Address]
    """Where to call it: through the testbed's links, or directly if it is oneself."""
    direct: Mapping[str, Address]
    """Where it listens. Who calls there goes past every fault, and no partition is then verified."""

    def at(self, port: str = "peer") -> str:
        """`HOST:PORT` at which to call it."""
        host, number = self.addresses[port]
        return f"{host}:{number}"


@dataclass(frozen=True, slots=True)
class Seat:
    """One node's place. A process of a store can be told nothing else of where it runs."""

    node: str
    index: int
    """Its number, from 1."""
    host: str
    ports: Mapping[str, int]
    """The service's port names -> where it is to listen on `host`. Two names may share a number."""
    data: Path
    """Everything that it stores; what wipes, truncates and flips bits."""
    home: Path
    """A directory of its own beside: configuration, logs. Faults leave it alone."""
    skew: Path
    """How far its clock is off: JSON `{"offset_ms": .., "rate_ppm": .., "since_ns": ..}`; may be absent."""
    peers: Mapping[str, Peer]
    """Every node, itself too, in the order of the testbed's nodes."""

    @property
    def others(self) -> list[Peer]:
        """Every node but this one."""
        return [peer for peer in self.peers.values() if peer.node != self.node]

    def address(self, port: str = "client") -> Address:
        """Where it listens: for the harness's own questions, which go past all faults."""
        return (self.host, self.ports[port])

    @property
    def words(self) -> dict[str, str]:
        """What a template may name: node index host data home, and `<name>_port` for each port."""
        plain = {"node": self.node, "index": self.index, "host": self.host, "data": self.data}
        ports = {f"{name}_port": port for name, port in self.ports.items()}
        return {name: str(value) for name, value in {**plain, "home": self.home, **ports}.items()}

    def filled(self, template: str) -> str:
        """The template with `{node}`, `{peer_port}` ... replaced; other braces stay as they are."""
        for name, value in self.words.items():
            template = template.replace(f"{{{name}}}", value)
        return template
