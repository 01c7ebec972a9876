"""The HTTP client: what a whole answer is, and what must stay open."""

import asyncio

import pytest

from harness.errors import Refused, Unanswered
from harness.systems.http import Response, request


def answered(raw: bytes, then: str = "close", timeout_s: float = 60.0) -> Response:
    """What the client makes of a server that reads a request's head and says exactly this."""

    async def story() -> Response:
        closing = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            if then == "hang":
                await closing.wait()
            writer.transport.abort() if then == "abort" else writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            address = server.sockets[0].getsockname()[:2]
            return await request(address, "PUT", "/kv/k", b"v", timeout_s=timeout_s)
        finally:
            closing.set()
            server.close()

    return asyncio.run(story())


def test_an_answer_has_status_headers_by_lower_case_name_and_body() -> None:
    found = answered(b'HTTP/1.1 200 OK\r\nX-Dynamo-Context: AbC=\r\nContent-Length: 8\r\n\r\n{"a": 1}')
    assert (found.status, found.headers["x-dynamo-context"], found.fields) == (200, "AbC=", {"a": 1})


def test_an_answer_without_a_body_is_whole() -> None:
    assert answered(b"HTTP/1.1 204 No Content\r\nETag: 7\r\n\r\n", "hang").headers["etag"] == "7"


def test_an_answer_in_chunks_is_put_together() -> None:
    chunks = b'4\r\n{"a"\r\n5;x=y\r\n: 12}\r\n0\r\nTrailer: t\r\n\r\n'
    found = answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, "hang")
    assert found.fields == {"a": 12}


def test_an_interim_answer_is_not_the_answer() -> None:
    raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    assert answered(raw, "hang").status == 201


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
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf", "close"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "close"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "close"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "close"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "close"),
    ],
)
def test_whatever_ends_before_a_whole_answer_leaves_it_open(raw: bytes, then: str) -> None:
    with pytest.raises(Unanswered):
        answered(raw, then, 0.3 if then == "hang" else 60.0)


@pytest.mark.parametrize("body", [b"", b"[1]", b"\xff", b"not json"])
def test_a_body_that_is_no_object_has_no_fields(body: bytes) -> None:
    assert Response(500, {}, body).fields == {}
