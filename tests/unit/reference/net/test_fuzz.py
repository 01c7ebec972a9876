"""Thousands of malformed requests and frames at one live node: no crash, no leaked connection, no growth."""

import gc
import json
import socket
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.net.face.http import Limits
from reference.net.peers.wire import Hello, message_kinds
from tests.unit.reference.net.live import LOOPBACK, Live, read_all
from tests.unit.reference.net.peers.test_wire import WIRES, spoken, structures
from tests.unit.reference.net.values import of

many = settings(
    max_examples=1500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
GOOD = [
    b"GET /kv/a HTTP/1.1\r\n\r\n",
    b"PUT /kv/a HTTP/1.1\r\nContent-Length: 5\r\nX-Dynamo-Context: AQDCAJMLST\r\n\r\nvalue",
    b"DELETE /kv/a HTTP/1.1\r\nConnection: keep-alive\r\n\r\n",
    b"GET /status HTTP/1.0\r\nHost: n1\r\n\r\n",
]
WORDS = (
    "\r\n|\r\n\r\n| |:|%|\0|HTTP/1.1|/kv/|-1|\n|999999999999999999999999999999|Content-Length: 99999999\r\n"
)
WORDS += "|Transfer-Encoding: chunked\r\n|Expect: 100-continue\r\n"
PARTS = st.sampled_from([b"\xff", *WORDS.encode().split(b"|")])


def resident_mb():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@pytest.fixture(scope="module")
def unharmed(live):
    """Whatever the tests did: it serves, nobody is connected, and memory is what it was."""
    before = resident_mb()
    yield live
    deadline = time.monotonic() + 60
    while (
        live.server.listener.connections or live.server.transport._callers
    ) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert live.server.listener.connections == 0
    assert live.server.transport._callers == {}
    assert not live.server.failed.done()
    assert live.ask("GET", "/health")[0] == 200
    assert live.ask("PUT", "/kv/after", b"v")[0] == 200
    assert resident_mb() - before < 60


@st.composite
def damaged(draw):
    """A good request with a few places cut, replaced or filled in."""
    data = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(PARTS | st.binary(max_size=6)) + data[at + draw(st.integers(0, 6)) :]
    return data


@many
@given(data=damaged() | st.binary(max_size=200) | st.lists(PARTS, max_size=12).map(b"".join))
def test_malformed_requests(unharmed, data):
    answer = unharmed.http(data)
    while answer:
        head, _, rest = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 ")
        code = int(head.split(b" ")[1])
        assert code == 100 or 200 <= code < 600
        assert code != 500, "nothing that a client sends is our own error"
        size = next((int(line[16:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
        head_only = b"HEAD " in data
        answer = rest if head_only else rest[size:]
        if head_only:
            break


def exchange(live, stream):
    """Send all of it and read until the node has had enough."""
    with socket.create_connection((LOOPBACK, live.peer_port), 60) as connection:
        try:
            connection.sendall(stream)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            return
        read_all(connection)


@many
@given(
    stream=st.binary(max_size=300)
    | st.lists(spoken(), max_size=3).map(
        lambda said: b"".join(WIRES[mode].encode(message) for mode, message in said)
    )
)
def test_strangers_that_speak_nonsense(unharmed, stream):
    exchange(unharmed, stream)
    assert not unharmed.server.failed.done()


def framed(body):
    return len(body).to_bytes(4, "big") + body


@many
@given(
    kind=st.sampled_from(["ReplicaPut", "ReplicaState", "Forward", "Differences", "Gossip", "Ping", "Zap"]),
    fields=st.lists(structures, max_size=4),
    tail=st.binary(max_size=10),
    noise=st.binary(max_size=20),
)
def test_members_that_have_gone_mad(unharmed, kind, fields, tail, noise):
    """After a good hello: frames with a good header and any JSON in them, then plain noise."""
    text = json.dumps([kind, *fields]).encode()
    body = (
        unharmed.server.incarnation.to_bytes(8, "big") + b"\x01" + len(text).to_bytes(4, "big") + text + tail
    )
    hello = WIRES["dotted"].encode(Hello("n2", "n1", 99, unharmed.agreed))
    exchange(unharmed, hello + framed(body) + noise)
    assert not unharmed.server.failed.done()


@pytest.fixture(scope="module")
def believer():
    """A node of its own: it will believe in members that there are not."""
    live = Live(Limits())
    yield live
    live.stop()


well_formed = st.sampled_from(message_kinds()).flatmap(lambda kind: of(kind, "dotted"))


@settings(many, max_examples=300)
@given(said=st.lists(well_formed, min_size=1, max_size=3))
def test_members_that_say_any_well_formed_thing(believer, said):
    """Answers to nothing, changes of members unheard of, puts for owners that there are not."""
    frames = [WIRES["dotted"].encode(message, believer.server.incarnation) for message in said]
    exchange(believer, WIRES["dotted"].encode(Hello("n2", "n1", 99, believer.agreed)) + b"".join(frames))
    assert not believer.server.failed.done(), believer.server.failed.result()
