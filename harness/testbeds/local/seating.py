"""Seats on this machine: a directory for each node, and a door of its own towards every peer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.testbeds.hosts.seat import Peer, Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.local.addresses import Place
from harness.testbeds.local.network import Network


def seat(node: str, places: Mapping[str, Place], service: Service, network: Network, directory: Path) -> Seat:
    """Where `node` lives, below `directory`."""
    home = directory / node
    data = home / "data"
    data.mkdir(parents=True)
    peers = {}
    for index, (peer, place) in enumerate(places.items(), 1):
        direct = {name: (place.host, port) for name, port in place.ports.items()}
        called = dict(direct)
        if peer != node:
            for name in service.peer_ports:
                called[name] = network.address(node, peer, direct[name])
        peers[peer] = Peer(peer, index, called, direct)
    place, index = places[node], peers[node].index
    return Seat(node, index, place.host, place.ports, data, home, home / "skew.json", peers)
