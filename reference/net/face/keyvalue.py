"""`/kv/<key>`: what clients ask, handed to the node and answered in HTTP's words.

200  done                                   503  refused: certainly nothing happened, try another node
4xx  the request itself is at fault         504  unknown: it may have happened, or may yet
"""

from __future__ import annotations

import asyncio
import base64
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from reference.config import NodeConfig
from reference.messages import ClientGet, ClientValues, ClientWrite, Failed, Rejected, WriteDone
from reference.net.face.context import ContextError, Contexts, ForeignContext
from reference.net.face.http import HttpError, Request, Response, answer
from reference.net.metrics import Metrics
from reference.net.runtime import NetRuntime
from reference.requests import Once

CONTEXT, REQUEST_ID, EPOCH = "X-Dynamo-Context", "X-Dynamo-Request-Id", "X-Dynamo-Epoch"
MAX_KEY = 1024
"""Bytes of a key."""
_METHODS = {"GET": "get", "PUT": "put", "DELETE": "delete"}
_NUMBERED = re.compile(r"(.+)/(\d{1,15})/(\d{1,15})")
_EPOCH = re.compile(r"[0-9a-f]{16}")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class KeyValue:
    """The clients' face of one node."""

    def __init__(
        self,
        runtime: NetRuntime,
        config: NodeConfig,
        incarnation: int,
        metrics: Metrics,
        trouble: Callable[[bool], str],
    ) -> None:
        """`trouble(writes)`: why this node takes no requests (no writes) now; empty if it does."""
        self._runtime = runtime
        self._config = config
        self._contexts = Contexts(config.mode)
        self._incarnation = incarnation
        self._metrics = metrics
        self._trouble = trouble
        self._counter = 0
        self._limit_s = 3 * config.request_timeout_s + 4 * config.replica_timeout_s
        """Longer than the node itself takes to say that it failed."""

    async def handle(self, request: Request) -> Response:
        """One request. Raises HttpError on one that is refused before the node sees it."""
        kind = _METHODS.get(request.method)
        if kind is None:
            raise HttpError(405, "a key takes GET, PUT and DELETE", Allow=", ".join(_METHODS))
        key = key_of(request.target.removeprefix("/kv/"))
        message = self._message(kind, key, request)
        trouble = self._trouble(kind != "get")
        if trouble:
            raise HttpError(503, trouble)
        began = time.monotonic()
        reply = await self._ask(message)
        self._metrics.took(kind, time.monotonic() - began)
        outcome, response = self._response(key, reply)
        self._metrics.count("requests_total", kind=kind, outcome=outcome)
        return response

    def _message(self, kind: str, key: str, request: Request) -> ClientGet | ClientWrite:
        self._counter += 1
        identity = (self._incarnation, self._counter)
        if kind == "get":
            return ClientGet(identity, key)
        text = request.headers.get(CONTEXT.lower())
        if text is None and kind == "delete":
            raise HttpError(428, f"a DELETE needs the {CONTEXT} of a GET: without, it would cover nothing")
        try:
            context = None if text is None else self._contexts.decode(text, key)
        except ForeignContext as error:
            raise HttpError(409, f"{CONTEXT}: {error}") from None
        except ContextError as error:
            raise HttpError(400, f"{CONTEXT}: {error}") from None
        value = request.body if kind == "put" else None
        return ClientWrite(identity, key, value, context, once_of(request.headers))

    async def _ask(self, message: Any) -> Any:
        """The node's answer, or None: each request is a client of its own."""
        client = f"http-{self._counter}"
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._runtime.attach(client, lambda found: None if reply.done() else reply.set_result(found))

        def broke(error: Exception) -> None:
            """The node's own fault, and this request's only: it may have been carried out in part."""
            print(f"{self._runtime.name}: a {type(message).__name__} broke its handler:", file=sys.stderr)
            traceback.print_exception(error)
            self._metrics.count("handlers_broken_total", kind=type(message).__name__)
            if not reply.done():
                reply.set_result(Failed(message.request, "the node failed in the midst of it: see its log"))

        try:
            self._runtime.deliver(client, message, broke)
            async with asyncio.timeout(self._limit_s):
                return await reply
        except TimeoutError:
            return None
        finally:
            self._runtime.detach(client)

    def _response(self, key: str, reply: Any) -> tuple[str, Response]:
        """(outcome for the metrics, response)."""
        if isinstance(reply, WriteDone):
            done = answer(200, outcome="ok")
            return "ok", Response(200, done.body, ((EPOCH, f"{self._incarnation:016x}"),))
        if isinstance(reply, ClientValues):
            values = [base64.b64encode(value).decode() for value in reply.values]
            try:
                context = self._contexts.encode(reply.context)
            except ContextError as error:
                return "unknown", answer(500, outcome="unknown", reason=str(error))
            found = answer(200, values=values)
            return "ok", Response(200, found.body, ((CONTEXT, context),))
        if isinstance(reply, Rejected):
            status = 503 if reply.retry else 400
            return "refused", answer(status, outcome="refused", reason=reply.reason, key=key)
        reason = getattr(reply, "reason", "no answer in time")
        return "unknown", answer(504, outcome="unknown", reason=reason, key=key)


def key_of(path: str) -> str:
    """The key from its percent-encoded form. Raises HttpError."""
    if "?" in path or "#" in path:
        raise HttpError(400, "? and # in a key are written %3F and %23")
    if _BAD_PERCENT.search(path):
        raise HttpError(400, "a % in a key is written %25")
    raw = unquote_to_bytes(path)
    if not 0 < len(raw) <= MAX_KEY:
        raise HttpError(400, f"a key has 1 to {MAX_KEY} bytes, this one has {len(raw)}")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise HttpError(400, "a key is UTF-8, percent-encoded") from None


def once_of(headers: Mapping[str, str]) -> Once | None:
    """The name under which a client may send this write again, so that it happens once.

    `X-Dynamo-Request-Id: NAME` for a name that nobody uses twice, or `CLIENT/NUMBER/SETTLED` for a client
    that numbers its writes and will not repeat those up to SETTLED. A repetition, to the same node, adds
    `X-Dynamo-Epoch`, the epoch of that node (in its `/status` and its answers) before the first sending: if
    it has started again since and cannot know, it says so. Raises HttpError.
    """
    name = headers.get(REQUEST_ID.lower())
    if name is None:
        return None
    if not 0 < len(name) <= 128:
        raise HttpError(400, f"{REQUEST_ID}: 1 to 128 characters")
    epoch = headers.get(EPOCH.lower())
    if epoch is not None and not _EPOCH.fullmatch(epoch):
        raise HttpError(400, f"{EPOCH}: 16 hexadecimal digits, as in /status")
    known = None if epoch is None else int(epoch, 16)
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        return Once(name, 1, 0, known)
    client, number, settled = numbered.groups()
    if not 0 <= int(settled) < int(number):
        raise HttpError(400, f"{REQUEST_ID}: CLIENT/NUMBER/SETTLED counts from 1, and SETTLED is less")
    return Once(client, int(number), int(settled), known)
