"""Which writes of which clients this node has carried out, so that a write sent twice happens once.

A client numbers its writes, and repeats a number at the same node only. With every write it says up to which
number it will never ask again: those are forgotten, so that a client costs one entry and not one a write.
What became a version is recorded in the same batch as that version and survives a restart; the rest does not,
and after a restart (or a wipe) the node says that it cannot know, never "not done".

After RIFL: Lee, Park, Kejriwal, Matsushita, Ousterhout, "Implementing Linearizability at Large Scale and Low
Latency" (SOSP 2015). The paper leaves a retried put open; there it makes a second version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from reference.runtime import Future

CLIENTS_REMEMBERED = 4096
WRITES_REMEMBERED = 64
"""Of each client; a client that has more under way loses the right to repeat the oldest."""


class Once(NamedTuple):
    """Names a write. Counting starts at 1."""

    client: str
    """Unique among all clients there ever were: 64 random bits, or a name that nobody uses twice."""
    number: int
    settled: int = 0
    """The client will never again send a write with a number up to this one."""
    epoch: int | None = None
    """Of a repetition: the node's incarnation as the client knew it before it sent the write first."""


@dataclass(slots=True)
class Entry:
    """What is known of one write."""

    underway: Future | None = None
    """Resolves to the answer, while the write is being carried out."""
    answer: Any = None
    written: bool = False
    """Its version is durable here; whether W nodes have it, `answer` says or somebody has to find out."""


class _Client:
    __slots__ = ("entries", "settled")

    def __init__(self) -> None:
        self.settled = 0
        self.entries: dict[int, Entry] = {}

    def settle(self, number: int) -> None:
        if number > self.settled:
            self.settled = number
            self.entries = {n: entry for n, entry in self.entries.items() if n > number}


class Requests:
    """The memory of one node: bounded, and never wrong about what it still remembers."""

    def __init__(self) -> None:
        self._clients: dict[str, _Client] = {}
        self._forgotten = False
        """Whether some client had to be forgotten: an unknown one may be that one."""

    def entry(self, once: Once) -> Entry | None:
        """Of this write; a new one if it was never heard of, None if it is over for its client."""
        client = self._client(once)
        if once.number <= client.settled:
            return None
        found = client.entries.get(once.number)
        if found is None:
            found = client.entries[once.number] = Entry()
            if len(client.entries) > WRITES_REMEMBERED:
                client.settle(min(client.entries))
        return found

    def complete(self, once: Once, epoch: int) -> bool:
        """Whether an unknown write is certainly a new one; `epoch` is this incarnation's.

        A first sending is. A repetition is if this incarnation was there at the first sending and has
        forgotten nobody: then it would remember.
        """
        return once.epoch is None or (once.epoch == epoch and not self._forgotten)

    def written(self, once: Once) -> None:
        """Its version is durable here."""
        entry = self.entry(once)
        if entry is not None:
            entry.written = True

    def records(self) -> Iterator[Once]:
        """What a compacted log must keep."""
        for name, client in self._clients.items():
            for number, entry in client.entries.items():
                if entry.written:
                    yield Once(name, number, client.settled)

    def _client(self, once: Once) -> _Client:
        """The client, as the one heard of last."""
        client = self._clients.pop(once.client, None) or _Client()
        self._clients[once.client] = client
        if len(self._clients) > CLIENTS_REMEMBERED:
            del self._clients[next(iter(self._clients))]
            self._forgotten = True
        client.settle(once.settled)
        return client
