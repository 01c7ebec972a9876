"""One HTTP request on a connection of its own, and the one table of what can come of it.

A connection of its own: a kept one may be stale after a restart, and then nobody could tell whether the
request had been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from harness.errors import HarnessError, Outcome, Refused, Unanswered

MOST_BYTES = 64 * 1024 * 1024
_HEAD_BYTES = 256 * 1024
_MAYBE_DONE = (408, 409, 425)
"""Of the 4xx these alone do not say that the request itself was at fault."""


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
            writer.write(_encoded(address, method, path, body, headers or {}))
            return await _response(reader)
    except TimeoutError:
        raise Unanswered("timeout") from None
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unanswered(f"connection lost: {type(error).__name__}") from None
    finally:
        if writer is not None:
            writer.transport.abort()


def outcome(response: Response) -> Outcome | HarnessError:
    """What an answer other than 200 means.

    A node's explicit word that nothing was done counts first; then a 4xx faults the request itself. Of
    whatever else a store can say nobody knows whether it acted. Statuses below 400 are in no table.
    """
    said = response.fields
    reason = str(said.get("reason") or f"HTTP {response.status}")
    if said.get("outcome") == "refused":
        return Refused(reason)
    if 400 <= response.status < 500 and response.status not in _MAYBE_DONE:
        return Refused(reason)
    if response.status >= 400:
        return Unanswered(reason)
    return HarnessError("client", f"an answer that no table knows: HTTP {response.status}")


async def _connected(address: tuple[str, int]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(*address, limit=_HEAD_BYTES)
    except ConnectionRefusedError:
        raise Refused("connection refused") from None


def _encoded(
    address: tuple[str, int], method: str, path: str, body: bytes | None, headers: Mapping[str, str]
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {address[0]}:{address[1]}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + (body or b"")


async def _response(reader: asyncio.StreamReader) -> Response:
    """Raises Unanswered on what is no HTTP response: nobody can say what its sender has done."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")[:-2]
    headers = {name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    parts = first.split(" ", 2)
    length = headers.get("content-length", "")
    if not first.startswith("HTTP/1.") or len(parts) < 2 or not parts[1].isdigit() or not length.isdigit():
        raise Unanswered(f"no HTTP response: {first[:60]!r}")
    if int(length) > MOST_BYTES:
        raise Unanswered(f"a response of {length} bytes")
    return Response(int(parts[1]), headers, await reader.readexactly(int(length)))
