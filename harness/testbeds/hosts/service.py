"""What a system says of its node, wherever the node runs: how it is started, asked, and what it needs.

A system subclasses `Service`, says how a node is started, and changes what its store needs otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.testbeds.hosts.seat import Seat


class Service:
    """A store's node as a program. Only `command` has no default."""

    ports: tuple[str, ...] = ("peer", "client")
    """Names of the ports that a node listens on; each gets a number of its own."""
    peer_ports: tuple[str, ...] = ("peer",)
    """Those that nodes call: each node is given an address of its own for each of them of every other."""
    client_port: str = "client"
    """The one that clients call."""
    distinct_ports: bool = False
    """Whether no two nodes may have a port number in common: a store that listens on 0.0.0.0 needs it."""
    tells_clock: bool = False
    """Whether `clock_offset_ms` gives what the process itself reads. If not, its clock cannot be skewed."""
    environment: Mapping[str, str] = {}
    """Added to ours."""

    def install(self) -> None:
        """Called once, before any node starts. Raises UsageError, with the fix, if the program is missing."""

    def files(self, seat: Seat) -> Mapping[str, str]:
        """Files that are written below `seat.home` before each start: relative path -> text."""
        return {}

    def command(self, seat: Seat, damaged: bool) -> Sequence[str]:
        """What to execute in `seat.home`; `damaged`: though its files were cut or had bits flipped.

        It should stop when its standard input ends, which it does when the controller dies; on Linux it is
        killed then in any case.
        """
        raise NotImplementedError

    async def ready(self, seat: Seat) -> bool:
        """Whether this node serves now, be the others there or not; within a second, and never an exception.

        Unless overridden: whether somebody takes connections at its client port.
        """
        try:
            async with asyncio.timeout(1.0):
                _, writer = await asyncio.open_connection(*seat.address(self.client_port))
        except OSError:
            return False
        writer.transport.abort()
        return True

    async def cluster_ready(self, seats: Sequence[Seat]) -> bool:
        """Whether the nodes have found each other; asked once all were started, until it is so."""
        return True

    async def clock_offset_ms(self, seat: Seat) -> float | None:
        """Its wall clock minus this machine's, as the process itself reads it; None if it does not answer."""
        return None

    def logs(self, seat: Seat) -> Sequence[Path]:
        """Files of its own to be kept with the run, beside what it prints."""
        return ()
