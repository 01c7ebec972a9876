"""An operator's decisions about members: `POST /admin/members` (section 4.8.1).

The body is JSON: `{"change": "join", "node": "n6", "address": "HOST:PORT", "tokens": 4, "center": "east"}`,
`{"change": "leave", "node": "n2"}`, which hands everything over first, or `{"change": "remove", "node":
"n2"}` for a node that is dead and will not come back: what only it held is lost. The answer comes as soon
as the decision is durable here; `GET /admin/members` shows when it is done.
"""

from __future__ import annotations

import json
from typing import Any

from reference.bounds import MAX_TOKENS, shown
from reference.membership import GONE, JOINING, LEAVING, Change
from reference.net.face.http import HttpError, Response, answer
from reference.net.futures import Life
from reference.net.peers.fields import WireError
from reference.net.peers.states import check_change
from reference.node import Node

_STATUSES = {"join": JOINING, "leave": LEAVING, "remove": GONE}
_FIELDS = {"change": str, "node": str, "address": str, "tokens": int, "center": str}
_LONGEST = 200


async def decide(node: Node, life: Life, body: bytes) -> Response:
    """202 with what the node is now. Raises HttpError: 400 on a bad body, 409 on what cannot be now."""
    wanted = _wanted(body)
    change, name = wanted["change"], wanted["node"]
    details: dict[str, Any] = {}
    if change == "join":
        details = {"tokens": wanted.get("tokens", node.config.tokens), "center": wanted.get("center", "")}
        details["address"] = wanted.get("address", "")
        if not details["address"]:
            raise HttpError(400, "a join needs `address`: the HOST:PORT where the new node listens for nodes")
    if change == "remove":
        details = {"drained": False}
    try:
        # By the wire's own rules: what is decided here is stored, and every peer has to read it.
        check_change(Change(0, "", _STATUSES[change], name, **details))
    except WireError as error:
        raise HttpError(400, str(error)) from None
    try:
        node.members.allow(_STATUSES[change], name)
    except ValueError as error:
        raise HttpError(409, str(error)) from None
    await life.start(node.members.decide(_STATUSES[change], name, **details)).for_asyncio()
    return answer(202, node=name, now=node.members.status(name), view=node.members.view.id)


def _wanted(body: bytes) -> dict[str, Any]:
    try:
        wanted = json.loads(body)
    except (ValueError, RecursionError):
        raise HttpError(400, "the body is not JSON") from None
    if not isinstance(wanted, dict):
        raise HttpError(400, "the body must be a JSON object")
    for name, value in wanted.items():
        kind = _FIELDS.get(name)
        if kind is None:
            raise HttpError(400, f"unknown field `{shown(name)}` (known: {', '.join(_FIELDS)})")
        if not isinstance(value, kind) or isinstance(value, bool) or len(str(value)) > _LONGEST:
            raise HttpError(400, f"`{name}` must be a {kind.__name__} of at most {_LONGEST} characters")
    if wanted.get("change") not in _STATUSES or not wanted.get("node"):
        raise HttpError(400, f"needs `change` ({', '.join(_STATUSES)}) and `node`")
    if not 1 <= wanted.get("tokens", 1) <= MAX_TOKENS:
        raise HttpError(400, f"`tokens` must lie between 1 and {MAX_TOKENS}")
    return wanted
