"""Connections of HTTP clients: one task each, a bounded number, none that outlives its welcome."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable

from reference.net.face.http import (
    MAX_HEAD,
    HttpError,
    Limits,
    Request,
    Response,
    answer,
    read_request,
    refused,
)
from reference.net.metrics import Metrics

MAX_CONNECTIONS = 1024
_DRAINED = 2_000_000
"""Bytes of a refused body that are read and thrown away, so that the client gets to read the answer."""

Handle = Callable[[Request], Awaitable[Response]]


class Listener:
    """Reads requests and writes what `handle` answers."""

    def __init__(self, handle: Handle, limits: Limits, metrics: Metrics) -> None:
        self._handle = handle
        self._limits = limits
        self._metrics = metrics
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], None] = {}

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def listen(self, listening: socket.socket) -> None:
        """Serve on a bound socket."""
        self._server = await asyncio.start_server(self._accept, sock=listening, limit=MAX_HEAD)

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MAX_CONNECTIONS:
            writer.write(refused(503, "too many connections").encode(keep=False))
            writer.close()
            self._metrics.count("bad_requests_total", status="503")
            return
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections[task] = None
        task.add_done_callback(lambda ended: self._connections.pop(ended, None))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._serve_one(reader, writer):
                pass
        except (OSError, TimeoutError):
            pass  # the client has gone, or does not take its answer
        finally:
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection goes on."""
        try:
            request = await read_request(reader, writer, self._limits)
        except HttpError as error:
            self._metrics.count("bad_requests_total", status=str(error.response.status))
            await self._write(writer, error.response.encode(keep=False))
            await self._drain(reader, writer)
            return False
        if request is None:
            return False
        try:
            response = await self._handle(request)
        except Exception as error:  # the page's own fault: it costs this request, not the node
            print(f"{request.method} {request.target[:200]} broke its handler:", file=sys.stderr)
            traceback.print_exception(error)
            self._metrics.count("handlers_broken_total", kind="http")
            response = answer(
                500, outcome="unknown", reason="the node failed in the midst of it: see its log"
            )
        await self._write(writer, response.encode(request.keep, bodiless=request.method == "HEAD"))
        return request.keep

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        async with asyncio.timeout(self._limits.body_s):
            await writer.drain()

    async def _drain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Closing with unread bytes would reset the connection under the answer."""
        with contextlib.suppress(OSError, TimeoutError):
            writer.write_eof()
            left = _DRAINED
            async with asyncio.timeout(1.0):
                while left > 0 and (data := await reader.read(65536)):
                    left -= len(data)
