"""Loopback addresses of one run: a network of its own in 127.0.0.0/8, or ports of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import HarnessError

LOOPBACK = "127.0.0.1"
PEER_PORT, CLIENT_PORT = 7000, 8000
_TRIES = 20
_PORTS = range(15_000, 32_000)
"""Below those that systems hand to outgoing connections: a node that was killed finds its own still free."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one node listens: for other nodes and for clients."""

    host: str
    peer_port: int
    client_port: int


def places(nodes: Sequence[str]) -> dict[str, Place]:
    """A place for each node that nobody else uses. Raises HarnessError if there is none to be had.

    Chance, not the run's seed, decides where: two runs with one seed may go on at once.
    """
    chance = random.Random(os.urandom(8))
    for _ in range(_TRIES):
        network = f"127.{chance.randint(1, 254)}.{chance.randint(0, 255)}"
        found = {
            node: Place(f"{network}.{index}", PEER_PORT, CLIENT_PORT) for index, node in enumerate(nodes, 1)
        }
        if len(nodes) < 250 and all(_free(place) for place in found.values()):
            return found
    ports = (port for port in chance.sample(_PORTS, len(_PORTS)) if _bindable(LOOPBACK, port))
    with contextlib.suppress(RuntimeError):
        return {node: Place(LOOPBACK, next(ports), next(ports)) for node in nodes}
    raise HarnessError("testbed", f"no {2 * len(nodes)} free ports on {LOOPBACK}")


def _free(place: Place) -> bool:
    return _bindable(place.host, place.peer_port) and _bindable(place.host, place.client_port)


def _bindable(host: str, port: int) -> bool:
    with socket.socket() as attempt, contextlib.suppress(OSError):
        attempt.bind((host, port))
        return True
    return False
