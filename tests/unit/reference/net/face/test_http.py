"""The HTTP face, by the bytes: what a client may send, and the one clear answer to what it may not."""

import base64
import json
import socket
import time

import pytest

from reference.net.face.http import MAX_HEAD, HttpError, parse_head
from tests.unit.reference.net.live import LOOPBACK, read_all


def status(answer):
    return int(answer.split(b" ")[1]) if answer else None


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET /health HTTP/1.1\r\n\r\n", 200),
        (b"GET /health HTTP/1.0\r\n\r\n", 200),
        (b"HEAD /health HTTP/1.1\r\n\r\n", 200),
        (b"GET /nowhere HTTP/1.1\r\n\r\n", 404),
        (b"POST /status HTTP/1.1\r\n\r\n", 405),
        (b"PATCH /kv/a HTTP/1.1\r\n\r\n", 405),
        (b"GET /kv/ HTTP/1.1\r\n\r\n", 400),
        (b"GET /kv/%zz HTTP/1.1\r\n\r\n", 400),
        (b"GET /kv/%ff HTTP/1.1\r\n\r\n", 400),
        (b"GET /kv/a?b HTTP/1.1\r\n\r\n", 400),
        (b"GET /kv/" + b"k" * 1025 + b" HTTP/1.1\r\n\r\n", 400),
        (b"PUT /kv/a HTTP/1.1\r\n\r\nvalue", 411),
        (b"PUT /kv/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nvalue\r\n0\r\n\r\n", 411),
        (b"PUT /kv/a HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nvalue", 400),
        (b"PUT /kv/a HTTP/1.1\r\nContent-Length: +5\r\n\r\nvalue", 400),
        (b"PUT /kv/a HTTP/1.1\r\nContent-Length: 1000001\r\n\r\n", 413),
        (b"PUT /kv/a HTTP/1.1\r\nContent-Length: 9999999999999999999999\r\n\r\n", 400),
        (b"DELETE /kv/a HTTP/1.1\r\n\r\n", 428),
        (b"DELETE /kv/a HTTP/1.1\r\nX-Dynamo-Context: abc\r\n\r\n", 400),
        (b"GET /health HTTP/2.0\r\n\r\n", 505),
        (b"GET  /health HTTP/1.1\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET /\xc3\xb1 HTTP/1.1\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nname : value\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nname: a\r\n folded\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nname: a\x00b\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nname: " + b"a" * MAX_HEAD + b"\r\n\r\n", 431),
        (b"GET /health HTTP/1.1\r\nna", None),
        (b"PUT /kv/a HTTP/1.1\r\nContent-Length: 5\r\n\r\nva", None),
        (b"", None),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else str(value),
)
def test_every_request_has_one_answer(live, request_bytes, expected):
    answer = live.http(request_bytes)
    assert status(answer) == expected
    if expected is not None and expected >= 400:
        body = json.loads(answer.partition(b"\r\n\r\n")[2])
        assert body["outcome"] == "refused"
        assert body["reason"]


def test_a_too_large_object_is_told_the_limit(live):
    code, body, _ = live.ask("PUT", "/kv/large", b"x" * 1_000_001)
    assert code == 413
    assert "1000000" in body["reason"]
    assert live.ask("GET", "/kv/large")[1] == {"values": []}


def test_a_method_that_is_not_allowed_is_told_which_are(live):
    assert live.ask("POST", "/kv/a", b"")[2]["allow"] == "GET, PUT, DELETE"


def test_values_of_any_bytes_up_to_the_limit(live):
    for value in (b"", bytes(range(256)), b"\r\n\r\n", b"z" * 1_000_000):
        context = live.ask("GET", "/kv/bytes")[2]["x-dynamo-context"]
        assert live.ask("PUT", "/kv/bytes", value, X_Dynamo_Context=context)[0] == 200
        assert live.ask("GET", "/kv/bytes")[1] == {"values": [base64.b64encode(value).decode()]}


@pytest.mark.parametrize("path", ["/kv/a/b%2Fc", "/kv/%C3%B1%20%25", "/kv/%00", "/kv/..%2f..%2fetc"])
def test_keys_of_any_text(live, path):
    assert live.ask("PUT", path, b"v")[0] == 200
    assert live.ask("GET", path)[1]["values"] == ["dg=="]


def test_two_blind_puts_are_siblings_which_a_context_replaces_and_deletes(live):
    live.ask("PUT", "/kv/cart", b"milk")
    live.ask("PUT", "/kv/cart", b"bread")
    _, body, headers = live.ask("GET", "/kv/cart")
    assert sorted(base64.b64decode(value) for value in body["values"]) == [b"bread", b"milk"]
    context = headers["x-dynamo-context"]
    assert live.ask("PUT", "/kv/cart", b"both", X_Dynamo_Context=context)[1] == {"outcome": "ok"}
    _, body, headers = live.ask("GET", "/kv/cart")
    assert body["values"] == [base64.b64encode(b"both").decode()]
    assert live.ask("DELETE", "/kv/cart", X_Dynamo_Context=headers["x-dynamo-context"])[0] == 200
    code, body, headers = live.ask("GET", "/kv/cart")
    assert (code, body) == (200, {"values": []})
    assert headers["x-dynamo-context"], "A1: a missing key still has a context"


def test_a_context_of_another_key_is_refused(live):
    context = live.ask("GET", "/kv/one")[2]["x-dynamo-context"]
    code, body, _ = live.ask("PUT", "/kv/two", b"v", X_Dynamo_Context=context)
    assert (code, body["outcome"]) == (409, "refused")
    assert "another key" in body["reason"]
    assert live.ask("GET", "/kv/two")[1]["values"] == []


def test_a_connection_serves_many_requests_even_sent_at_once(live):
    one = b"PUT /kv/p HTTP/1.1\r\nContent-Length: 1\r\n\r\nv"
    two = b"GET /kv/p HTTP/1.1\r\n\r\n"
    answer = live.http(
        one + two + one + two + b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n", shut=False
    )
    assert answer.count(b"HTTP/1.1 200 OK") == 5


def test_who_expects_a_100_gets_it_before_the_body(live):
    with socket.create_connection((LOOPBACK, live.http_port), 60) as connection:
        head = b"PUT /kv/e HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert status(read_all(connection)) == 200


PATIENT = 2000
"""Bytes, one in 50 ms: far more than any node waits for."""


@pytest.mark.parametrize("slow", [b"GET /health HT", b"PUT /kv/a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"])
def test_who_is_too_slow_is_told_so_and_let_go(live, slow):
    answer = live.http(slow, shut=False)
    assert status(answer) == 408


def test_one_byte_at_a_time_does_not_hold_a_connection_open(live):
    """Slow loris: the time for a whole head counts, not the time since the last byte."""
    with socket.create_connection((LOOPBACK, live.http_port), 60) as connection:
        assert is_let_go(connection)


def is_let_go(connection):
    """Whether the node ends a connection on which one byte comes in 50 ms, long before all have come."""
    try:
        for _ in range(PATIENT):
            connection.sendall(b"a")
            time.sleep(0.05)
    except ConnectionError:
        return True
    return False


def test_health_metrics_status_and_what_this_replica_alone_holds(live):
    live.ask("PUT", "/kv/local", b"v")
    assert live.ask("GET", "/health")[:2] == (200, {"ready": True, "trouble": ""})
    found = live.ask("GET", "/status")[1]
    assert (found["name"], found["config"]["n"], found["ring"]["nodes"]) == ("n1", 1, ["n1", "n2"])
    state = live.ask("GET", "/admin/state")[1]
    assert {"hints", "repairs", "transfers", "offset_ms", "digests", "primaries"} == set(state)
    assert [member["name"] for member in live.ask("GET", "/admin/members")[1]["members"]] == ["n1", "n2"]
    metrics = live.http(b"GET /metrics HTTP/1.0\r\n\r\n").decode()
    assert 'dynamo_requests_total{kind="put",outcome="ok"}' in metrics
    assert 'dynamo_request_seconds_bucket{kind="put",le="+Inf"}' in metrics


def test_what_the_parser_leaves_is_what_was_sent():
    request = parse_head(b"PUT /kv/a%20b HTTP/1.1\r\nHost: x\r\nX-A:  1 \r\nx-a: 2\r\n\r\n")
    assert (request.method, request.target, request.keep) == ("PUT", "/kv/a%20b", True)
    assert request.headers == {"host": "x", "x-a": "1, 2"}
    with pytest.raises(HttpError, match="twice"):
        parse_head(b"GET / HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n")


def test_a_put_sent_again_under_its_request_id_happens_once(live):
    for _ in range(3):
        assert live.ask("PUT", "/kv/again", b"v", X_Dynamo_Request_Id="order-7")[0] == 200
    assert live.ask("GET", "/kv/again")[1]["values"] == ["dg=="]
    for name in ("order-8", "shop/1/0", "shop/2/1", "shop/2/1"):
        assert live.ask("PUT", "/kv/again", b"v", X_Dynamo_Request_Id=name)[0] == 200
    assert live.ask("GET", "/kv/again")[1]["values"] == ["dg=="] * 4


def test_a_repetition_at_a_node_that_has_started_again_is_unknown_not_done_twice(live):
    epoch = live.ask("GET", "/status")[1]["epoch"]
    assert live.ask("PUT", "/kv/epoch", b"v")[2]["x-dynamo-epoch"] == epoch
    known = {"X_Dynamo_Request_Id": "sent-before", "X_Dynamo_Epoch": epoch}
    assert live.ask("PUT", "/kv/epoch", b"v", **known)[0] == 200
    other = {"X_Dynamo_Request_Id": "sent-to-another", "X_Dynamo_Epoch": f"{int(epoch, 16) ^ 1:016x}"}
    code, body, _ = live.ask("PUT", "/kv/epoch", b"v", **other)
    assert (code, body["outcome"]) == (504, "unknown")
    assert "started again" in body["reason"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Dynamo_Request_Id": "x" * 129},
        {"X_Dynamo_Request_Id": ""},
        {"X_Dynamo_Request_Id": "shop/0/0"},
        {"X_Dynamo_Request_Id": "shop/2/2"},
        {"X_Dynamo_Request_Id": "shop", "X_Dynamo_Epoch": "1"},
    ],
    ids=str,
)
def test_a_request_id_that_is_none_is_refused(live, headers):
    assert live.ask("PUT", "/kv/again", b"v", **headers)[0] == 400
