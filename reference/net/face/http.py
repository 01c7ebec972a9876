"""HTTP/1.1 as far as this node needs it: whole requests in, whole responses out, everything bounded.

Request bodies need a Content-Length. Whoever sends too much, too slowly or nonsense gets one clear answer and
the end of the connection, because what follows on it can no longer be trusted.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_HEAD = 80 * 1024
"""Bytes of the request line and all headers: a context may take 60,000."""
REASONS = {
    200: "OK",
    202: "Accepted",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    428: "Precondition Required",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"/[\x21-\x7e]*")


class Limits(NamedTuple):
    """How long and how much a client may."""

    body_bytes: int = 1_000_000
    idle_s: float = 60.0
    """A kept connection without a request."""
    head_s: float = 10.0
    """From a request's first byte to the end of its headers."""
    body_s: float = 30.0
    """For the whole body, and for the client to take the response."""


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request; `headers` by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    kind: str = "application/json"

    def encode(self, keep: bool, bodiless: bool = False) -> bytes:
        """As it goes out; `bodiless`: headers only (HEAD)."""
        lines = [
            f"HTTP/1.1 {self.status} {REASONS[self.status]}",
            f"Content-Type: {self.kind}",
            f"Content-Length: {len(self.body)}",
            f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{name}: {value}" for name, value in self.headers),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (b"" if bodiless else self.body)


class HttpError(Exception):
    """The request itself is at fault: answered with this response, and certainly nothing was done."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.response = refused(status, reason, tuple(headers.items()))


def answer(status: int, **fields: object) -> Response:
    """A JSON response."""
    return Response(status, json.dumps(fields).encode() + b"\n")


def refused(status: int, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Certainly nothing happened."""
    body = json.dumps({"outcome": "refused", "reason": reason}).encode() + b"\n"
    return Response(status, body, headers)


async def read_request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
) -> Request | None:
    """The next request, or None if the client has gone or asks for nothing more.

    Raises HttpError; the connection must then be closed.
    """
    try:
        async with asyncio.timeout(limits.idle_s):
            first = await reader.read(1)
    except TimeoutError:
        return None
    if not first:
        return None
    try:
        async with asyncio.timeout(limits.head_s):
            head = first + await reader.readuntil(b"\r\n\r\n")
    except TimeoutError:
        raise HttpError(408, f"the headers took longer than {limits.head_s:g} s") from None
    except asyncio.LimitOverrunError:
        raise HttpError(431, f"request line and headers may have {MAX_HEAD} bytes") from None
    except asyncio.IncompleteReadError:
        return None
    request = parse_head(head)
    size = _content_length(request, limits.body_bytes)
    if not size:
        return request
    if request.headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        async with asyncio.timeout(limits.body_s):
            body = await reader.readexactly(size)
    except TimeoutError:
        raise HttpError(408, f"the body took longer than {limits.body_s:g} s") from None
    except asyncio.IncompleteReadError:
        return None
    return Request(request.method, request.target, request.headers, body, request.keep)


def parse_head(head: bytes) -> Request:
    """Request line and headers. Raises HttpError."""
    try:
        first, *lines = head.decode("ascii").split("\r\n")[:-2]
    except UnicodeDecodeError:
        raise HttpError(400, "request line and headers must be ASCII; percent-encode the key") from None
    parts = first.split(" ")
    if len(parts) != 3 or not _TOKEN.fullmatch(parts[0]) or not _TARGET.fullmatch(parts[1]):
        raise HttpError(400, "the request line is not `METHOD /path HTTP/1.1`")
    method, target, version = parts
    if not re.fullmatch(r"HTTP/\d\.\d", version):
        raise HttpError(400, "the request line does not end in HTTP/1.1")
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise HttpError(505, "this node speaks HTTP/1.1")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise HttpError(400, f"a header that is none: {line[:60]!r}")
        value = value.strip(" \t")
        if not value.isprintable():
            raise HttpError(400, f"control characters in the header {name[:60]}")
        name = name.lower()
        if name in headers and name in ("content-length", "host", "x-dynamo-context"):
            raise HttpError(400, f"the header {name} twice")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    connection = headers.get("connection", "").lower()
    keep = connection == "keep-alive" if version == "HTTP/1.0" else "close" not in connection
    return Request(method, target, headers, keep=keep)


def _content_length(request: Request, limit: int) -> int:
    if "transfer-encoding" in request.headers:
        raise HttpError(411, "send the body with a Content-Length, not in chunks")
    text = request.headers.get("content-length")
    if text is None:
        if request.method == "PUT":
            raise HttpError(411, "a PUT needs a Content-Length")
        return 0
    if not re.fullmatch(r"\d{1,18}", text):
        raise HttpError(400, f"Content-Length: {text[:40]!r} is no number")
    if int(text) > limit:
        raise HttpError(413, f"{int(text)} bytes; an object may have at most {limit}")
    return int(text)
