"""A client of the system `dynamo` that also says what the store's clocks were, for the check
`clock-audit`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.systems.system import Client, Reply


class Decoding:
    """Another client, whose answers come with the vector of their context (docs/history.md, `clock`)."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def get(self, key: str, node: str) -> Reply:
        """Read, and decode."""
        reply = await self._client.get(key, node)
        vector = vector_of(getattr(reply.context, "clock", None))
        return reply if vector is None else replace(reply, clock={"vector": vector})


def vector_of(clock: Any) -> dict[str, int] | None:
    """Actor -> counter of a dotted vector or of the paper's entries; None of a timestamp, which orders
    nothing."""
    if isinstance(clock, dict):
        return dict(sorted(clock.items()))
    if isinstance(clock, tuple) and all(isinstance(entry, tuple) and len(entry) == 3 for entry in clock):
        return {node: counter for node, counter, _ in clock}
    return None
