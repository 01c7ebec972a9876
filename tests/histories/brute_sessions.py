"""Sessions, PRAM and causal consistency as they are defined: loops over loops, and every visibility relation.

Nothing here is shared with the checkers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from typing import Any

from checkers.model.history import History, Op

Accused = set[tuple[int, int]]
"""(read, write that it hides, or whose value came back)."""


class Sessions:
    """A history of multi-value registers over several keys."""

    def __init__(self, history: History) -> None:
        self.ops = [
            op for op in history.ops if op.type != "fail" and not (op.type == "info" and op.f == "get")
        ]
        self.by_id = {op.id: op for op in history.ops}
        self.puts = {(op.key, op.value): op for op in history.ops if op.f == "put"}
        self.reads = [op for op in self.ops if op.f == "get"]
        self.before = {
            op.id: [
                one for one in self.ops if one.process == op.process and one.ret <= op.inv and one.id < op.id
            ]
            for op in self.ops
        }

    def parents(self, op: Op) -> list[Op]:
        if op.context is None:
            return []
        return [self.puts[op.key, value] for value in self.by_id[op.context].result]

    def down(self, ops: list[Op]) -> set[int]:
        """These puts and all that they supersede, by closure."""
        found = {op.id for op in ops}
        while True:
            more = {parent.id for id in found for parent in self.parents(self.by_id[id])}
            if more <= found:
                return found
            found |= more

    def returned(self, get: Op) -> list[Op]:
        return [self.puts[get.key, value] for value in get.result if (get.key, value) in self.puts]

    def hidden(self, get: Op, put: Op) -> bool:
        """Neither shown nor, perhaps, deleted."""
        deletes = [
            op for op in self.by_id.values() if op.f == "delete" and op.type != "fail" and op.key == get.key
        ]
        gone = {id for op in deletes if op.inv <= get.ret for id in self.down(self.parents(op))}
        return put.key == get.key and put.id not in self.down(self.returned(get)) | gone

    def back(self, get: Op, delete: Op) -> set[int]:
        """Returned, though the delete covered it."""
        if delete.key != get.key:
            return set()
        return {op.id for op in self.returned(get)} & self.down(self.parents(delete))

    def _broken(self, get: Op, before: list[Op], acked_only: bool) -> set[int]:
        puts = [op for op in before if op.f == "put" and (op.ok or not acked_only)]
        found = {op.id for op in puts if self.hidden(get, op)}
        for op in before:
            if op.f == "delete" and op.ok:
                found |= self.back(get, op)
        return found

    def read_your_writes(self) -> Accused:
        return {(get.id, put) for get in self.reads for put in self._broken(get, self.before[get.id], True)}

    def monotonic_reads(self) -> Accused:
        return {
            (get.id, put.id)
            for get in self.reads
            for first in self.before[get.id]
            if first.f == "get" and first.key == get.key
            for put in self.returned(first)
            if put.type != "fail" and self.hidden(get, put)
        }

    def _shown(self, get: Op) -> list[Op]:
        return [self.by_id[id] for id in sorted(self.down(self.returned(get)))]

    def monotonic_writes(self) -> Accused:
        return {
            (get.id, put)
            for get in self.reads
            for later in self._shown(get)
            if later.id in self.before
            for put in self._broken(get, [op for op in self.before[later.id] if op.key == get.key], True)
        }

    def writes_follow_reads(self) -> Accused:
        return {
            (get.id, put.id)
            for get in self.reads
            for later in self._shown(get)
            if later.id in self.before
            for first in self.before[later.id]
            if first.f == "get" and first.key == get.key
            for put in self.returned(first)
            if put.type != "fail" and self.hidden(get, put)
        }

    def pram(self) -> Accused:
        """What a session read or wrote, all below that, and what their processes wrote before."""
        found: Accused = set()
        for get in self.reads:
            own = [*self.before[get.id], get]
            base: set[int] = set()
            for op in own:
                seen = [put for put in self.returned(op) if put.type != "fail"] if op.f == "get" else [op]
                base |= self.down(seen)
            known = {id for id in base if id in self.before}
            known |= {op.id for id in known for op in self.before[id] if op.f != "get"}
            past = [self.by_id[id] for id in sorted(known)]
            found |= {(get.id, put) for put in self._broken(get, past, False)}
        return found

    def causally_consistent(self) -> bool:
        """Whether some visibility relation explains every read: all of them are tried."""
        edges = [(one.id, op.id) for op in self.ops for one in self.before[op.id]]
        edges += [(op.context, op.id) for op in self.ops if op.context is not None]
        writes = [op for op in self.ops if op.f in ("put", "delete")]
        pairs = [
            (write.id, get.id)
            for get in self.reads
            for write in writes
            if write.key == get.key and not (write.f == "delete" and write.inv > get.ret)
        ]
        fixed = [pair for pair in pairs if self.by_id[pair[0]].value in self.by_id[pair[1]].result]
        free = [pair for pair in pairs if pair not in fixed and pair not in edges]
        if any((get.key, value) not in self.puts for get in self.reads for value in get.result):
            return False
        for chosen in product((False, True), repeat=len(free)):
            extra = [pair for pair, taken in zip(free, chosen, strict=True) if taken]
            if self._explains([*edges, *fixed, *extra]):
                return True
        return False

    def causally_convergent(self) -> bool:
        """Of single values: whether some order of all writes explains each read by the last it knows."""
        edges = [(one.id, op.id) for op in self.ops for one in self.before[op.id]]
        edges += [(op.context, op.id) for op in self.ops if op.context is not None]
        edges += [(put.id, get.id) for get in self.reads for put in self.returned(get)]
        before = self._closed(edges)
        if before is None:
            return False
        writes = [op for op in self.ops if op.f == "put"]
        for order in permutations(writes):
            place = {op.id: i for i, op in enumerate(order)}
            agrees = all(place[one] < place[op.id] for op in writes for one in before[op.id] if one in place)
            if agrees and all(get.result == self._last(order, get, before[get.id]) for get in self.reads):
                return True
        return False

    def _last(self, order: Sequence[Op], get: Op, past: set[int]) -> list[Any]:
        known = [op.value for op in order if op.id in past and op.key == get.key]
        return known[-1:]

    def _explains(self, edges: list[tuple[Any, int]]) -> bool:
        before = self._closed(edges)
        if before is None:
            return False
        return all(self._answer(get, before[get.id]) == sorted(get.result) for get in self.reads)

    def _closed(self, edges: list[tuple[Any, int]]) -> dict[int, set[int]] | None:
        """What is before each operation; None if something is before itself, or was never done."""
        before: dict[int, set[int]] = {op.id: set() for op in self.ops}
        for one, other in edges:
            if one not in before:
                return None
            before[other].add(one)
        changed = True
        while changed:
            changed = False
            for op in self.ops:
                more = {id for one in before[op.id] for id in before[one]} - before[op.id]
                before[op.id] |= more
                changed = changed or bool(more)
        return None if any(id in past for id, past in before.items()) else before

    def _answer(self, get: Op, past: set[int]) -> list[Any]:
        """The maxima of what is visible; a delete covers and is not returned."""
        visible = [
            self.by_id[id] for id in past if self.by_id[id].key == get.key and self.by_id[id].f != "get"
        ]
        covered: set[int] = set()
        for op in visible:
            covered |= self.down(self.parents(op))
        return sorted(op.value for op in visible if op.f == "put" and op.id not in covered)
