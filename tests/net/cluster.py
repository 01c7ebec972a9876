"""Real nodes for tests: started on free loopback ports, asked with http.client, ended by process id."""

import base64
import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reference.cli.cluster import Cluster


@contextlib.contextmanager
def cluster(data: Path, count: int = 5, *options: str) -> Iterator[Cluster]:
    nodes = Cluster(data, count, options)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.stop()


def ask(
    nodes: Cluster, name: str, method: str, path: str, body: bytes | None = None, context: str | None = None
) -> tuple[int, dict[str, Any], str | None]:
    """(status, JSON, context). Raises OSError if nobody is there."""
    connection = http.client.HTTPConnection("127.0.0.1", nodes.ports[name], timeout=60)
    try:
        connection.request(method, path, body, {} if context is None else {"X-Dynamo-Context": context})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.getheader("X-Dynamo-Context")
    finally:
        connection.close()


def values(nodes: Cluster, name: str, key: str) -> list[bytes]:
    status, body, _ = ask(nodes, name, "GET", f"/kv/{key}")
    assert status == 200, body
    return sorted(base64.b64decode(value) for value in body["values"])


def reads(nodes: Cluster, name: str, key: str, wanted: list[bytes]) -> None:
    """The node returns just this, soon: sloppy quorums promise no overlap at once.

    On a busy machine a node may take owners for dead that are merely slow, and ask the nodes behind them.
    """
    seen: list[bytes] = []

    def there() -> bool:
        nonlocal seen
        seen = values(nodes, name, key)
        return seen == wanted

    try:
        wait_for(there)
    except AssertionError:
        raise AssertionError(f"{name} returns {seen} for {key}, not {wanted}") from None


def wait_for(condition: Callable[[], bool], timeout_s: float = 90.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
