"""A multi-value register, used in every way that makes a wrong store show it.

Stale contexts that interleave through one coordinator, contexts that move across coordinators and
processes, blind puts, deletes with fresh and stale contexts, puts at a node that has just come back, perhaps
without its memory. Which of these a run uses is drawn by its seed: a kind that is always on hides bugs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any, ClassVar

from harness.plan.options import Options
from harness.run.workload import Read, Session, hot_key

KINDS: dict[str, float] = {
    "get": 0.36,
    "put-fresh": 0.20,
    "put-stale": 0.10,
    "put-moved": 0.10,
    "put-blind": 0.10,
    "delete-fresh": 0.05,
    "delete-stale": 0.04,
}
"""Kinds of operation and their usual shares; gets and fresh puts are always on, the rest by the seed."""
ALWAYS = ("get", "put-fresh")
REMEMBERED = 6
"""Reads of a key that are kept to be used late: enough to be stale, few enough to matter still."""
AIMED = 0.6
"""How often a put goes to a node that has just restarted, while there is one."""


class RegisterScript:
    """One run: the kinds that its seed left on, and what clients have read so far."""

    def __init__(self, shares: dict[str, float], rng: Random) -> None:
        self.functions = tuple(
            f for f in ("get", "put", "delete") if any(kind.partition("-")[0] == f for kind in shares)
        )
        self._kinds = tuple(shares)
        self._weights = tuple(shares.values())
        self._hot = rng.uniform(0.1, 0.5)
        self._one_coordinator = rng.random()
        self._by_client: dict[tuple[int, str], deque[Read]] = {}
        self._by_key: dict[str, deque[Read]] = {}
        self._steps: dict[str, Callable[[Session, str, str | None], Awaitable[None]]] = {
            "get": self._get,
            "put-fresh": self._put_fresh,
            "put-stale": self._put_stale,
            "put-moved": self._put_moved,
            "put-blind": self._put_blind,
            "delete-fresh": self._delete_fresh,
            "delete-stale": self._delete_stale,
        }

    async def step(self, session: Session) -> None:
        """One operation: a kind, a key (one hot key for all clients of a burst), and mostly any node."""
        rng = session.rng
        kind = rng.choices(self._kinds, self._weights)[0]
        key, node = self._place(session)
        restarted = session.restarted
        if restarted and kind != "get" and rng.random() < AIMED:
            node = restarted[-1]
        await self._steps[kind](session, key, node)

    def _place(self, session: Session) -> tuple[str, str | None]:
        """The key, and the node to contact (None: the session's choice).

        A burst works on one key and, in a share of them drawn per run, through one coordinator: that is
        where stale contexts interleave.
        """
        rng, keys = session.rng, session.keys
        if session.burst:
            # Multiples of the golden ratio are spread evenly: each run has its share of such bursts.
            through_one = (session.burst * 0.618) % 1 < self._one_coordinator
            node = session.nodes[session.burst % len(session.nodes)] if through_one else None
            return hot_key(session), node
        if rng.random() < self._hot:
            return keys[0], None
        return rng.choice(keys), None

    async def _get(self, session: Session, key: str, node: str | None) -> None:
        read = await session.get(key, node)
        if read is not None:
            self._by_client.setdefault((session.client, key), deque(maxlen=REMEMBERED)).append(read)
            self._by_key.setdefault(key, deque(maxlen=REMEMBERED)).append(read)

    async def _put_fresh(self, session: Session, key: str, node: str | None) -> None:
        await self._put(session, key, node, self._own(session, key))

    async def _put_stale(self, session: Session, key: str, node: str | None) -> None:
        await self._put(session, key, node, self._own(session, key), stale=True)

    async def _put_moved(self, session: Session, key: str, node: str | None) -> None:
        await self._put(session, key, node, self._by_key.get(key))

    async def _put_blind(self, session: Session, key: str, node: str | None) -> None:
        await session.put(key, session.unique(), None, node)

    async def _put(
        self, session: Session, key: str, node: str | None, reads: deque[Read] | None, stale: bool = False
    ) -> None:
        """Put with the latest of these reads, or with any; without one, read first."""
        if not reads:
            await self._get(session, key, node)
            return
        read = session.rng.choice(reads) if stale else reads[-1]
        await session.put(key, session.unique(), read, node)

    async def _delete_fresh(self, session: Session, key: str, node: str | None) -> None:
        await self._delete(session, key, node, stale=False)

    async def _delete_stale(self, session: Session, key: str, node: str | None) -> None:
        await self._delete(session, key, node, stale=True)

    async def _delete(self, session: Session, key: str, node: str | None, stale: bool) -> None:
        """Delete what a read saw, of this key or another: a delete that covers nothing would be refused."""
        for target in (key, *session.keys):
            reads = [read for read in self._own(session, target) or () if read.values]
            if reads:
                await session.delete(target, session.rng.choice(reads) if stale else reads[-1], node)
                return
        await self._get(session, key, node)

    def _own(self, session: Session, key: str) -> deque[Read] | None:
        return self._by_client.get((session.client, key))


class Register:
    """The workload."""

    name = "register"
    summary = "a multi-value register under stale, moved and missing contexts"
    functions = ("get", "put", "delete")
    options: ClassVar[dict[str, str]] = {
        "kinds": f"which kinds of operation: {', '.join(KINDS)} (default: gets, fresh puts, and the seed's)",
        "swarm": "whether the seed switches kinds off (default true)",
    }

    def script(self, options: dict[str, Any], rng: Random) -> RegisterScript:
        """Draw one run. Raises UsageError on a bad option."""
        given = Options("workload `register`", self.options, options)
        kinds = given.some_of("kinds", tuple(KINDS))
        off = rng.uniform(0.0, 0.6) if given.flag("swarm", True) else 0.0
        coins = {kind: rng.random() for kind in KINDS}
        on = [kind for kind in kinds if kind in ALWAYS or coins[kind] >= off] or list(kinds[:1])
        return RegisterScript({kind: KINDS[kind] * rng.uniform(0.6, 1.4) for kind in on}, rng)


WORKLOADS = (Register(),)
