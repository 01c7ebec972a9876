"""What supersedes what on one key: known from the contexts that clients carried, never guessed.

`w <s u` (u supersedes w) is the transitive closure of "w's value is among those that u's context stood for".
Deletes are writes whose value nobody can read. Every write owns one bit of a Python integer, so that a set of
writes is one number, and "everything below" is one `|` (as fast as chain clocks up to about 10,000 writes
a key, and no transitive closure is ever computed).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checkers.errors import TooLarge
from checkers.model.history import WRITES, Op

LIMIT = 150_000
"""Writes of one key whose order is worked out: their masks take about 3 GB."""

Mask = int
"""A set of one key's writes: bit i stands for `VersionOrder.writes[i]`."""


class VersionOrder:
    """The supersession order of one key's puts and deletes.

    `ops` are the key's operations in order of invocation; `by_id` resolves contexts. A context whose source
    returned no values covers nothing (readers of files refuse such histories). Where a foreign history writes
    a value twice, the value stands for all of its puts, unless it is among `without`: then for none. Raises
    TooLarge beyond LIMIT writes.
    """

    def __init__(self, ops: Iterable[Op], by_id: Mapping[int, Op], without: Iterable[Any] = ()) -> None:
        self.writes: list[Op] = [op for op in ops if op.f in WRITES]
        if len(self.writes) > LIMIT:
            key, count = self.writes[0].key, len(self.writes)
            raise TooLarge(f"key `{key}` has {count} writes: the order of at most {LIMIT} is worked out")
        self._index: dict[int, int] = {op.id: i for i, op in enumerate(self.writes)}
        self._bits: dict[Any, Mask] = {}
        failed: dict[Any, Mask] = {}
        for i, op in enumerate(self.writes):
            if op.f == "put":
                of_value = failed if op.type == "fail" else self._bits
                of_value[op.value] = of_value.get(op.value, 0) | 1 << i
        # Whoever reads a value that was written again after a failure reads the one that did not fail.
        self._bits = {**failed, **self._bits}
        for value in without:
            self._bits.pop(value, None)
        self._sources = by_id
        self._parents: list[Mask] = [self.mask(self.context_values(op)) for op in self.writes]
        self._below: list[Mask] = _close(self._parents)

    def context_values(self, op: Op) -> list[Any]:
        """C(op): the values that the context of `op` stood for."""
        return [value for source in self.sources(op) for value in source.returned_values or ()]

    def sources(self, op: Op) -> list[Op]:
        """The reads whose context `op` carried."""
        ids = op.context if isinstance(op.context, list) else [op.context]
        return [self._sources[id] for id in ids if id is not None and id in self._sources]

    def mask(self, values: Iterable[Any]) -> Mask:
        """The puts of these values; values that nobody put are left out."""
        bits, found = self._bits, 0
        for value in values:
            found |= bits.get(value, 0)
        return found

    def bit(self, op: Op) -> Mask:
        """The write `op` alone."""
        return 1 << self._index[op.id]

    def mask_of(self, ops: Iterable[Op]) -> Mask:
        """These writes."""
        found = 0
        for op in ops:
            found |= 1 << self._index[op.id]
        return found

    def ops(self, mask: Mask) -> Iterator[Op]:
        """The writes of a mask, in order of invocation."""
        while mask:
            lowest = mask & -mask
            yield self.writes[lowest.bit_length() - 1]
            mask ^= lowest

    def below(self, op: Op) -> Mask:
        """Everything that `op` supersedes, itself not included."""
        return self._below[self._index[op.id]]

    def parents(self, op: Op) -> Mask:
        """The puts that the context of `op` names directly."""
        return self._parents[self._index[op.id]]

    def down(self, mask: Mask) -> Mask:
        """The writes of `mask` and everything below them."""
        found, rest = mask, mask
        while rest:
            lowest = rest & -rest
            found |= self._below[lowest.bit_length() - 1]
            rest ^= lowest
        return found

    def visible(self, values: Iterable[Any]) -> Mask:
        """What a read of these values shows: their puts and everything below them."""
        return self.down(self.mask(values))

    def covers(self, upper: Op, lower: Op) -> bool:
        """Whether `upper` supersedes `lower`."""
        return bool(self.below(upper) & self.bit(lower))

    def deleted(self, before: int | None = None) -> Mask:
        """Del(k, t): what an ok or info delete invoked before `before` may hide (None: any delete).

        It excuses absence and accuses nobody. A delete invoked at `before` itself counts: equal times are
        concurrent.
        """
        found = 0
        for i, op in enumerate(self.writes):
            if op.f == "delete" and op.type != "fail" and (before is None or op.inv <= before):
                found |= self._below[i]
        return found

    def hidden(self, op: Op, values: Iterable[Any], before: int | None) -> bool:
        """hid(w, g): neither shown by a read of `values` that returned at `before`, nor deleted."""
        return not (self.visible(values) | self.deleted(before)) & self.bit(op)

    def path(self, lower: Op, upper: Op) -> list[Op]:
        """A shortest chain `lower <s ... <s upper`, each in the context of the next; [] if there is none."""
        start, goal = self._index[upper.id], self._index[lower.id]
        came: dict[int, int] = {start: start}
        level: Sequence[int] = [start]
        while level:
            following: list[int] = []
            for at in level:
                for op in self.ops(self._parents[at]):
                    i = self._index[op.id]
                    if i == goal:
                        chain, step = [lower], at
                        while step != start:
                            chain.append(self.writes[step])
                            step = came[step]
                        return [*chain, upper]
                    if i not in came:
                        came[i] = at
                        following.append(i)
            level = following
        return []


def _close(parents: list[Mask]) -> list[Mask]:
    """Everything below each write. One pass, unless a read saw the future: then until nothing changes."""
    below: list[Mask] = []
    forward = False
    for i, direct in enumerate(parents):
        found, rest = direct, direct
        while rest:
            lowest = rest & -rest
            at = lowest.bit_length() - 1
            if at < i:
                found |= below[at]
            else:
                forward = True
            rest ^= lowest
        below.append(found)
    while forward:
        forward = False
        for i, found in enumerate(below):
            wider = found
            for at in _bits(found):
                wider |= below[at]
            if wider != found:
                below[i], forward = wider, True
    return below


def _bits(mask: Mask) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
