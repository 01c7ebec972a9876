"""A seat has what any store needs to be told: ports by name, peers with two addresses, words to fill in."""

import asyncio
from random import Random

import pytest

from harness.testbeds.hosts.service import Service
from harness.testbeds.local.addresses import places
from harness.testbeds.local.network import Network
from harness.testbeds.local.seating import seat


class Three(Service):
    ports = ("raft", "data", "web")
    peer_ports = ("raft", "data")
    client_port = "web"


@pytest.mark.parametrize("distinct", [False, True])
def test_every_port_has_a_number_and_every_peer_a_door_for_each_port_that_nodes_call(tmp_path, distinct):
    async def story():
        found = places(("n1", "n2"), Three.ports, distinct)
        network = Network({node: place.host for node, place in found.items()}, (0, 0), lambda link: Random(1))
        n1 = seat("n1", found, Three(), network, tmp_path)
        network.close()
        return n1

    n1 = asyncio.run(story())
    assert list(n1.ports) == ["raft", "data", "web"]
    assert [peer.node for peer in n1.others] == ["n2"]
    (other,) = n1.others
    assert {name for name in other.direct if other.direct[name] != other.addresses[name]} == {"raft", "data"}
    assert other.addresses["raft"] != other.addresses["data"]
    assert n1.peers["n1"].addresses == n1.peers["n1"].direct
    numbers = [*n1.ports.values(), *(port for _, port in other.direct.values())]
    assert len(set(numbers)) == (6 if distinct else 3)


def test_a_template_names_ports_and_keeps_other_braces(tmp_path):
    async def story():
        found = places(("n1",), Three.ports)
        network = Network({"n1": found["n1"].host}, (0, 0), lambda link: Random(1))
        return seat("n1", found, Three(), network, tmp_path)

    n1 = asyncio.run(story())
    assert n1.filled('{"{node}": {raft_port}, "x": {}}') == f'{{"n1": {n1.ports["raft"]}, "x": {{}}}}'
