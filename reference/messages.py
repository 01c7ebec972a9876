"""What nodes and clients say to each other. Every question has a request id that its answer repeats.

A request id is (epoch of the asking incarnation, counter): an answer to an earlier incarnation matches
nothing, so an old acknowledgement can never vote for a new put.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from reference.versions.siblings import Context

RequestId = tuple[int, int]


class ReplicaPut(NamedTuple):
    """Merge this state into your copy, or keep it as a hint for `owner`. Answered once durable."""

    request: RequestId
    key: str
    state: Any
    owner: str | None = None


class ReplicaPutDone(NamedTuple):
    """The state is durable here."""

    request: RequestId


class ReplicaGet(NamedTuple):
    """What do you hold of this key?"""

    request: RequestId
    key: str


class ReplicaState(NamedTuple):
    """What this replica holds of the key, durable."""

    request: RequestId
    state: Any


class Ping(NamedTuple):
    """Do you answer?"""

    request: RequestId


class Pong(NamedTuple):
    """Yes."""

    request: RequestId


class Digests(NamedTuple):
    """One round of exchange: the digest of every key that both sides are primaries of."""

    request: RequestId
    digests: tuple[tuple[str, bytes], ...]


class Differences(NamedTuple):
    """The answerer's state of each key whose digest differed or was missing, and keys it lacks."""

    request: RequestId
    states: tuple[tuple[str, Any], ...]
    wanted: tuple[str, ...]


class Forward(NamedTuple):
    """A client's write, handed to a node that may coordinate it. Tried at one node only."""

    request: RequestId
    key: str
    value: bytes | None
    context: Context | None


class ClientGet(NamedTuple):
    """A client reads."""

    request: RequestId
    key: str


class ClientWrite(NamedTuple):
    """A client puts a value, or deletes (None)."""

    request: RequestId
    key: str
    value: bytes | None
    context: Context | None


class ClientValues(NamedTuple):
    """An answer to a read: the siblings and the context that covers them."""

    request: RequestId
    values: tuple[bytes, ...]
    context: Context


class WriteDone(NamedTuple):
    """W copies are durable."""

    request: RequestId


class Rejected(NamedTuple):
    """Refused before anything was written: certainly nothing happened. `retry`: another node may do it."""

    request: RequestId
    reason: str
    retry: bool


class Failed(NamedTuple):
    """Too few answered in time: a write may have happened, or may yet."""

    request: RequestId
    reason: str


ANSWERS = (ReplicaPutDone, ReplicaState, Pong, Differences, ClientValues, WriteDone, Rejected, Failed)
"""Messages that end the wait of the one who asked."""
