"""Real nodes on loopback beside a bare asyncio echo with the same payload, which is what the limit is.

Three processes at (3,2,2) on one machine, clients in this one with a connection each: throughput by the clock
and latency as the client sees it. The echo has the same clients, the same requests and nothing behind them.
Nodes of a busy machine answer late, or 503: such a request is sent again, and its latency is all of that.
What does not come to an end is not measured.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reference.cli.cluster import Cluster, free_ports
from reference.net.disk.groups import GroupFile
from tests.bench.figure import Figure, NotMeasured

CLIENTS = 8
REQUESTS = 4_000
VALUE = b"v" * 1000
KEYS = 200
PATIENCE_S = 120.0
"""How long one load, or a start, may take in all on a machine that is busy with other things."""
AGAIN_S = 0.05


def figures() -> Iterator[Figure]:
    """The disk, the echo, then puts and gets of 1,000 bytes with the log engine and with memory."""
    yield Figure("one sync of the log, 1,000 bytes", _sync_ms(), "ms")
    try:
        echo = _echo()
    except NotMeasured as why:
        yield Figure("bare asyncio echo", None, "req/s", None, str(why))
        return
    for engine in ("log", "memory"):
        try:
            measured = _nodes(engine)
        except NotMeasured as why:
            yield Figure(f"real node, {engine}", None, "req/s", None, str(why))
            continue
        for name, found in measured.items():
            yield from _figures(f"real node, {engine}: {name}", found, echo)


def _nodes(engine: str) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.write_text(f"engine = {engine}\n")
        cluster = Cluster(Path(folder), 3, ("--config", str(config)))
        try:
            cluster.start(timeout_s=PATIENCE_S)
            ports = list(cluster.ports.values())
            asyncio.run(_load(ports, _put, KEYS))
            return {"put": asyncio.run(_load(ports, _put)), "get": asyncio.run(_load(ports, _get))}
        except RuntimeError as error:
            raise NotMeasured(f"a node did not start: {str(error).splitlines()[0]}") from None
        finally:
            cluster.stop()


def _sync_ms(times: int = 300) -> float:
    """The median: no put with the log engine can be quicker than one of these at each of two nodes."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        log = GroupFile(Path(folder) / "log")
        for _ in range(times):
            began = time.perf_counter()
            log.write([VALUE])
            took.append(1000 * (time.perf_counter() - began))
        log.close()
    return statistics.median(took)


def _figures(name: str, found: list[float], echo: list[float]) -> Iterator[Figure]:
    yield Figure(name, found[0], "req/s", echo[0], "bare asyncio echo")
    for at, share in enumerate(("p50", "p99", "p99.9"), 1):
        yield Figure(f"{name}, {share}", found[at], "ms", echo[at], "bare asyncio echo")


def _put(number: int) -> bytes:
    """A key of its own each: blind puts to one key would pile up siblings."""
    head = f"PUT /kv/bench-{number} HTTP/1.1\r\nHost: n\r\nContent-Length: {len(VALUE)}\r\n\r\n"
    return head.encode() + VALUE


def _get(number: int) -> bytes:
    return f"GET /kv/bench-{number % KEYS} HTTP/1.1\r\nHost: n\r\n\r\n".encode()


async def _load(ports: list[int], request: Any, requests: int = REQUESTS) -> list[float]:
    """[requests a second, p50, p99 and p99.9 in ms] of closed-loop clients, spread over the nodes."""
    numbers = iter(range(requests))
    latencies: list[float] = []

    async def client(port: int) -> None:
        reader, writer = await _connected(port)
        for number in numbers:
            began = time.perf_counter()
            while True:
                try:
                    writer.write(request(number))
                    head = await reader.readuntil(b"\r\n\r\n")
                    size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                    body = await reader.readexactly(size)
                except (OSError, asyncio.IncompleteReadError):
                    reader, writer = await _connected(port)
                    continue
                if head.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3")):
                    break
                assert head.startswith((b"HTTP/1.1 503", b"HTTP/1.1 429", b"HTTP/1.1 504")), head + body
                await asyncio.sleep(AGAIN_S)
            latencies.append(1000 * (time.perf_counter() - began))
        writer.close()

    began = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(client(ports[index % len(ports)]) for index in range(CLIENTS)))
    except TimeoutError:
        raise NotMeasured(
            f"{len(latencies)} of {requests} requests were answered in {PATIENCE_S:g} s"
        ) from None
    rate = len(latencies) / (time.perf_counter() - began)
    latencies.sort()
    return [rate, *(latencies[min(int(len(latencies) * q), len(latencies) - 1)] for q in (0.5, 0.99, 0.999))]


def _echo() -> list[float]:
    """The same load against processes that only send back as many bytes."""
    ports = free_ports(3)
    spawn = multiprocessing.get_context("spawn")
    servers = [spawn.Process(target=_serve_echo, args=(port,), daemon=True) for port in ports]
    for server in servers:
        server.start()
    try:
        return asyncio.run(_load(ports, _put))
    finally:
        for server in servers:
            server.terminate()
            server.join()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, as soon as somebody takes it; whoever waits sets the limit."""
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(AGAIN_S)


def _serve_echo(port: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(len(VALUE))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        except asyncio.IncompleteReadError:
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(main())
