"""Kill a process that writes to a log, again and again: `python -m tests.net.kill_writers DIR TIMES SEED`.

A process of its own, because it forks. Each child opens the log as a node does, writes batches of all sizes
through the Disk, and reports each number once its sync has ended. After each kill the log is read again.
Prints one JSON object of counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

from reference.net.disk.datadir import DataDir
from reference.net.disk.disk import FileDisk
from reference.net.disk.groups import GroupFile
from reference.net.peers.states import batch_codec
from reference.storage.engine import Copy, Hint
from reference.versions.dotted import DottedState

CODEC = batch_codec("dotted")
NUMBER = struct.Struct(">I")
ROUNDS_A_LOG = 20


def value(number: int) -> bytes:
    """Of any size, and such that half of one is no other."""
    seed = hashlib.blake2b(NUMBER.pack(number)).digest()
    size = [10, 500, 5_000, 60_000, 900_000][seed[0] % 5] + seed[1]
    return NUMBER.pack(number) + seed * (size // 64)


def batch(number: int) -> tuple[Copy, Hint]:
    state = DottedState({"n1@0": number + 1}, {("n1@0", number + 1): value(number)})
    return Copy(f"k{number}", state), Hint("n2", f"k{number}", state)


def write(folder: Path, first: int, report: int) -> None:
    """Write for ever; a number goes to `report` once it is durable."""

    async def life() -> None:
        data = DataDir(folder, "n1", "dotted")
        disk = FileDisk(
            GroupFile(data.path / "log"), CODEC, asyncio.get_running_loop(), lambda _: os._exit(9)
        )
        os.write(report, NUMBER.pack(0xFFFFFFFF))
        pace = random.Random(first)
        for number in range(first, first + 1_000_000):
            disk.append(batch(number))
            done = disk.sync()
            done.when_done(lambda _, number=number: os.write(report, NUMBER.pack(number)))
            if pace.random() < 0.5:
                await done.for_asyncio()

    asyncio.run(life())


def found(folder: Path) -> tuple[int, int]:
    """(how many batches the log holds, bytes torn off); asserts that they are all whole and in order."""
    data = DataDir(folder, "n1", "dotted")
    log = GroupFile(data.path / "log")
    disk_like = list(FileDisk.records_of(log, CODEC))
    for number, record in enumerate(disk_like):
        assert record == batch(number), f"batch {number} is not what was written"
    log.close()
    data.close()
    return len(disk_like), log.torn_bytes


def main(folder: Path, times: int, seed: int) -> dict[str, int]:
    rng = random.Random(seed)
    counts = {"kills": 0, "acknowledged": 0, "torn": 0, "unacknowledged_kept": 0}
    held = 0
    for turn in range(times):
        log = folder / str(turn // ROUNDS_A_LOG)
        if not turn % ROUNDS_A_LOG:
            held = 0
        mine, theirs = os.pipe()
        child = os.fork()
        if not child:
            os.close(mine)
            write(log, held, theirs)
            os._exit(8)
        os.close(theirs)
        assert os.read(mine, NUMBER.size) == NUMBER.pack(0xFFFFFFFF), "the child did not open the log"
        waited = [os.read(mine, NUMBER.size) for _ in range(rng.randrange(5))]
        time.sleep(rng.random() ** 2 * 0.03)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with open(mine, "rb") as pipe:
            acknowledged = [number for (number,) in NUMBER.iter_unpack(b"".join(waited) + pipe.read())]
        promised = max(acknowledged, default=held - 1) + 1
        kept, torn = found(log)
        assert kept >= promised, f"{promised} batches were acknowledged, {kept} are there"
        counts["kills"] += 1
        counts["acknowledged"] += len(acknowledged)
        counts["torn"] += torn > 0
        counts["unacknowledged_kept"] += kept - promised
        held = kept
    return counts


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
