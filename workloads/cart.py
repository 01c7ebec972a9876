"""The shopping cart of the paper (4.4): customers add and remove items, siblings are reconciled by union.

A cart is one register whose value is the string `process:counter|tag1,tag2,...`. Adding is never refused:
where the cart cannot be read, the item is written blind and the union finds it later. Every `add`, `remove`
and `members` spans the register operations that carry it out, which are recorded with it as their parent.
"""

from __future__ import annotations

from random import Random
from typing import Any, ClassVar

from checkers.model.cart import union
from harness.plan.options import Options
from harness.run.workload import Read, Session, hot_key


def encode(unique: str, tags: list[str]) -> str:
    """A cart's register value: what makes it unique, then its elements."""
    return f"{unique}|{','.join(tags)}"


def seen_in(read: Read) -> list[str]:
    """The cart that a customer sees: the elements of all siblings, sorted."""
    return sorted(union(read.values))


class CartScript:
    """One run: how often customers add, remove and look, and how often they trust what they saw before."""

    def __init__(self, shares: dict[str, float], stale: float) -> None:
        self.functions = tuple(shares)
        self._weights = tuple(shares.values())
        self._stale = stale
        self._seen: dict[tuple[int, str], Read] = {}

    async def step(self, session: Session) -> None:
        """One customer's act on one cart; all clients of a burst share a cart."""
        rng = session.rng
        key = hot_key(session) if session.burst else rng.choice(session.keys)
        f = rng.choices(self.functions, self._weights)[0]
        if f == "add":
            await self._add(session, key)
        elif f == "remove":
            await self._remove(session, key)
        else:
            await self._members(session, key)

    async def _add(self, session: Session, key: str) -> None:
        tag = session.unique()
        op = session.begin("add", key, tag)
        read = await self._look(session, key, op)
        tags = [*(seen_in(read) if read else ()), tag]
        await self._write(session, key, tags, [tag], read, op, tag_value=None)

    async def _remove(self, session: Session, key: str) -> None:
        """Remove one element of the cart as seen last, or of what is read now."""
        seen = self._seen.get((session.client, key))
        wanted = seen_in(seen) if seen else []
        tag = session.rng.choice(wanted) if wanted else None
        if tag is None:  # nothing to ask for yet
            await (self._members if "members" in self.functions else self._add)(session, key)
            return
        op = session.begin("remove", key, tag)
        read = await self._look(session, key, op)
        if read is None:
            session.end(op, "fail", error="the cart could not be read")
            return
        tags = seen_in(read)
        if tag not in tags:
            session.end(op, "ok", [])
            return
        tags.remove(tag)
        await self._write(session, key, tags, [tag], read, op, tag_value=[tag])

    async def _members(self, session: Session, key: str) -> None:
        op = session.begin("members", key, None)
        read = await self._look(session, key, op, fresh=True)
        if read is None:
            session.end(op, "info", error="the cart could not be read")
        else:
            session.end(op, "ok", seen_in(read))

    async def _look(self, session: Session, key: str, op: int, fresh: bool = False) -> Read | None:
        """Read the cart, or trust what this customer saw last: a stale context, as from a tab left open."""
        place = (session.client, key)
        if not fresh and place in self._seen and session.rng.random() < self._stale:
            return self._seen[place]
        read = await session.get(key, self._node(session), op)
        if read is not None:
            self._seen[place] = read
        return read

    async def _write(
        self,
        session: Session,
        key: str,
        tags: list[str],
        items: list[str],
        read: Read | None,
        op: int,
        tag_value: list[str] | None,
    ) -> None:
        process = session.process
        value = encode(session.unique(), tags)
        if await session.put(key, value, read, self._node(session), op, items):
            session.end(op, "ok", tag_value)
        elif session.process == process:
            session.end(op, "fail", error="the write was refused")
        else:
            session.end(op, "info", error="the write was not answered")

    def _node(self, session: Session) -> str | None:
        restarted = session.restarted
        return restarted[-1] if restarted and session.rng.random() < 0.5 else None


class Cart:
    """The workload."""

    name = "cart"
    summary = "the paper's shopping cart: add, remove, look; siblings merge by union"
    functions = ("add", "remove", "members")
    options: ClassVar[dict[str, str]] = {
        "functions": "which of add, remove, members (default: add, members, and remove by the seed)",
        "swarm": "whether the seed switches remove off, in one run of four (default true)",
        "stale": "how often a customer trusts what he saw before, 0 to 1 (default: drawn up to 0.4)",
    }

    def script(self, options: dict[str, Any], rng: Random) -> CartScript:
        """Draw one run. Raises UsageError on a bad option."""
        given = Options("workload `cart`", self.options, options)
        functions = given.some_of("functions", self.functions)
        without_remove = rng.random() < 0.25 and given.flag("swarm", True)
        stale = given.number("stale", rng.uniform(0, 0.4), 0, 1)
        usual = {"add": rng.uniform(0.4, 0.6), "remove": rng.uniform(0.1, 0.25), "members": 0.25}
        on = [f for f in functions if f != "remove" or not without_remove] or list(functions)
        return CartScript({f: usual[f] for f in on}, stale)


WORKLOADS = (Cart(),)
