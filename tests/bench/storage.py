"""What durability costs: the object buffer beside the paper's Figure 5, and what the engines can commit.

The paper's figure is of its own disks, so only the ratio can be compared, and it moves with the disk: three
disks are shown. Virtual time has no noise and no contention: a sync takes as long as it is drawn, however
much it writes. The engines' own speed is measured in real time on this machine's disk.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from harness.systems.dynamo import DynamoDeployment
from harness.testbeds.sim.testbed import SimTestbed
from reference.config import NodeConfig
from reference.net.disk.groups import GroupFile
from reference.net.peers.fields import pack, unpack
from reference.net.peers.states import batch_codec
from reference.storage.engine import Batch, Copy
from reference.storage.sqlite import Database
from reference.versions.dotted import DottedState
from tests.bench.figure import Figure

FIGURE_5 = 5.0
NODES = ("n1", "n2", "n3", "n4", "n5")
CLIENTS = 20
PUTS = 10_000
DISKS: tuple[tuple[float, float], ...] = ((1.0, 10.0), (1.0, 30.0), (1.0, 100.0))
"""[least, most] time of a sync, ms."""
SECONDS = 1.0
CODEC = batch_codec("dotted")


def figures() -> Iterator[Figure]:
    """Buffering in simulation; engines in virtual time; engines in real time."""
    for sync_ms in DISKS:
        yield from _buffering(sync_ms)
    for engine in ("memory", "log", "sqlite"):
        latencies, virtual_s = _puts({"engine": engine}, (0.2, 1.0), PUTS // 5)
        yield Figure(f"{engine}, virtual time: puts at (3,2,2)", len(latencies) / virtual_s, "puts/s")
    yield from _real()


def _buffering(sync_ms: tuple[float, float]) -> Iterator[Figure]:
    disk = f"disk {sync_ms[0]:g} to {sync_ms[1]:g} ms"
    tails = {}
    for durability in ("fsync", "buffer"):
        latencies, _ = _puts({"durability": durability, "buffer_objects": 1000}, sync_ms, PUTS)
        latencies.sort()
        tails[durability] = latencies[len(latencies) * 999 // 1000] / 1e6
        yield Figure(f"{disk}, {durability}: p99.9 of puts", tails[durability], "ms, virtual")
    ratio = tails["fsync"] / tails["buffer"]
    yield Figure(f"{disk}: p99.9 falls by a factor of", ratio, "x", FIGURE_5, "the paper's Figure 5")


def _puts(config: dict[str, Any], sync_ms: tuple[float, float], puts: int) -> tuple[list[int], float]:
    """Latencies (ns) of puts by closed-loop clients, each to keys of its own, and the virtual seconds."""
    testbed = SimTestbed(1, NODES, sync_ms=sync_ms)
    deployment = DynamoDeployment(testbed, NodeConfig(replica_timeout_s=0.5, request_timeout_s=2.0, **config))
    latencies: list[int] = []

    async def client(number: int) -> None:
        own = deployment.client(number, timeout_s=5.0)
        for count in range(puts // CLIENTS):
            key = f"{number}-{count % 10}"
            coordinator = deployment.preference_list(key)[0]
            seen = await own.get(key, coordinator)
            began = testbed.now()
            await own.put(key, f"{count}", seen.context, coordinator)
            latencies.append(testbed.now() - began)

    async def main() -> float:
        for node in NODES:
            await testbed.start(node)
        began = testbed.now()
        for task in [testbed.spawn(client(number), "client") for number in range(CLIENTS)]:
            await task
        return (testbed.now() - began) / 1e9

    return latencies, testbed.run(main())


def _real() -> Iterator[Figure]:
    """Commits a second of batches of one 1,000-byte value, alone and a hundred to a group."""
    with tempfile.TemporaryDirectory() as folder:
        log = GroupFile(Path(folder) / "log")
        database = Database(str(Path(folder) / "d"), partial(pack, CODEC), partial(unpack, CODEC))
        writers: dict[str, Callable[[list[Batch]], None]] = {
            "log": lambda batches: log.write([pack(CODEC, batch) for batch in batches]),
            "sqlite": database.write,
        }
        for together in (1, 100):
            limit = _rate(_bare(Path(folder) / f"bare{together}", together), together)
            for engine, write in writers.items():
                name = f"{engine}, real time: commits of {together}"
                yield Figure(name, _rate(write, together), "puts/s", limit, "bare write and fdatasync")
        log.close()
        database.close()


def _rate(write: Callable[[list[Batch]], None], together: int) -> float:
    """Batches a second by the clock: this is about waiting for a disk."""
    began, done = time.perf_counter(), 0
    while (took := time.perf_counter() - began) < SECONDS:
        write([_batch(number) for number in range(done, done + together)])
        done += together
    return done / took


def _batch(number: int) -> Batch:
    return (
        Copy(f"k{number % 5000}", DottedState({"n1@0": number + 1}, {("n1@0", number + 1): b"v" * 1000})),
    )


def _bare(path: Path, together: int) -> Callable[[list[Batch]], None]:
    """The same bytes with nothing around them."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    content = b"v" * 1000 * together

    def write(_batches: list[Batch]) -> None:
        os.write(file, content)
        os.fdatasync(file)

    return write
