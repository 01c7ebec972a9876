"""Who went past the links: known tables of sockets, and what must be said of them."""

import os
import socket

import pytest

from harness.testbeds.hosts.bypasses import past
from harness.testbeds.hosts.sockets import LISTENING, PARTING, Socket, inodes, table

PEER = {"n1": ("127.1.1.1", 7000), "n2": ("127.1.1.2", 7000), "n3": ("127.1.1.3", 7000)}
CLIENT = {node: (host, 8000) for node, (host, _) in PEER.items()}
LISTENS = {**{where: (node, True) for node, where in PEER.items()}}
LISTENS |= {where: (node, False) for node, where in CLIENT.items()}
OWNERS = {number: node for node, number in (("n1", 1), ("n1", 11), ("n2", 2), ("n2", 22), ("n3", 3))}
DOOR, CALLER, PROXY = ("127.1.1.2", 40001), ("127.0.0.1", 50001), ("127.0.0.1", 50002)
ESTABLISHED = 1


def seen(*sockets: Socket) -> dict[tuple[str, str], str]:
    return past(sockets, OWNERS, LISTENS, lambda address: address == PROXY)


def test_calls_through_our_doors_are_what_should_be():
    assert not seen(
        Socket("tcp", PEER["n1"], ("0.0.0.0", 0), LISTENING, 1),
        Socket("tcp", CALLER, DOOR, ESTABLISHED, 11),
        Socket("tcp", PEER["n2"], PROXY, ESTABLISHED, 22),
        Socket("tcp", PROXY, PEER["n2"], PARTING, 0),
    )


def test_a_call_of_a_peers_own_address_goes_past_both_ways():
    found = seen(Socket("tcp", CALLER, PEER["n2"], ESTABLISHED, 11))
    assert list(found) == [("n1", "n2"), ("n2", "n1")]
    assert "n1 is connected to n2 directly, at 127.1.1.2:7000" in found["n1", "n2"]


def test_two_processes_joined_at_ports_that_nobody_told_us_of():
    gossip = ("127.1.1.2", 17946)
    found = seen(Socket("tcp", CALLER, gossip, ESTABLISHED, 1), Socket("tcp", gossip, CALLER, ESTABLISHED, 2))
    assert set(found) == {("n1", "n2"), ("n2", "n1")}


def test_a_call_that_waits_at_a_port_heard_at_every_address():
    found = seen(
        Socket("tcp", ("0.0.0.0", 9999), ("0.0.0.0", 0), LISTENING, 2),
        Socket("tcp", CALLER, ("127.1.1.2", 9999), ESTABLISHED, 1),
    )
    assert ("n1", "n2") in found


def test_a_short_call_leaves_a_trace_that_nobody_owns():
    found = seen(Socket("tcp", PEER["n2"], CALLER, PARTING, 0))
    assert set(found) == {("n1", "n2"), ("n2", "n1"), ("n3", "n2"), ("n2", "n3")}


def test_the_harness_own_questions_at_clients_ports_are_no_bypass():
    assert not seen(Socket("tcp", CLIENT["n2"], CALLER, PARTING, 0))


def test_a_node_that_calls_itself_or_the_outside_goes_past_nothing():
    assert not seen(
        Socket("tcp", CALLER, PEER["n1"], ESTABLISHED, 1),
        Socket("tcp", CALLER, ("192.0.2.1", 443), ESTABLISHED, 11),
    )


def test_what_hears_udp_is_carried_by_no_link():
    assert ("n1", "n3") in seen(Socket("udp", ("127.1.1.3", 7946), ("0.0.0.0", 0), 7, 3))
    assert not seen(Socket("udp", ("127.1.1.3", 7946), ("127.0.0.53", 53), 1, 3))


@pytest.mark.skipif(not os.path.exists("/proc/net/tcp"), reason="only Linux says")
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_the_kernels_own_table_is_read(family):
    with socket.socket(family) as listening:
        listening.bind(("127.0.0.1" if family == socket.AF_INET else "::ffff:127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as calling:
            rows = {(row.local, row.remote): row for row in table()}
            here, there = ("127.0.0.1", calling.getsockname()[1]), ("127.0.0.1", port)
            assert rows[here, there].inode in inodes(os.getpid())
            assert rows[there, ("0.0.0.0", 0)].state == LISTENING
