"""From words on a command line to a node's settings; every error is one line that names the fix."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from reference.bounds import is_host, is_ipv6, is_name, shown
from reference.config import ConfigError, NodeConfig
from reference.net.errors import UsageError
from reference.net.peers.link import Address

LOOPBACK = "127.0.0.1"
REAL_TIMES: Mapping[str, float] = {"replica_timeout_s": 0.15, "request_timeout_s": 0.8}
"""Defaults on real machines: disks that sync in tens of ms, and processes that wait for a processor."""


def address(text: str, option: str) -> Address:
    """`HOST:PORT`, `[IPv6]:PORT` or a port alone, which is one of loopback."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or LOOPBACK
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 0 <= int(port) < 65536:
        raise UsageError(f"{option}: expected HOST:PORT, got `{shown(text)}`")
    if not (is_host(host) or is_ipv6(host)):
        raise UsageError(f"{option}: `{shown(host)}` cannot be a host's name or address")
    return host, int(port)


def peers(text: str) -> dict[str, Address]:
    """`n1=HOST:PORT,n2=HOST:PORT`, every member of the cluster."""
    found: dict[str, Address] = {}
    for part in text.split(","):
        name, equals, where = part.strip().partition("=")
        if not equals or not is_name(name):
            got = shown(part.strip())
            raise UsageError(f"--peers: expected NAME=HOST:PORT, separated by commas, got `{got}`")
        if name in found:
            raise UsageError(f"--peers: {name} is there twice")
        place = address(where, f"--peers: {name}")
        if place in found.values():
            raise UsageError(f"--peers: {name} has the address of another node, {where}")
        found[name] = place
    return found


def node_config(path: Path | None) -> NodeConfig:
    """A configuration file over the defaults: JSON, or lines of `name = value`."""
    options = dict(REAL_TIMES) if path is None else {**REAL_TIMES, **_read(path)}
    try:
        return NodeConfig.of(options)
    except ConfigError as error:
        raise UsageError(f"{path or 'configuration'}: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: {error}") from None
    if text.lstrip().startswith("{"):
        try:
            options: dict[str, Any] = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"--config {path}: {error}") from None
        return options
    options = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or name in options:
                raise UsageError(f"--config {path}, line {number}: expected `name = value`, each name once")
            options[name] = _value(name, value)
    return options


def _value(name: str, text: str) -> Any:
    """By the type of the field's default; what does not fit is left for NodeConfig to refuse."""
    default = next((option.default for option in fields(NodeConfig) if option.name == name), "")
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if not isinstance(default, int | float):
        return text.strip("\"'")
    try:
        return float(text) if isinstance(default, float) else int(text)
    except ValueError:
        return text
