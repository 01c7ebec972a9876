"""The command line: `serve` runs a node; `get put delete status join leave` speak to one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from reference.cli import settings
from reference.cli.client import Answer, call, key_path
from reference.cli.joining import change_members
from reference.config import OPTIONS
from reference.net.errors import UsageError
from reference.net.process import BROKE, OK, USAGE, run
from reference.net.server import Settings

_SERVE = """\
Three nodes on this machine, each in a terminal of its own:

  PEERS=n1=127.0.0.1:7001,n2=127.0.0.1:7002,n3=127.0.0.1:7003
  python -m reference serve --name n1 --http 8001 --peers $PEERS --data /tmp/n1
  python -m reference serve --name n2 --http 8002 --peers $PEERS --data /tmp/n2
  python -m reference serve --name n3 --http 8003 --peers $PEERS --data /tmp/n3

The same --peers everywhere forms the ring. Then, against any of them:

  curl -X PUT --data-binary milk http://127.0.0.1:8001/kv/cart
  curl -i http://127.0.0.1:8003/kv/cart

--config takes a file of `name = value` lines, or JSON, the same on every node:

"""


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m reference", description="A compact Dynamo.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    options = "".join(f"  {name:20} {meaning}\n" for name, meaning in OPTIONS.items())
    serve = commands.add_parser(
        "serve",
        help="run one node",
        epilog=_SERVE + options,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--name", required=True, help="this node's name, one of --peers")
    serve.add_argument("--peers", required=True, help="every member: n1=HOST:PORT,n2=HOST:PORT,...")
    serve.add_argument("--listen", help="HOST:PORT for other nodes (default: its address in --peers)")
    serve.add_argument("--http", default="8000", help="HOST:PORT for clients (default: 127.0.0.1:8000)")
    serve.add_argument("--data", type=Path, help="directory for its data; needed unless engine = memory")
    serve.add_argument("--config", type=Path, help="file of `name = value` lines or JSON, see below")
    serve.add_argument(
        "--skew-file", type=Path, help="moves its wall clock: JSON, see reference/net/clock.py"
    )
    serve.add_argument("--joining", action="store_true", help="not a member yet: wait to be joined by one")
    serve.add_argument("--accept-damage", action="store_true", help="start although its log is damaged")
    serve.add_argument("--stop-on-eof", action="store_true", help="stop when standard input ends")
    for name, meaning in (
        ("get", "the values of a key, one a line; the context on standard error"),
        ("put", "write a value"),
        ("delete", "delete what a context covers"),
        ("status", "what a node knows"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.add_argument("--http", default="8000", help="a node's HOST:PORT (default: 127.0.0.1:8000)")
        if name != "status":
            command.add_argument("key")
        if name == "put":
            command.add_argument("value", help="- reads standard input")
        if name in ("put", "delete"):
            command.add_argument("--context", help="of an earlier get: replaces what that get returned")
        if name == "put":
            command.add_argument("--replace", action="store_true", help="get first, and replace all of it")
    for name, meaning in (
        ("join", "let a node in that was started with --joining; it first collects what it will own"),
        ("leave", "let a node go; it first hands over all that it holds"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning)
        command.add_argument(
            "--http", default="8000", help="any member's HOST:PORT (default: 127.0.0.1:8000)"
        )
        command.add_argument("--name", required=True, help="the node that joins or leaves")
        command.add_argument(
            "--wait", type=float, default=60.0, metavar="S", help="how long (default 60; 0: not)"
        )
        if name == "join":
            command.add_argument("--address", required=True, help="HOST:PORT where it listens for nodes")
            command.add_argument("--tokens", type=int, help="its capacity (default: as all others)")
            command.add_argument("--center", help="its data centre")
        else:
            command.add_argument(
                "--dead", action="store_true", help="it will not come back: hand over nothing"
            )
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code: 0 done, 1 refused, failed or broken, 4 it cannot be."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as ended:
        return USAGE if ended.code else OK
    try:
        if options.command == "serve":
            return run(serve_settings(options), options.stop_on_eof)
        if options.command in ("join", "leave"):
            return change_members(options)
        return _ask(options)
    except UsageError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def serve_settings(options: argparse.Namespace) -> Settings:
    """Raises UsageError on what cannot work."""
    peers = settings.peers(options.peers)
    if options.name not in peers and not options.joining:
        known = ", ".join(peers)
        raise UsageError(f"--name {options.name} is not in --peers ({known}); a new node says --joining")
    if options.joining and options.name in peers:
        raise UsageError(f"--joining: --peers are the present members, {options.name} is none yet")
    config = settings.node_config(options.config)
    if len(peers) < config.n:
        raise UsageError(f"--peers: n={config.n} copies need as many nodes, there are {len(peers)}")
    if options.data is None and config.engine != "memory":
        raise UsageError(f"--data DIR is needed: engine = {config.engine} writes to disk")
    if options.listen is None and options.name not in peers:
        raise UsageError("--listen HOST:PORT is needed: --peers do not say where this node is")
    listen = settings.address(options.listen, "--listen") if options.listen else peers[options.name]
    return Settings(
        options.name,
        listen,
        settings.address(options.http, "--http"),
        peers,
        config,
        options.data,
        options.skew_file,
        options.accept_damage,
    )


def _ask(options: argparse.Namespace) -> int:
    node = settings.address(options.http, "--http")
    if options.command == "status":
        print(json.dumps(call(node, "GET", "/status").fields, indent=2))
        return OK
    path = key_path(options.key)
    context = getattr(options, "context", None)
    if options.command == "get" or getattr(options, "replace", False) or _blind_delete(options):
        found = call(node, "GET", path)
        if options.command == "get" or found.status != 200:
            return _show(found)
        context = found.context
    if options.command == "delete":
        return _show(call(node, "DELETE", path, context=context))
    body = sys.stdin.buffer.read() if options.value == "-" else options.value.encode()
    return _show(call(node, "PUT", path, body, context))


def _blind_delete(options: argparse.Namespace) -> bool:
    """A delete needs a context: without one, what is there now is deleted."""
    return options.command == "delete" and options.context is None


def _show(found: Answer) -> int:
    if found.status != 200:
        outcome, reason = found.fields.get("outcome", "failed"), found.fields.get("reason", "")
        print(f"{outcome}: {reason}", file=sys.stderr)
        return BROKE
    for value in found.values:
        sys.stdout.buffer.write(value + b"\n")
    sys.stdout.flush()
    if found.context is not None:
        print(f"context: {found.context}", file=sys.stderr)
    return OK
