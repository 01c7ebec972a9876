"""One HTTP request on a connection of its own; what its statuses mean each system says for itself.

A connection of its own: a kept one may be stale after a restart, and then nobody could tell whether the
request had been read. h11 reads what comes (chunks, interim answers, answers without a body).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import h11
import msgspec

from harness.errors import Refused, Unanswered

MOST_BYTES = 64 * 1024 * 1024
_HEAD_BYTES = 256 * 1024
_BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, object]:
        """The JSON object in the body; empty if it holds none."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}


async def request(
    address: tuple[str, int],
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 1.0,
) -> Response:
    """Ask once. Raises Refused if nobody took the connection, Unanswered if no whole answer came in time."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await _connected(address)
            parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
            writer.write(_encoded(parser, address, method, path, body, headers or {}))
            return await _response(parser, reader)
    except TimeoutError:
        raise Unanswered("timeout") from None
    except OSError as error:
        raise Unanswered(f"connection lost: {type(error).__name__}") from None
    except h11.RemoteProtocolError as error:
        raise Unanswered(f"no HTTP response: {error}"[:120]) from None
    finally:
        if writer is not None:
            writer.transport.abort()


async def _connected(address: tuple[str, int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(*address, limit=_HEAD_BYTES)
    except ConnectionRefusedError:
        raise Refused("connection refused") from None


def _encoded(
    parser: h11.Connection,
    address: tuple[str, int],
    method: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> bytes:
    lines = [("Host", f"{address[0]}:{address[1]}"), ("Connection", "close"), *headers.items()]
    if body is not None:
        lines.append(("Content-Length", str(len(body))))
    parts = parser.send(h11.Request(method=method, target=path, headers=lines)) or b""
    if body:
        parts += parser.send(h11.Data(data=body)) or b""
    return parts + (parser.send(h11.EndOfMessage()) or b"")


async def _response(parser: h11.Connection, reader: asyncio.StreamReader) -> Response:
    """Raises Unanswered on what is no whole HTTP response: nobody can say what its sender has done."""
    head: h11.Response | None = None
    body = b""
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            parser.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Response):
            head = event
            headers = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers
            }
            _check_length(event.status_code, headers)
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MOST_BYTES:
                raise Unanswered(f"a response of more than {MOST_BYTES} bytes")
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return Response(head.status_code, headers, body)
        elif not isinstance(event, h11.InformationalResponse):
            raise Unanswered("connection lost before a whole answer")


def _check_length(status: int, headers: Mapping[str, str]) -> None:
    """Of a body that only the connection's end delimits nobody can tell whether it is whole."""
    length = headers.get("content-length")
    if length is not None and int(length) > MOST_BYTES:
        raise Unanswered(f"a response of {length} bytes")
    if length is None and status not in _BODILESS and "transfer-encoding" not in headers:
        raise Unanswered("a response that does not say where it ends")
