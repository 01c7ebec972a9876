"""The reference node as processes: its command line, its HTTP face, its answers."""

from __future__ import annotations

import base64
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from harness.errors import HarnessError, Outcome, Refused, Unanswered
from harness.systems.http import Response, request
from harness.systems.system import Reply
from harness.testbeds.hosts.seat import Seat
from harness.testbeds.hosts.service import Service
from harness.testbeds.hosts.testbed import Hosts

CONTEXT = "X-Dynamo-Context"
_MAYBE_DONE = (408, 409, 425)
"""Of the 4xx these alone do not say that the request itself was at fault."""
ASK_S = 1.0
"""Patience of questions that go past the clients' network."""
RECONNECT_S = 2.0
"""After a link has healed: one call that is given up, the longest wait before the next, and that one."""


class NodeProgram(Service):
    """How a node is started and asked."""

    tells_clock = True

    def __init__(self, config: Mapping[str, Any], source: Path) -> None:
        """`config`: the node's options; `source`: the directory that holds the package `reference`."""
        self._config = dict(config)
        self.environment = {"PYTHONPATH": str(source), "PYTHONUNBUFFERED": "1"}

    def files(self, seat: Seat) -> Mapping[str, str]:  # noqa: ARG002 (the same for all)
        """The node's options."""
        return {"config.json": msgspec.json.encode(self._config).decode()}

    def command(self, seat: Seat, damaged: bool) -> Sequence[str]:
        """`python -m reference serve ...`, as a user would."""
        options = {
            "--name": seat.node,
            "--listen": "{host}:{peer_port}",
            "--http": "{host}:{client_port}",
            "--peers": ",".join(f"{peer.node}={peer.at()}" for peer in seat.peers.values()),
            "--data": "{data}",
            "--config": "{home}/config.json",
            "--skew-file": str(seat.skew),
        }
        words = [sys.executable, "-P", "-m", "reference", "serve", "--stop-on-eof"]
        words += [seat.filled(word) for option in options.items() for word in option]
        return [*words, "--accept-damage"] if damaged else words

    async def ready(self, seat: Seat) -> bool:
        """`/health` says 200."""
        with contextlib.suppress(Outcome):
            return (await _ask(seat, "/health")).status == 200
        return False

    async def clock_offset_ms(self, seat: Seat) -> float | None:
        """`offset_ms` of `/status`, which the node works out from its own two clocks."""
        with contextlib.suppress(Outcome):
            said = (await _ask(seat, "/status")).fields.get("offset_ms")
            return float(said) if isinstance(said, int | float) else None
        return None


class LocalDeployment:
    """A cluster of node processes."""

    def __init__(
        self,
        testbed: Hosts,
        program: NodeProgram,
        config: Mapping[str, Any],
        preference_list: Callable[[str], tuple[str, ...]],
    ) -> None:
        """`config`: `meta.config` as the simulation would have it; what real time adds is added here."""
        self.nodes = testbed.nodes
        self.preference_list = preference_list
        self._testbed = testbed
        self._config = dict(config)
        testbed.install(program)

    @property
    def config(self) -> dict[str, Any]:
        """`meta.config`. All nodes read one machine's clock: nothing but what is injected sets them apart."""
        real = {
            "settle_bound_s": self._config["settle_bound_s"] + RECONNECT_S,
            "detect_ms": self._config["detect_ms"] + 1000 * RECONNECT_S,
        }
        return {**self._config, **real}

    def client(self, process: int, timeout_s: float = 1.0) -> HttpClient:
        """A client that calls through proxies of its own."""
        return HttpClient(self._testbed, f"c{process}", timeout_s)

    async def final(self, node: str, key: str) -> list[str] | None:
        """What this replica alone holds."""
        found = await self._look(node, f"/admin/local/{quote(key, safe='')}")
        return None if found is None else _values(found)

    async def state(self, node: str) -> dict[str, Any] | None:
        """What the node says of itself."""
        found = await self._look(node, "/admin/state")
        return None if found is None else dict(found.fields)

    async def _look(self, node: str, path: str) -> Response | None:
        """A question past all faults; None if the node gives no answer."""
        with contextlib.suppress(Outcome):
            found = await _ask(self._testbed.seat(node), path)
            return found if found.status == 200 else None
        return None


class HttpClient:
    """Speaks HTTP to whichever node it is told to. Contexts are carried as the opaque text that they are."""

    def __init__(self, testbed: Hosts, name: str, timeout_s: float) -> None:
        self._testbed = testbed
        self._name = name
        self._timeout_s = timeout_s

    async def get(self, key: str, node: str) -> Reply:
        """Read."""
        found = await self._ask(node, "GET", key)
        return Reply(_values(found), found.headers.get(CONTEXT.lower()))

    async def put(self, key: str, value: str, context: Any | None, node: str) -> None:
        """Write."""
        await self._ask(node, "PUT", key, value.encode(), context)

    async def delete(self, key: str, context: Any, node: str) -> None:
        """Delete what the context covers."""
        await self._ask(node, "DELETE", key, None, context)

    async def _ask(
        self, node: str, method: str, key: str, body: bytes | None = None, context: Any | None = None
    ) -> Response:
        address = self._testbed.client_address(self._name, node)
        headers = {} if context is None else {CONTEXT: context}
        found = await request(address, method, _path(key), body, headers, self._timeout_s)
        if found.status != 200:
            raise outcome(found)
        return found


def outcome(response: Response) -> Outcome | HarnessError:
    """What an answer other than 200 means.

    A node's explicit word that nothing was done counts first; then a 4xx faults the request itself. Of
    whatever else a store can say nobody knows whether it acted. Statuses below 400 are in no table.
    """
    said = response.fields
    reason = str(said.get("reason") or f"HTTP {response.status}")
    if said.get("outcome") == "refused":
        return Refused(reason)
    if 400 <= response.status < 500 and response.status not in _MAYBE_DONE:
        return Refused(reason)
    if response.status >= 400:
        return Unanswered(reason)
    return HarnessError("client", f"an answer that no table knows: HTTP {response.status}")


def _path(key: str) -> str:
    return f"/kv/{quote(key, safe='')}"


def _values(found: Response) -> list[str]:
    """Base64 in JSON to text. Raises HarnessError on anything else with a 200."""
    try:
        listed = found.fields["values"]
        assert isinstance(listed, list)
        return [base64.b64decode(value, validate=True).decode() for value in listed]
    except (KeyError, AssertionError, ValueError, TypeError) as error:
        raise HarnessError("client", f"a 200 that holds no values: {found.body[:80]!r}") from error


async def _ask(seat: Seat, path: str) -> Response:
    return await request(seat.address(), "GET", path, timeout_s=ASK_S)
