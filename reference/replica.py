"""What one node holds: its copies of keys, and hints for owners that have not acknowledged theirs.

Copies and hints are apart (section 4.6): a hint never answers for this node as an owner. Everything read
here is durable; what is on its way to the disk is only used to build the next state upon.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from reference.floors import Floor, Floors
from reference.membership import Change
from reference.requests import Once, Requests
from reference.runtime import Runtime
from reference.storage.buffer import Buffering
from reference.storage.engine import Batch, Copy, Decision, Engine, FloorLaid, Hint, Written
from reference.storage.engines import engine_for
from reference.versions.siblings import Event, Versions

PAGE_BYTES = 4_000_000
"""Values that one message may carry, all together, beyond the first copy."""


class Replica:
    """Copies and hints over a storage engine."""

    def __init__(
        self,
        runtime: Runtime,
        engine: str,
        versions: Versions,
        buffering: Buffering | None = None,
        floor_s: float = 0.0,
    ) -> None:
        self.versions = versions
        self.copies: dict[str, Any] = {}
        self.hints: dict[str, dict[str, Any]] = {}
        """owner -> key -> state, durable."""
        self.changed: dict[str, None] = {}
        """Keys whose copy is not what it was when the Merkle trees last looked."""
        self.floors = Floors(int(floor_s * 1e9))
        """Below what no copy may be that comes late; empty unless clocks are cut down (retirement.py)."""
        self.requests = Requests()
        """Clients' writes that were carried out here."""
        self.decisions: list[Change] = []
        """Changes of membership that were recovered."""
        self.foreign: Callable[[str], bool] = lambda _: False
        """Whether this node holds a key that is not its own (any more), until the owners have it."""
        self._runtime = runtime
        self._newest: dict[str, Any] = {}
        self._newest_hints: dict[tuple[str, str], Any] = {}
        self._engine: Engine = engine_for(engine, runtime, self._apply, buffering)
        for batch in self._engine.recover():
            self._apply(batch)
            for record in batch:
                if isinstance(record, FloorLaid):
                    self.floors.recover(record.key, record.state, runtime.now())

    def ready(self) -> Awaitable[Any]:
        """Once this ends, what was recovered may be shown to others."""
        return self._engine.ready()  # type: ignore[no-any-return]

    async def flush(self) -> None:
        """Once this ends, all that was accepted is durable."""
        if self._engine.buffered:
            await self._engine.commit(())

    def read(self, key: str) -> Any:
        """The durable copy; a node that is no owner answers with what it holds for owners."""
        copy = self.copies.get(key)
        if copy is not None:
            return copy
        state = self.versions.empty
        for held in self.hints.values():
            if key in held:
                state = self.versions.merge(state, held[key])
        return state

    async def coordinate(
        self,
        key: str,
        value: bytes | None,
        clock: Any,
        event: Event,
        unacknowledged: list[str],
        once: Once | None = None,
    ) -> Any:
        """An owner's own write: the new copy and a hint for every other owner, in one batch; the state."""
        base = self._base(key)
        state = self._newest[key] = self.versions.write(base, value, clock, event)
        hints = [self._hint(owner, key, state) for owner in unacknowledged]
        await self._engine.accept((Copy(key, state), *hints, *_written(once)))
        return state

    async def coordinate_for(
        self,
        owners: list[str],
        key: str,
        value: bytes | None,
        clock: Any,
        event: Event,
        once: Once | None = None,
    ) -> Any:
        """A fallback's write: built on nothing, since it does not hold the key; hints for all owners."""
        state = self.versions.write(self.versions.empty, value, clock, event)
        hints = [self._hint(owner, key, state) for owner in owners]
        await self._engine.accept((*hints, *_written(once)))
        return state

    async def merge(self, key: str, state: Any, owed_to: Iterable[str] = (), durable: bool = True) -> bool:
        """Take in what another replica holds; True if it was news. Durable when this returns.

        Unless that is not needed: then, where writes are buffered, it may only be in the buffer.

        `owed_to`: the owners, where this node is none: it keeps the copy until they all have it.

        A key is news even with an empty state (a delete that covered nothing): a copy that only some
        replicas keep would differ in every exchange.
        """
        if self.floors:
            state = self.floors.above(key, state)
        base = self._base(key)
        merged = self.versions.merge(base, state)
        if merged is base and (base is not self.versions.empty or key in self.copies):
            if key in self._newest or (durable and self._engine.buffered):
                await self._engine.commit(())  # known, but not yet durable: wait for it
            return False
        self._newest[key] = merged
        store = self._engine.commit if durable else self._engine.accept
        await store((Copy(key, merged), *(self._hint(owner, key, merged) for owner in owed_to)))
        return True

    async def decide(self, changes: Iterable[Change], owed: Iterable[tuple[str, str]]) -> None:
        """Changes of membership, and (owner, key) pairs that they make this node owe; one batch."""
        hints = [self._hint(owner, key, self._base(key)) for owner, key in owed]
        await self._engine.commit((*hints, *(Decision(change) for change in changes)))

    async def readdress(self, owner: str, owners_of: Callable[[str], Iterable[str]], name: str) -> list[str]:
        """Hints for a node that is no member any more go to today's owners; whom this node owes now."""
        owed: dict[str, None] = {}
        for key, state in list(self.hints.get(owner, {}).items()):
            others = [other for other in owners_of(key) if other not in (owner, name)]
            if name in owners_of(key):
                await self.merge(key, state)
            await self._engine.commit(tuple(self._hint(other, key, state) for other in others))
            self.delivered(owner, key, state)
            owed.update(dict.fromkeys(others))
        return list(owed)

    def page(self, keys: Iterable[str]) -> tuple[tuple[str, Any], ...]:
        """Copies of these keys for one message: as many as fit, one at least if there is one."""
        taken: list[tuple[str, Any]] = []
        size = 0
        for key in keys:
            state = self.copies.get(key)
            if state is None:
                continue
            size += sum(len(value) for value in state.values())
            if taken and size > PAGE_BYTES:
                break
            taken.append((key, state))
        return tuple(taken)

    def held(self) -> list[str]:
        """Every key of which this node holds a copy, durable or on its way."""
        return list(dict.fromkeys((*self.copies, *self._newest)))

    def owes(self, owner: str, key: str) -> bool:
        """Whether something is held for this owner under this key, durable or on its way."""
        return (owner, key) in self._newest_hints or key in self.hints.get(owner, ())

    def keep_hint(self, owner: str, key: str, state: Any, durable: bool = True) -> Awaitable[Any]:
        """Hold a copy for an owner that could not be reached; durable (as in `merge`) once awaited."""
        if self.floors:
            state = self.floors.above(key, state)
        store = self._engine.commit if durable else self._engine.accept
        return store((self._hint(owner, key, state),))  # type: ignore[no-any-return]

    def quiet(self, key: str) -> bool:
        """Whether nothing of this key is on its way to the disk, nor held for anybody."""
        waits = key in self._newest or any(key == pending for _, pending in self._newest_hints)
        return not waits and not any(key in held for held in self.hints.values())

    def flush_notes(self) -> Awaitable[Any]:
        """Once this ends, all that was noted is durable, too."""
        return self._engine.commit(())  # type: ignore[no-any-return]

    async def retire(self, key: str, floor: Floor, state: Any) -> None:
        """This is the key's state now (None: it is forgotten), above this floor; one batch."""
        if state is not None:
            self._newest[key] = state
        self.floors.add(key, floor, self._runtime.now())
        await self._engine.commit((FloorLaid(key, self.floors.of(key)), Copy(key, state)))

    async def lay_floor(self, key: str, floor: Floor) -> None:
        """Nothing below this floor comes back; hints that are held already are cut, too."""
        self.floors.add(key, floor, self._runtime.now())
        hints = []
        for owner, held in self.hints.items():
            cut = self.floors.above(key, held[key]) if key in held else None
            if cut is not None and cut is not held[key]:
                self._newest_hints[owner, key] = cut
                hints.append(Hint(owner, key, cut))
        await self._engine.commit((FloorLaid(key, self.floors.of(key)), *hints))

    def expire_floors(self) -> None:
        """Forget those whose time is over."""
        for key in self.floors.expire(self._runtime.now()):
            self._engine.note((FloorLaid(key, None),))

    def delivered(self, owner: str, key: str, state: Any) -> bool:
        """The owner has this state, durable: forget the hint if it is exactly what is now held for it.

        True if nothing is held for the owner under this key any more.
        """
        if (owner, key) in self._newest_hints:
            return False  # a newer one is on its way to the disk
        held = self.hints.get(owner)
        if held is None or key not in held:
            return True
        if held[key] is not state and held[key] != state:
            return False
        del held[key]
        self._engine.note((Hint(owner, key, None),))
        if key in self.copies and self.foreign(key):
            self._forget_foreign(key)
        return True

    def _forget_foreign(self, key: str) -> None:
        """The owners have all that is held of a key that is not ours: only now may it go."""
        if self.quiet(key):
            del self.copies[key]
            self.changed[key] = None
            self._engine.note((Copy(key, None),))

    @property
    def hint_count(self) -> int:
        """How many hints are not yet delivered."""
        return sum(len(held) for held in self.hints.values())

    def after(self, key: str, value: bytes, clock: Any, event: Event) -> list[bytes]:
        """The siblings that a put here would leave, without making it."""
        return self.versions.write(self._base(key), value, clock, event).values()  # type: ignore[no-any-return]

    def counter(self, key: str, clock: Any, event: Event) -> int:
        """What a put here would count up to."""
        return self.versions.counter(self._base(key), clock, event)

    def _base(self, key: str) -> Any:
        """The newest state, durable or on its way: what the next one is built upon."""
        newest = self._newest.get(key)
        return newest if newest is not None else self.copies.get(key, self.versions.empty)

    def _hint(self, owner: str, key: str, state: Any) -> Hint:
        """Merged with what is held for this owner already: an old hint must not hide behind a new one."""
        held = self._newest_hints.get((owner, key))
        if held is None:
            held = self.hints.get(owner, {}).get(key)
        merged = state if held is None else self.versions.merge(held, state)
        self._newest_hints[owner, key] = merged
        return Hint(owner, key, merged)

    def _apply(self, batch: Batch) -> None:
        """The batch is durable: it may be seen."""
        for record in batch:
            if isinstance(record, Copy):
                self.changed[record.key] = None
                if record.state is None:
                    self.copies.pop(record.key, None)
                    continue
                self.copies[record.key] = record.state
                if self._newest.get(record.key) is record.state:
                    del self._newest[record.key]
                continue
            if isinstance(record, Decision):
                self.decisions.append(record.change)
                continue
            if isinstance(record, Written):
                self.requests.written(record.once)
                continue
            if isinstance(record, FloorLaid):
                continue  # in force since before it was durable
            held = self.hints.setdefault(record.owner, {})
            if record.state is None:
                held.pop(record.key, None)
                continue
            held[record.key] = record.state
            if self._newest_hints.get((record.owner, record.key)) is record.state:
                del self._newest_hints[record.owner, record.key]


def _written(once: Once | None) -> tuple[Written, ...]:
    return () if once is None else (Written(once),)
