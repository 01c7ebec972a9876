"""Which file a node's data is in: that of its engine, and no other's."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable
from pathlib import Path

from reference.config import NodeConfig
from reference.net.disk.datadir import DataError
from reference.net.disk.disk import FileDisk
from reference.net.disk.groups import GroupFile
from reference.net.peers.states import batch_codec

FILES = {"log": "log", "sqlite": "copies.sqlite"}


def open_disk(
    data: Path,
    config: NodeConfig,
    accept_damage: bool,
    loop: AbstractEventLoop,
    on_error: Callable[[BaseException], None],
) -> FileDisk:
    """Open or create it in this directory. Raises DataError, also if another engine's data is there."""
    for engine, name in FILES.items():
        if engine != config.engine and (data / name).exists():
            raise DataError(
                f"{data}: engine {engine} wrote it; this node's is {config.engine}: choose that one"
            )
    path = data / FILES[config.engine]
    if config.engine == "sqlite":
        # Here, because not every python3 has it: a node with another engine must not need it.
        from reference.net.disk.database import DatabaseDisk, Transactions

        return DatabaseDisk(Transactions(path, config.mode, accept_damage), loop, on_error)
    return FileDisk(GroupFile(path, accept_damage), batch_codec(config.mode), loop, on_error)
