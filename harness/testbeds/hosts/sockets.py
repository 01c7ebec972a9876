"""What Linux says of processes' sockets: who is connected to whom. Elsewhere there is nothing to be read.

Source: proc_pid_fd(5), and Documentation/networking/proc_net_tcp.rst of the kernel.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.testbeds.hosts.seat import Address

LISTENING, PARTING = 0x0A, 0x06
"""States of TCP: LISTEN and TIME_WAIT (over, but not forgotten for a minute; it belongs to nobody then)."""
NOWHERE = 0
"""The port of no address."""


@dataclass(frozen=True, slots=True)
class Socket:
    """One row of the kernel's tables."""

    protocol: str
    """`tcp` or `udp`."""
    local: Address
    remote: Address
    state: int
    inode: int
    """0: no process has it."""


def table() -> list[Socket]:
    """All TCP and UDP sockets of this network namespace, addresses of IPv6 that mean IPv4 as such."""
    found = []
    for protocol in ("tcp", "udp"):
        for version in ("", "6"):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/net/{protocol}{version}").read_text().splitlines()[1:]
                found += [_row(protocol, line.split()) for line in lines]
    return found


def inodes(pid: int) -> set[int]:
    """The sockets of a process and its descendants."""
    found: set[int] = set()
    for process in _family(pid):
        try:
            names = os.listdir(f"/proc/{process}/fd")
        except OSError:
            continue
        for name in names:
            with contextlib.suppress(OSError):
                target = os.readlink(f"/proc/{process}/fd/{name}")
                if target.startswith("socket:["):
                    found.add(int(target[8:-1]))
    return found


def ephemeral() -> range:
    """Ports that the kernel gives to whoever names none."""
    try:
        least, most = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        return range(int(least), int(most) + 1)
    except (OSError, ValueError):
        return range(32_768, 61_000)


def _family(pid: int) -> Iterable[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split():
                    yield from _family(int(child))


def _row(protocol: str, words: list[str]) -> Socket:
    return Socket(protocol, _address(words[1]), _address(words[2]), int(words[3], 16), int(words[9]))


def _address(text: str) -> Address:
    """`0100007F:1F90`: words of four bytes in the machine's order, the port as a number."""
    host, _, port = text.partition(":")
    raw = bytes.fromhex(host)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    if len(raw) == 16 and raw[:12] in (bytes(12), bytes(10) + b"\xff\xff"):
        raw = raw[12:]
    name = ".".join(map(str, raw)) if len(raw) == 4 else raw.hex()
    return (name, int(port, 16))
