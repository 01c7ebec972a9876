"""What nodes and clients say to each other. Every question has a request id that its answer repeats.

A request id is (epoch of the asking incarnation, counter): an answer to an earlier incarnation matches
nothing, so an old acknowledgement can never vote for a new put.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from reference.membership import Change
from reference.merkle import Path
from reference.requests import Once
from reference.versions.siblings import Context

RequestId = tuple[int, int]


class ReplicaPut(NamedTuple):
    """Merge this state into your copy, or keep it as a hint for `owner`. Answered once durable.

    Without `durable`, where writes are buffered, it is answered once it is in the buffer (6.1).
    """

    request: RequestId
    key: str
    state: Any
    owner: str | None = None
    durable: bool = True


class ReplicaPutDone(NamedTuple):
    """The state is durable here."""

    request: RequestId


class ReplicaGet(NamedTuple):
    """What do you hold of this key?"""

    request: RequestId
    key: str


class OwnerGet(NamedTuple):
    """A client that knows the ring asks: the same, if `ring` is the receiver's."""

    request: RequestId
    key: str
    ring: str


class StaleRing(NamedTuple):
    """Not answered, and nothing done: the receiver has another ring than the asker."""

    request: RequestId
    ring: str


class ReplicaState(NamedTuple):
    """What this replica holds of the key, durable."""

    request: RequestId
    state: Any


class Ping(NamedTuple):
    """Do you answer?"""

    request: RequestId


class Pong(NamedTuple):
    """Yes, and this incarnation does."""

    request: RequestId
    epoch: int = 0


class CompareRoots(NamedTuple):
    """Anti-entropy, first step: (range, root hash) of every range that both sides own, under this ring."""

    request: RequestId
    ring: str
    roots: tuple[tuple[int, int], ...]


class CompareChildren(NamedTuple):
    """Next step down: (range, path, hashes of its children) where the hashes above differed."""

    request: RequestId
    ring: str
    nodes: tuple[tuple[int, Path, tuple[int, ...]], ...]


class Differing(NamedTuple):
    """The places, as (range, path), whose hash is not the asker's; none if the rings differ."""

    request: RequestId
    places: tuple[tuple[int, Path], ...]


class CompareLeaves(NamedTuple):
    """Last step: the asker's keys and digests in these leaves."""

    request: RequestId
    ring: str
    leaves: tuple[tuple[int, Path], ...]
    digests: tuple[tuple[str, bytes], ...]


class Differences(NamedTuple):
    """The answerer's state of each key whose digest differed or was missing, and keys it lacks."""

    request: RequestId
    states: tuple[tuple[str, Any], ...]
    wanted: tuple[str, ...]


class Gossip(NamedTuple):
    """I know these changes of membership; `view` names all of mine, so that equals need not be sent."""

    request: RequestId
    view: str
    changes: tuple[Change, ...]


class GossipAnswer(NamedTuple):
    """And I know these, where mine are not yours."""

    request: RequestId
    view: str
    changes: tuple[Change, ...]


class Collect(NamedTuple):
    """A joiner asks for the keys after `after` that it will own and the receiver owns, a page at a time."""

    request: RequestId
    view: str
    after: str


class Collected(NamedTuple):
    """One page: keys and digests. `ready` is False if the receiver has another view."""

    request: RequestId
    ready: bool
    entries: tuple[tuple[str, bytes], ...]
    more: bool


class Fetch(NamedTuple):
    """The joiner wants these: those that it does not hold already."""

    request: RequestId
    keys: tuple[str, ...]


class Fetched(NamedTuple):
    """The states asked for."""

    request: RequestId
    states: tuple[tuple[str, Any], ...]


class Confirm(NamedTuple):
    """Retirement: do you hold exactly this? (key, digest, all its actors if no version is alive)."""

    request: RequestId
    view: str
    keys: tuple[tuple[str, bytes, tuple[str, ...]], ...]


class Confirmed(NamedTuple):
    """These keys: yes, durable. And under which actors the answerer may count from now on."""

    request: RequestId
    actors: tuple[str, ...]
    keys: tuple[str, ...]


class Shortened(NamedTuple):
    """A key whose state has this digest everywhere, the actors that leave its clock, and its floor."""

    key: str
    digest: bytes
    leaving: tuple[str, ...]
    vector: tuple[tuple[str, int], ...]
    alive: tuple[tuple[str, int], ...]


class Compact(NamedTuple):
    """All members have agreed: cut these down where you hold them, and keep their floors."""

    request: RequestId
    view: str
    entries: tuple[Shortened, ...]


class Compacted(NamedTuple):
    """Done, as far as it still applied."""

    request: RequestId


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
    """A client puts a value, or deletes (None). Without `once`, sent twice it is written twice.

    `ring`: refuse it if this is not the receiver's ring.
    """

    request: RequestId
    key: str
    value: bytes | None
    context: Context | None
    once: Once | None = None
    ring: str | None = None


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


_WRITTEN = (WriteDone, Rejected, Failed)
ANSWERED_BY: dict[type, tuple[type, ...]] = {
    ReplicaPut: (ReplicaPutDone,),
    ReplicaGet: (ReplicaState,),
    OwnerGet: (ReplicaState, StaleRing),
    Ping: (Pong,),
    CompareRoots: (Differing,),
    CompareChildren: (Differing,),
    CompareLeaves: (Differences,),
    Gossip: (GossipAnswer,),
    Collect: (Collected,),
    Fetch: (Fetched,),
    Confirm: (Confirmed,),
    Compact: (Compacted,),
    Forward: _WRITTEN,
    ClientGet: (ClientValues, Rejected, Failed),
    ClientWrite: (*_WRITTEN, StaleRing),
}
"""What may answer each question: anything else that carries its request id is nonsense."""
ANSWERS = tuple(dict.fromkeys(kind for kinds in ANSWERED_BY.values() for kind in kinds))
"""Messages that end the wait of the one who asked."""
