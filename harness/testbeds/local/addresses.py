"""Loopback addresses of one run: a network of its own in 127.0.0.0/8, or ports of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import random
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import HarnessError

LOOPBACK = "127.0.0.1"
ANYWHERE = "0.0.0.0"
FIRST_PORT = 7000
"""Of a network of its own: each further port of a node is a thousand higher."""
_TRIES = 20
_PORTS = range(15_000, 32_000)
"""Below those that systems hand to outgoing connections: a node that was killed finds its own still free."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one node listens: a port number for each of the service's port names."""

    host: str
    ports: Mapping[str, int]


def places(nodes: Sequence[str], ports: Sequence[str], distinct: bool = False) -> dict[str, Place]:
    """A place for each node that nobody else uses; `distinct`: no two share a port number on any host.

    Raises HarnessError if there is none to be had. Chance, not the run's seed, decides where: two runs with
    one seed may go on at once.
    """
    chance = random.Random(os.urandom(8))
    usual = {name: FIRST_PORT + 1000 * number for number, name in enumerate(ports)}
    for _ in range(_TRIES if not distinct and len(nodes) < 250 else 0):
        network = f"127.{chance.randint(1, 254)}.{chance.randint(0, 255)}"
        found = {node: Place(f"{network}.{index}", usual) for index, node in enumerate(nodes, 1)}
        if all(_bindable(place.host, port) for place in found.values() for port in usual.values()):
            return found
    host = ANYWHERE if distinct else LOOPBACK
    free = (port for port in chance.sample(_PORTS, len(_PORTS)) if _bindable(host, port))
    try:
        return {node: Place(LOOPBACK, {name: next(free) for name in ports}) for node in nodes}
    except (RuntimeError, StopIteration):
        raise HarnessError("testbed", f"no {len(ports) * len(nodes)} free ports on {LOOPBACK}") from None


def _bindable(host: str, port: int) -> bool:
    with socket.socket() as attempt, contextlib.suppress(OSError):
        attempt.bind((host, port))
        return True
    return False
