"""Compare-and-set with unique values: chains of values, each directly after the one that it was set from.

If every value is made once, a cas from a to b that took effect stands directly after all that read a: the
clusters of a and b are neighbours in every order. So clusters joined by cas form blocks, and a block is
placed as a whole. The history has an order if and only if no value was set from twice, was never made,
or was read before it was made;
no chain is a circle; in no block did an operation of a later value end before one of an earlier value
began; and no two blocks must each come before the other, by the zones of whole blocks
(`checkers/registers/zones.py`; its proof asks only for two times of each). O(n log n). A cas that failed
because it found another value asks for more than that: with such ones, what is wrong here is wrong, and the
rest is left to the search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checkers.model.history import OPEN, Op
from checkers.registers.zones import Zone, clashes


class Chains:
    """The operations of one key that certainly took effect, by the value that they made or returned."""

    def __init__(self, ops: list[Op], initial: Any) -> None:
        self.initial = initial
        self.exact = not any(op.f == "cas" and op.type == "fail" and op.error == "mismatch" for op in ops)
        """Whether no contradiction means that there is an order."""
        self.reads: dict[Any, list[Op]] = {}
        for op in ops:
            if op.f == "read" and op.type == "ok":
                self.reads.setdefault(op.result, []).append(op)
        self.makers = {_made(op): op for op in ops if op.f in ("write", "cas") and op.type != "fail"}
        self.after: dict[Any, list[Op]] = {}
        """Value -> the cas that certainly were set from it."""
        kept: dict[Any, Op] = {}
        todo = [op for op in self.makers.values() if op.type == "ok" or _made(op) in self.reads]
        while todo:
            op = todo.pop()
            if _made(op) in kept:
                continue
            kept[_made(op)] = op
            if op.f == "cas":
                self.after.setdefault(op.value[0], []).append(op)
                if op.value[0] in self.makers:
                    todo.append(self.makers[op.value[0]])
        self.kept = kept

    def contradiction(self) -> list[Op]:
        """Operations that together have no order; none if none is found."""
        for value, made_from in self.after.items():
            if len(made_from) > 1:
                return self._with(value, *map(_made, made_from[:2]))
        for value in [*self.reads, *self.after]:
            if value not in self.kept and value != self.initial:
                reads = self.reads.get(value)
                return reads[:1] if reads else self._with(_made(self.after[value][0]))
        for value, maker in self.kept.items():
            if any(read.ret < maker.inv for read in self.reads.get(value, [])):
                return self._with(value)
        blocks = list(self._blocks())
        placed = {value for block in blocks for value in block}
        if circle := [value for value in self.kept if value not in placed]:
            return self._with(*circle)
        for block in blocks:
            latest = -1
            for i, value in enumerate(block):
                if self._first_end(value) < latest:
                    return self._with(*block[: i + 1])
                latest = max(latest, self._last_start(value))
        zones = [
            Zone(min(map(self._first_end, block)), max(map(self._last_start, block)), i)
            for i, block in enumerate(blocks)
        ]
        clash = next(clashes(zones), None)
        return (
            [] if clash is None else self._with(*(value for zone in clash for value in blocks[zone.cluster]))
        )

    def _blocks(self) -> Iterator[list[Any]]:
        """Values in the order of their chains, from the initial value and from each write on."""
        roots = [self.initial, *(value for value, op in self.kept.items() if op.f == "write")]
        for root in roots:
            block = [root]
            while made_from := self.after.get(block[-1]):
                block.append(_made(made_from[0]))
            yield block

    def _ops(self, value: Any) -> list[Op]:
        return [*([self.kept[value]] if value in self.kept else []), *self.reads.get(value, [])]

    def _first_end(self, value: Any) -> int:
        own = -1 if value == self.initial else OPEN
        return min([own, *(op.ret for op in self._ops(value))])

    def _last_start(self, value: Any) -> int:
        return max((op.inv for op in self._ops(value)), default=-1)

    def _with(self, *values: Any) -> list[Op]:
        """What made these values, and of each one's reads the first to end and the last to begin."""
        found: dict[int, Op] = {}
        todo = list(values)
        for value in todo:
            maker = self.kept.get(value)
            if maker is not None and maker.f == "cas" and maker.value[0] not in todo:
                todo.append(maker.value[0])  # what it was set from was made, too
            if maker is not None and maker.type == "info" and value not in self.reads:
                todo.append(_made(self.after[value][0]))  # how we know that it took effect
            reads = self.reads.get(value, [])
            ends = [min(reads, key=lambda op: op.ret), max(reads, key=lambda op: op.inv)] if reads else []
            for op in [*([self.kept[value]] if value in self.kept else []), *ends]:
                found[op.id] = op
        return sorted(found.values(), key=lambda op: (op.inv, op.id))


def chains_of(ops: list[Op], initial: Any) -> Chains | None:
    """The chains of one key; None where some value may be made twice, or something else was done to the
    key."""
    seen = {initial}
    for op in ops:
        if op.f not in ("read", "write", "cas"):
            return None
        if op.f == "read" or op.type == "fail":
            continue
        if _made(op) in seen or op.attempts > 1:
            return None
        seen.add(_made(op))
    return Chains(ops, initial)


def _made(op: Op) -> Any:
    return op.value[1] if op.f == "cas" else op.value
