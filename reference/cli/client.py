"""The command line's client: one request a command, over plain HTTP."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import quote

from reference.net.errors import UsageError
from reference.net.face.keyvalue import CONTEXT
from reference.net.peers.link import Address

TIMEOUT_S = 10.0


class Answer(NamedTuple):
    """`fields` is the JSON of the body."""

    status: int
    fields: dict[str, Any]
    context: str | None

    @property
    def values(self) -> list[bytes]:
        """The siblings of a get."""
        return [base64.b64decode(value) for value in self.fields.get("values", [])]


def call(
    node: Address, method: str, path: str, body: bytes | None = None, context: str | None = None
) -> Answer:
    """Ask one node. Raises UsageError if nothing that speaks our HTTP answers there."""
    connection = http.client.HTTPConnection(*node, timeout=TIMEOUT_S)
    headers = {} if context is None else {CONTEXT: context}
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()), response.getheader(CONTEXT))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UsageError(f"no node at {node[0]}:{node[1]}: {error}; say where with --http") from None
    finally:
        connection.close()


def key_path(key: str) -> str:
    """Where a key lives."""
    return "/kv/" + quote(key, safe="")
