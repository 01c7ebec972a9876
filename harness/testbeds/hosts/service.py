"""What a system tells the testbed of its node: the command line, and how to ask the process how it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Seat:
    """One node's place: what its command line needs. A process of a store can be told nothing else."""

    node: str
    host: str
    peer_port: int
    """It listens here for other nodes."""
    client_port: int
    """It listens here for clients; the testbed's own questions come here too, past all faults."""
    data: Path
    """Everything that it stores; what wipes, truncates and flips bits."""
    skew: Path
    """How far its clock is off: JSON `{"offset_ms": .., "rate_ppm": .., "since_ns": ..}`; may be absent."""
    peers: Mapping[str, str]
    """`HOST:PORT` at which this node finds each node: itself directly, the others through proxies.

    Each link has a proxy of its own. Of a store that cannot be told a different address for each peer, only
    what comes in could be cut, from all senders at once: this testbed offers no such door yet.
    """


class Service(Protocol):
    """A store's node as a program."""

    def command(self, seat: Seat, damaged: bool) -> Sequence[str]:
        """What to execute. `damaged`: its files were cut or had bits flipped; it must start all the same.

        It should stop when its standard input ends, which it does when the controller dies.
        """

    @property
    def environment(self) -> Mapping[str, str]:
        """Added to ours."""

    async def ready(self, seat: Seat) -> bool:
        """Whether it serves now; within a second or so, and never an exception."""

    async def clock_offset_ms(self, seat: Seat) -> float | None:
        """Its wall clock minus this machine's, as the process says; None if it does not answer."""
