"""What numbers, names and addresses may be: one place for the doors of a node, its wire and its disk.

Whatever a node accepts it must be able to read again, from its disk and on the wire, by these same bounds.
"""

from __future__ import annotations

import re

COUNTERS = 2**63
"""Counters in clocks are less; what a clock of ours says, and what others say that it says."""
COUNTED = 2**62
"""A node does not count on from here, so that nobody can make it count beyond COUNTERS."""
EPOCHS = 2**63
"""Numbers of changes of membership are less."""
REQUESTS = 2**63
"""Numbers of a client's writes are less."""
MAX_TOKENS = 4096
"""Positions of one node on the ring."""
MAX_NAME = 200
"""Characters of a node's name, or of its data centre's."""
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]{1,15})?")
_PORT = re.compile(r"[0-9]{1,5}")


def is_name(text: str) -> bool:
    """Whether a node, or a data centre, can be called so: 1 to MAX_NAME printable characters."""
    return 0 < len(text) <= MAX_NAME and text.isprintable()


def address(text: str) -> tuple[str, int]:
    """`HOST:PORT` or `[IPv6]:PORT`, of bounded length, its port 1 to 65535. Raises ValueError."""
    host, _, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        raise ValueError(f"`{shown(text)}` has no port between 1 and 65535")
    if not (is_ipv6(host) if bracketed else is_host(host)):
        raise ValueError(f"`{shown(text)}` names no host")
    return host, int(port)


def is_host(text: str) -> bool:
    """Whether it can be a host's name or IPv4 address: labels of at most 63 letters, digits and hyphens."""
    return len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.removesuffix(".").split("."))


def is_ipv6(text: str) -> bool:
    """Whether it has the form of an IPv6 address, without its brackets."""
    return ":" in text and _IPV6.fullmatch(text) is not None


def shown(value: object) -> str:
    """Any value, as a short printable text for a line of an error: it may be huge, nested, or unprintable."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        return f"a very large {type(value).__name__}"
    short = text if len(text) <= 60 else f"{text[:60]}.."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)
