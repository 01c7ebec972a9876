"""A node as a process: starts, says when it is ready, stops in order on a signal.

Exit codes: 0 stopped as asked, 1 the node broke (the traceback is on standard error), 4 it could not start.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
import traceback
from typing import Any

from reference.bounds import shown
from reference.net.disk.datadir import DataError
from reference.net.errors import UsageError
from reference.net.peers.link import Address
from reference.net.server import Server, Settings

OK, BROKE, USAGE = 0, 1, 4


def run(settings: Settings, stop_on_eof: bool = False) -> int:
    """Serve until told to stop; the exit code. Raises UsageError if it cannot start."""
    sys.setswitchinterval(0.0005)  # or a sync that has ended waits 5 ms for the interpreter's lock
    return asyncio.run(_serve(settings, stop_on_eof))


async def _serve(settings: Settings, stop_on_eof: bool) -> int:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if stop_on_eof:
        threading.Thread(target=_until_eof, args=(loop, stop), daemon=True).start()
    peers, clients = bind(settings.listen, "--listen"), bind(settings.http, "--http")
    try:
        server = Server(settings)
    except DataError as error:
        raise UsageError(str(error)) from None
    gc.freeze()
    stopping = asyncio.ensure_future(stop.wait())
    waits: list[asyncio.Future[Any]] = [stopping, server.failed]
    starting = asyncio.ensure_future(server.start(peers, clients))
    try:
        await asyncio.wait((starting, *waits), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            print(_ready(server, clients), flush=True)
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    except OSError as error:
        raise UsageError(f"cannot listen: {error.strerror}") from None
    finally:
        starting.cancel()
        stopping.cancel()
        await server.stop()
    if not server.failed.done():
        print(f"{server.name} stopped", flush=True)
        return OK
    print(f"{server.name} broke:", file=sys.stderr)
    traceback.print_exception(server.failed.result())
    return BROKE


def bind(address: Address, option: str) -> socket.socket:
    """A bound socket that does not listen yet. Raises UsageError if the address cannot be had."""
    host, port = address
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{option} {shown(host)}:{port}: {reason}; choose another address") from None
    return bound


def _ready(server: Server, clients: socket.socket) -> str:
    host, port = clients.getsockname()[:2]
    data = server.settings.data if server.settings.data is not None else "nowhere (engine memory)"
    where = f"http://{'[' + host + ']' if ':' in host else host}:{port}"
    line = f"{server.name} ready: clients at {where}, data in {data}, epoch {server.incarnation:016x}"
    log = getattr(server.disk, "log", None)
    if log is not None and log.torn_bytes:
        line += f", {log.torn_bytes} bytes of a torn write cut off"
    if log is not None and log.damaged_bytes:
        line += f", {log.damaged_bytes} damaged bytes given up"
    return line


def _until_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):  # not sys.stdin, whose lock a daemon thread must not hold at the end
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stop.set)
