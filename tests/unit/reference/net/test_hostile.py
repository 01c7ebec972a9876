"""A member that says well-framed nonsense, asked or unasked: its connection may end, the node serves on."""

import base64
import contextlib
import json
import socket
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference.membership import GONE, UP, Change
from reference.messages import (
    ANSWERED_BY,
    ClientWrite,
    Collect,
    Collected,
    CompareChildren,
    CompareLeaves,
    CompareRoots,
    Differences,
    Differing,
    Gossip,
    GossipAnswer,
    Ping,
    Pong,
    ReplicaGet,
    ReplicaPut,
)
from reference.net.face.http import Limits
from reference.net.peers.wire import Beat, Hello, Welcome, Wire, message_kinds
from reference.versions.dotted import DottedState
from tests.unit.reference.net.live import Live, Peer
from tests.unit.reference.net.values import of

many = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NUMBERS = st.sampled_from([0, 1, 15, 16, 2**31, 2**62, 2**63 - 1, 2**63, 2**64, 2**128 - 1, 2**128, -1, 0.5])
TEXTS = st.sampled_from(["", "k", "n2", "\ud800", "\0", "x" * 4097, "127.0.0.1:\u00b2", "\x1b[2J", "up"])
hostile = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS, lambda inner: st.lists(inner, max_size=17), max_leaves=20
)


@pytest.fixture(scope="module")
def node():
    """It will believe what it is told, so it is nobody else's."""
    live = Live(Limits())
    yield live
    live.stop()


@pytest.fixture
def fresh():
    """A node that nobody has told anything: others may have talked `node` into taking n2 for gone."""
    live = Live(Limits())
    yield live
    live.stop()


def serves(live):
    """It took what came before, answers clients, and no handler of it was broken."""
    assert not live.server.failed.done(), live.server.failed.result()
    assert live.ask("GET", "/health")[0] == 200
    assert live.server.metrics.counted("handlers_broken_total") == 0


def say(live, *bodies):
    """After a good hello, these messages as raw JSON; until the node has read all or had enough."""
    with live.peer() as peer, contextlib.suppress(OSError):
        for body in bodies:
            text = json.dumps(body).encode()
            frame = live.server.incarnation.to_bytes(8, "big") + b"\x01" + len(text).to_bytes(4, "big") + text
            peer.socket.sendall(len(frame).to_bytes(4, "big") + frame)
        peer.socket.shutdown(socket.SHUT_WR)
        while peer.next() is not None:
            pass


def mutated(draw, structure):
    """A good message with one of its places replaced by something hostile."""
    if isinstance(structure, list) and structure and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(structure) - 1))
        return [*structure[:at], mutated(draw, structure[at]), *structure[at + 1 :]]
    return draw(hostile)


@st.composite
def almost_good(draw, kind):
    """JSON of a message of this kind, with one hostile place."""
    frame = Wire("dotted").encode(draw(of(kind, "dotted")))
    size = int.from_bytes(frame[13:17], "big")
    name, *fields = json.loads(frame[17 : 17 + size])
    worse = mutated(draw, fields)
    return [name, *worse] if isinstance(worse, list) else [name, worse]


@pytest.mark.parametrize("kind", message_kinds(), ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(many, max_examples=15)
def test_hostile_fields_of_every_kind_of_message(node, kind, data):
    say(node, *[data.draw(almost_good(kind)) for _ in range(3)])
    serves(node)


PATH_40 = [[0, [1] * 40, [0] * 16]]


@pytest.mark.parametrize(
    "body",
    [
        ["CompareChildren", [1, 1], "RING", [[0, [], [1, 2, 3]]]],
        ["CompareChildren", [1, 1], "RING", PATH_40],
        ["CompareChildren", [1, 1], "RING", [[0, [16], [0] * 16]]],
        ["CompareLeaves", [1, 1], "RING", [[0, [1] * 40]], []],
        ["Gossip", [1, 1], "v", [[1, "n9", "joining", "n9", 1, "", "nowhere", True]]],
        ["Gossip", [1, 1], "v", [[2**63, "n9", "up", "n9", 1, "", "", True]]],
        ["ReplicaPut", [1, 1], "k", [[["n1@0", 2**128 - 1]], []], None, True],
        ["ReplicaPut", [1, 1], "k", "[" * 500, None, True],
    ],
)
def test_what_no_peer_of_ours_can_mean_ends_the_connection(node, body):
    body = [node.server.node.ring.id if field == "RING" else field for field in body]
    before = node.server.metrics.counted("peers_dropped_total")
    say(node, body)
    assert node.server.metrics.counted("peers_dropped_total") == before + 1
    serves(node)


def test_ranges_that_no_ring_has_make_no_trees(node):
    ring = node.server.node.ring.id
    say(node, ["CompareRoots", [1, 1], ring, [[10**9 + index, 7] for index in range(100)]])
    assert len(node.server.node.antientropy._trees) <= len(node.server.node.ring.ends)
    serves(node)


def test_an_exception_in_a_handler_costs_its_connection_and_is_counted(monkeypatch, capfd):
    """Whatever else is wrong with a node: one message must not end it."""
    live = Live(Limits())

    def broken(_sender, _message):
        raise LookupError("a bug of ours")

    async def later(_sender, _message):
        raise LookupError("a bug of ours")

    try:
        handlers = live.server.node._handlers
        for handler in (broken, lambda sender, m: live.server.runtime.spawn(later(sender, m))):
            monkeypatch.setitem(handlers, ReplicaGet, handler)
            with live.peer() as peer:
                assert isinstance(peer.next(), Welcome)
                peer.send(ReplicaGet((1, 1), "k"), live.server.incarnation)
                assert peer.next() is None, "the connection has ended"
        monkeypatch.setitem(handlers, ClientWrite, broken)
        status, fields, _ = live.ask("PUT", "/kv/k", b"v")
        assert (status, fields["outcome"]) == (504, "unknown")
        assert live.server.metrics.counted("handlers_broken_total") == 3
        assert not live.server.failed.done()
        assert live.ask("GET", "/health")[0] == 200
        assert "LookupError: a bug of ours" in capfd.readouterr().err
    finally:
        live.stop()


class Impostor:
    """Plays n2: takes n1's connection, and answers each of its questions with whatever `answers` says."""

    def __init__(self, live, answers):
        self.live = live
        self.asked = []
        self.enough = threading.Event()
        self._answers = answers
        live.other.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError), self.live.peer() as back:
            while True:
                connection, _ = self.live.other.accept()
                with connection:
                    self._talk(Peer(connection, Wire("dotted")), back)

    def _talk(self, peer, back):
        peer.send(Welcome("n2", 99))
        while (message := peer.next()) is not None:
            if isinstance(message, Hello):
                continue
            if isinstance(message, Beat):
                peer.send(Beat())
            elif type(message) in ANSWERED_BY:
                self.asked.append(message)
                for answer in self._answers(message):
                    back.send(answer, self.live.server.incarnation)
                if len({type(asked) for asked in self.asked}) >= 4 and len(self.asked) > 60:
                    self.enough.set()


def test_hostile_answers_to_the_nodes_own_questions():
    """Its loops ask: exchanges, gossip, probes. Places that it did not name, keys that it did not ask for."""
    live = Live(Limits(), anti_entropy_s=0.01, gossip_period_s=0.01, probe_period_s=0.01)
    state = DottedState({"n1@0": 2**63 - 1}, {("n1@0", 1): b"old"})
    places = [(), (3,), (3, 3), (15, 15)]

    def answers(message):
        request = message.request
        if isinstance(message, CompareRoots | CompareChildren):
            yield Differing(request, tuple((index, path) for index in (0, 1, 10**12) for path in places))
        elif isinstance(message, CompareLeaves):
            yield Differences(request, (("other", state),), ("never", "heard of"))
        elif isinstance(message, Gossip):
            last = Change(2**63 - 1, "n2", UP, "n3", 1, "", "127.0.0.1:9")
            yield GossipAnswer(request, "x", (last, Change(3, "n2", GONE, "n1")))
        elif isinstance(message, Ping):
            yield Pong(request, 2**128 - 1)
        elif isinstance(message, Collect):
            yield Collected(request, True, (), True)
        for kind in (Differing, Differences):
            yield kind(request, *[()] * (len(kind._fields) - 1))

    try:
        live.ask("PUT", "/kv/k", b"v")
        impostor = Impostor(live, answers)
        impostor.enough.wait(60)
        assert {CompareRoots, Gossip} <= {type(message) for message in impostor.asked}
        serves(live)
    finally:
        live.stop()


def test_counters_that_a_peer_forged_leave_room_to_write(fresh):
    """The node counts on under an actor of its own that nobody can have forged."""
    server = fresh.server
    actor, owners = server.node.coordinator.actor, server.node.members.owners
    key = next(name for name in map("k{}".format, range(1000)) if "n1" in owners(name))
    forged = DottedState({actor: 2**63 - 1}, {(actor, 2**63 - 1): b"forged"})
    with fresh.peer() as peer:
        peer.next()
        peer.send(ReplicaPut((1, 1), key, forged), server.incarnation)
        while not fresh.ask("GET", f"/admin/local/{key}")[1]["held"]:
            pass
    context = fresh.ask("GET", f"/kv/{key}")[2]["x-dynamo-context"]
    assert fresh.ask("PUT", f"/kv/{key}", b"mine", X_Dynamo_Context=context)[0] == 200
    assert fresh.ask("GET", f"/kv/{key}")[1]["values"] == [base64.b64encode(b"mine").decode()]
    assert fresh.server.node.coordinator.actor != actor
    serves(fresh)
