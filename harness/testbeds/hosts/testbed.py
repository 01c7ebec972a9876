"""What a system may ask of any testbed whose nodes are processes: `testbed.runs == "processes"`."""

from __future__ import annotations

from typing import Protocol

from harness.testbeds.hosts.seat import Address, Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.testbed import Testbed


class Hosts(Testbed, Protocol):
    """A testbed of processes, wherever they run."""

    def install(self, service: Service) -> None:
        """What a start starts. Raises UsageError if the service cannot be run here."""

    def seat(self, node: str) -> Seat:
        """Where this node lives, for the system's own questions, which go past all faults."""

    def client_address(self, client: str, node: str, port: str | None = None) -> Address:
        """Where this client finds this node: a way of its own, which faults can cut.

        `port`: another one than the service's `client_port`.
        """
