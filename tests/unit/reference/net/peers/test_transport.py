"""Connections between nodes: who is let in, what is dropped, and what a mad, dead or slow peer costs."""

import asyncio
import contextlib
import time

import pytest

from reference.messages import Forward, Ping, Pong, ReplicaPut
from reference.net.peers.channel import MAX_WAITING
from reference.net.peers.link import SILENCE_S
from reference.net.peers.wire import MAX_GREETING, Beat, Hello, Refuse, Welcome
from tests.unit.reference.net.live import Peer


def counted(live, name):
    return live.server.metrics.counted(name)


@contextlib.contextmanager
def n2(live, incarnation=99):
    """n2 listens and welcomes n1, whose messages then arrive here."""
    live.other.listen()
    live.other.settimeout(60)
    connection, _ = live.other.accept()
    connection.settimeout(60)
    with connection:
        peer = Peer(connection, live.server.transport._wire)
        hello = peer.next()
        assert (hello.name, hello.to, hello.incarnation) == ("n1", "n2", live.server.incarnation)
        peer.send(Welcome("n2", incarnation))
        yield peer


def wait_for(condition, timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_member_is_welcomed_and_learns_the_incarnation(live):
    with live.peer() as peer:
        assert peer.next() == Welcome("n1", live.server.incarnation)
        peer.send(Beat())
        assert peer.next() == Beat()


@pytest.mark.parametrize(
    ("hello", "reason"),
    [
        ({"to": "n3"}, "this is n1, not n3: check the addresses in --peers"),
        ({"name": "n9"}, "n9 is no other member"),
        ({"name": "n1"}, "n1 is no other member"),
        ({"config": (("n", "3"),)}, "mixed configuration"),
    ],
    ids=str,
)
def test_who_is_not_one_of_us_is_refused_with_the_reason(live, hello, reason):
    """Q5: a cluster with mixed configuration refuses the peer and does not guess."""
    good = Hello("n2", "n1", 99, live.agreed)
    with live.peer(good._replace(**hello)) as peer:
        answer = peer.next()
        assert isinstance(answer, Refuse)
        assert reason in answer.reason
        assert peer.next() is None


def test_mixed_configuration_names_the_field(live):
    other = tuple((name, "paper-clock" if name == "mode" else value) for name, value in live.agreed)
    with live.peer(Hello("n2", "n1", 99, other)) as peer:
        assert "mode=paper-clock there, mode=dotted here" in peer.next().reason


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        bytes(100),
        b"\xff" * 100,
        (MAX_GREETING + 1).to_bytes(4, "big"),
        (20).to_bytes(4, "big") + bytes(20),
    ],
    ids=lambda noise: repr(noise[:12]),
)
def test_nonsense_instead_of_a_hello_ends_the_connection_and_is_counted(live, noise):
    before = counted(live, "peers_dropped_total")
    with live.peer(greet=False) as peer:
        peer.socket.sendall(noise)
        assert peer.next() is None
    wait_for(lambda: counted(live, "peers_dropped_total") == before + 1)


def test_nonsense_after_the_hello_too(live):
    with live.peer() as peer:
        peer.next()
        peer.socket.sendall((30).to_bytes(4, "big") + bytes(30))
        assert peer.next() is None
    with live.peer() as peer:
        peer.next()
        peer.send(Hello("n2", "n1", 99, live.agreed))
        assert peer.next() is None


def test_who_says_nothing_is_let_go(live):
    with live.peer(greet=False) as peer:
        peer.socket.sendall(b"\0\0")
        assert peer.next() is None


def test_a_second_call_of_one_node_replaces_the_first(live):
    with live.peer() as first:
        first.next()
        with live.peer() as second:
            second.next()
            assert first.next() is None
            second.send(Beat())
            assert second.next() == Beat()


def test_a_message_is_answered_on_the_link_to_its_sender(live):
    with n2(live) as link, live.peer() as caller:
        caller.next()
        wait_for(lambda: live.server.transport.links["n2"].incarnation == 99)
        caller.send(Ping((7, 1)), live.server.incarnation)
        assert next(message for message in iter(link.next, None) if isinstance(message, Pong)).request == (
            7,
            1,
        )


def test_a_message_for_another_incarnation_is_dropped(live):
    """X1: what was meant for a process that is dead must not reach the one that took its place."""
    with n2(live) as link, live.peer() as caller:
        caller.next()
        wait_for(lambda: live.server.transport.links["n2"].incarnation == 99)
        before = counted(live, "messages_dropped_total")
        caller.send(Ping((7, 1)), live.server.incarnation ^ 2)
        caller.send(Ping((7, 2)), live.server.incarnation)
        assert next(message for message in iter(link.next, None) if isinstance(message, Pong)).request == (
            7,
            2,
        )
        assert counted(live, "messages_dropped_total") > before


def test_a_peer_that_comes_back_as_another_incarnation_is_called_anew_at_once(live):
    with n2(live, incarnation=99) as old:
        wait_for(lambda: live.server.transport.links["n2"].incarnation == 99)
        with live.peer(Hello("n2", "n1", 100, live.agreed)) as caller:
            caller.next()
            for _ in iter(old.next, None):
                pass  # what was on its way; then n1 closes the connection
            with n2(live, incarnation=100):
                wait_for(lambda: live.server.transport.links["n2"].incarnation == 100)


def test_a_half_open_connection_is_noticed_and_made_again(live):
    with n2(live):
        link = live.server.transport.links["n2"]
        wait_for(lambda: link.incarnation == 99)
        began = time.monotonic()  # from now on n2 answers no beat
        wait_for(lambda: not link.incarnation)
        assert time.monotonic() - began > SILENCE_S / 2
        assert "silent" in link.trouble


def test_a_peer_that_does_not_read_costs_bounded_memory(live):
    with n2(live):
        link = live.server.transport.links["n2"]
        wait_for(lambda: link.incarnation == 99)
        before = counted(live, "messages_dropped_total")

        async def flood():
            for index in range(60):
                link.send(Forward((1, index), "k", bytes(1_000_000), None))
            channel = link._channel
            return channel._outgoing_bytes + channel._transport.get_write_buffer_size()

        assert live.call(flood()) < MAX_WAITING + 1_100_000
        assert counted(live, "messages_dropped_total") >= before + 40


def test_what_is_too_large_for_a_frame_is_dropped_and_counted(live):
    with n2(live):
        link = live.server.transport.links["n2"]
        wait_for(lambda: link.incarnation == 99)
        before = counted(live, "messages_dropped_total")

        async def send():
            link.send(Forward((1, 1), "k", bytes(40_000_000), None))

        live.call(send())
        assert counted(live, "messages_dropped_total") == before + 1


def test_a_dead_peer_costs_no_request_its_answer(live):
    """n2 owns some of these keys and never answers."""
    for index in range(8):
        assert live.ask("PUT", f"/kv/dead-{index}", b"v")[0] == 200


def test_with_a_full_disk_writes_are_refused_and_peers_not_acknowledged(live):
    with n2(live) as link, live.peer() as caller:
        caller.next()
        wait_for(lambda: live.server.transport.links["n2"].incarnation == 99)
        live.server.disk.trouble = "no space"
        try:
            code, body, _ = live.ask("PUT", "/kv/full", b"v")
            assert (code, body) == (503, {"outcome": "refused", "reason": "no space"})
            assert live.ask("GET", "/kv/full")[0] == 200
            assert live.ask("GET", "/health")[0] == 503
            state = live.server.node.replica.versions.empty
            caller.send(ReplicaPut((7, 1), "k", state), live.server.incarnation)
            caller.send(Ping((7, 2)), live.server.incarnation)
            answers = (m for m in iter(link.next, None) if getattr(m, "request", (0, 0))[0] == 7)
            assert next(answers).request == (7, 2), "the put before it was not acknowledged"
        finally:
            live.server.disk.trouble = ""


def test_a_link_that_breaks_as_it_is_told_to_end_ends(live):
    """All nodes of a cluster that stop at once: one that goes on connecting would never stop."""
    with n2(live):
        transport = live.server.transport
        link = transport.links["n2"]
        wait_for(lambda: link.incarnation == 99)

        async def both():
            task = transport._tasks["link n2"]
            link._channel.end("the other side stopped")
            transport.disconnect("n2")
            await asyncio.wait([task], timeout=60)
            return task.done()

        try:
            assert live.call(both())
        finally:
            address = live.settings.peers["n2"]
            live.loop.call_soon_threadsafe(transport.connect, "n2", address)
