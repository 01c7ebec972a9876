"""The table of errors: what may be called a failure, what must stay open, what no table knows."""

import asyncio

import pytest

from harness.errors import HarnessError, Refused, Unanswered
from harness.systems.http import Response, outcome, request


def answered(raw: bytes, then: str = "close") -> Response:
    """What the client makes of a server that reads a request's head and says exactly this."""

    async def story() -> Response:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            if then == "hang":
                await asyncio.sleep(5)
            writer.transport.abort() if then == "abort" else writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            return await request(server.sockets[0].getsockname()[:2], "PUT", "/kv/k", b"v", timeout_s=0.3)
        finally:
            server.close()

    return asyncio.run(story())


def test_an_answer_has_status_headers_by_lower_case_name_and_body() -> None:
    found = answered(b'HTTP/1.1 200 OK\r\nX-Dynamo-Context: AbC=\r\nContent-Length: 8\r\n\r\n{"a": 1}')
    assert (found.status, found.headers["x-dynamo-context"], found.fields) == (200, "AbC=", {"a": 1})


def test_a_refused_connection_did_certainly_nothing() -> None:
    with pytest.raises(Refused):
        asyncio.run(request(("127.0.0.1", 1), "GET", "/"))


@pytest.mark.parametrize(
    ("raw", "then"),
    [
        (b"", "close"),
        (b"", "abort"),
        (b"", "hang"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "close"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "close"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "hang"),
        (b"HTTP/1.1 200 OK\r\n\r\nno length", "close"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "close"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "close"),
    ],
)
def test_whatever_ends_before_a_whole_answer_leaves_it_open(raw: bytes, then: str) -> None:
    with pytest.raises(Unanswered):
        answered(raw, then)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 411, 413, 428, 431])
def test_a_request_at_fault_was_not_carried_out(status: int) -> None:
    assert isinstance(outcome(Response(status, {}, b"")), Refused)


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504])
def test_of_whatever_else_nobody_knows(status: int) -> None:
    said = outcome(Response(status, {}, b'{"outcome": "unknown", "reason": "too few answered"}'))
    assert isinstance(said, Unanswered)
    assert str(said) == "too few answered"


@pytest.mark.parametrize("status", [409, 503, 504])
def test_a_nodes_own_word_that_nothing_was_done_counts(status: int) -> None:
    said = outcome(Response(status, {}, b'{"outcome": "refused", "reason": "starting"}'))
    assert isinstance(said, Refused)
    assert str(said) == "starting"


@pytest.mark.parametrize("status", [100, 201, 302])
def test_what_is_in_no_table_is_our_own_failure(status: int) -> None:
    assert isinstance(outcome(Response(status, {}, b"")), HarnessError)


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff", b"not json"])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    assert Response(500, {}, body).fields == {}
