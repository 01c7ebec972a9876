"""Elements that nobody removes, under one copy: reads show ever more of them. Exact, O(n log n + sum of |R|).

Each read takes effect at one moment p between its ends. It lies after the first add of each element that it
shows has begun, and before the first acknowledged add of each element that it lacks has ended; so it has
bounds of its own, low <= p <= high. All reads can be put into one order if and only if

- no read is out of its bounds: else it lacks an element added before it, or before one that it shows;
- of any two reads one shows all that the other does: else each of two elements came before the other;
- no read that shows less is bound to come after one that shows more: else an element was seen and is gone.

Then the moments can be chosen greedily, and every add fits between the last read without its element and the
first one with it. Equal times are concurrent.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from checkers.model.elements import Elements
from checkers.model.history import OPEN, Op
from checkers.model.words import at, what


class Sight(NamedTuple):
    """One answer, known to be of one moment: a read (`op`), or what all replicas together held at the end."""

    inv: int
    ret: int
    tags: frozenset[str]
    op: Op | None
    nodes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For a proof."""
        return f"op {self.op.id}" if self.op else f"the final read of {', '.join(self.nodes)}"


@dataclass(frozen=True, slots=True)
class Breach:
    """One element, and the answers and adds that contradict each other about it."""

    tag: str
    cause: str
    message: str
    lines: tuple[str, ...]
    ops: tuple[Op, ...]
    nodes: tuple[str, ...] = ()
    seen_by: int | None = field(default=None)


class _Bounded(NamedTuple):
    """A read with its bounds; `low_by` and `high_by` are the elements that set them, None: its own ends."""

    sight: Sight
    low: int
    low_by: str | None
    high: int
    high_by: str | None


class Growing:
    """The elements of one key that no remove can have touched."""

    def __init__(self, elements: Elements) -> None:
        self._adds = {tag: adds for tag, adds in elements.adds.items() if tag not in elements.removes}
        sure = [
            (min((op.ret for op in adds if op.ok), default=OPEN), tag) for tag, adds in self._adds.items()
        ]
        self._sure = sorted(one for one in sure if one[0] != OPEN)
        self._ends = [end for end, _ in self._sure]

    def breaches(self, sights: Sequence[Sight]) -> Iterator[Breach]:
        """What answers contradict: one for each element and read, readable ones first."""
        whole: list[_Bounded] = []
        told: set[str] = set()
        required: set[str] = set()
        count = 0
        for sight, low, by in sorted(map(self._low, sights), key=lambda one: one[1]):
            place = bisect_left(self._ends, low)
            required.update(tag for _, tag in self._sure[count:place])
            count = max(count, place)
            if missing := required - sight.tags:
                for _, tag in self._sure[:place]:
                    if tag in missing and tag not in told:
                        told.add(tag)
                        yield self._lacks(sight, tag, by)
            else:
                whole.append(_Bounded(sight, low, by, *self._high(sight, place)))
        yield from self._in_order(whole)

    def _low(self, sight: Sight) -> tuple[Sight, int, str | None]:
        """The answer with only the elements that count here, and the earliest moment that it can be of."""
        begun = [(self._adds[tag][0].inv, tag) for tag in sight.tags if tag in self._adds]
        # One that was begun only after the answer is another check's; so is one that nobody added.
        begun = [one for one in begun if one[0] <= sight.ret]
        shown = sight._replace(tags=frozenset(tag for _, tag in begun))
        last, by = max(begun, default=(-1, ""))
        return (shown, last, by) if last > sight.inv else (shown, sight.inv, None)

    def _high(self, sight: Sight, place: int) -> tuple[int, str | None]:
        for end, tag in self._sure[place:]:
            if end >= sight.ret:
                break
            if tag not in sight.tags:
                return end, tag
        return sight.ret, None

    def _in_order(self, whole: list[_Bounded]) -> Iterator[Breach]:
        """Reads that are right by themselves, from those that show least to those that show most."""
        latest: _Bounded | None = None  # of those that show less, the one that is bound to come last
        group: list[_Bounded] = []  # those that show the same
        for one in sorted(whole, key=lambda one: (len(one.sight.tags), one.low)):
            if group and one.sight.tags != group[0].sight.tags:
                if not group[0].sight.tags < one.sight.tags:
                    yield self._apart(group[0].sight, one.sight)
                    continue
                latest = max(filter(None, (latest, *group)), key=lambda read: read.low)
                group = []
            if latest is not None and latest.low > one.high:
                yield self._gone(one, latest)
                continue
            group.append(one)

    def _first_acked(self, tag: str) -> Op:
        return min((op for op in self._adds[tag] if op.ok), key=lambda op: op.ret)

    def _lacks(self, sight: Sight, tag: str, by: str | None) -> Breach:
        add = self._first_acked(tag)
        lines = [f"{what(add)} was acknowledged at {at(add.ret)}"]
        if sight.inv > add.ret or by is None:
            ops = [add]
            lines.append(f"{sight.name} began at {at(sight.inv)}, after that, and does not show `{tag}`")
            message = f"{sight.name} lacks `{tag}`, whose add had been acknowledged before it began"
        else:
            later = self._adds[by][0]
            ops = [add, later]
            lines.append(f"{what(later)} began at {at(later.inv)}, after that")
            lines.append(f"{sight.name} shows `{by}` and not `{tag}`")
            message = f"{sight.name} shows `{by}` and lacks `{tag}`, which had been added before it"
        lines.append("nobody removed it")
        return Breach(tag, "lost", message, tuple(lines), _with(ops, sight), sight.nodes)

    def _apart(self, one: Sight, other: Sight) -> Breach:
        mine, theirs = min(one.tags - other.tags), min(other.tags - one.tags)
        lines = (
            f"{one.name} shows `{mine}` and not `{theirs}`: so `{mine}` was added first",
            f"{other.name} shows `{theirs}` and not `{mine}`: so `{theirs}` was added first",
            "nobody removed either",
        )
        message = f"{one.name} and {other.name} each show an element that the other lacks"
        return Breach(mine, "apart", message, lines, _with([], one, other), (*one.nodes, *other.nodes))

    def _gone(self, full: _Bounded, less: _Bounded) -> Breach:
        """`less` comes after `full`, and lacks an element that it shows."""
        tag = min(full.sight.tags - less.sight.tags)
        ops: list[Op] = []
        if full.high_by is None:
            lines = [f"{full.sight.name} showed `{tag}` and ended at {at(full.high)}"]
        else:
            add = self._first_acked(full.high_by)
            ops.append(add)
            lines = [f"{full.sight.name} showed `{tag}` and not `{full.high_by}`"]
            lines.append(
                f"{what(add)} was acknowledged at {at(add.ret)}: {full.sight.name} is of before that"
            )
        if less.low_by is None:
            lines.append(f"{less.sight.name} began at {at(less.low)}, after that")
        else:
            add = self._adds[less.low_by][0]
            ops.append(add)
            lines.append(f"{what(add)} began at {at(add.inv)}, and {less.sight.name} shows `{less.low_by}`")
        lines.append(f"so {less.sight.name} is of later, and does not show `{tag}`, which nobody removed")
        message = f"{less.sight.name} lacks `{tag}`, which {full.sight.name} had shown before"
        seen_by = full.sight.op.id if full.sight.op else None
        nodes = (*full.sight.nodes, *less.sight.nodes)
        return Breach(tag, "gone", message, tuple(lines), _with(ops, full.sight, less.sight), nodes, seen_by)


def _with(ops: list[Op], *sights: Sight) -> tuple[Op, ...]:
    return tuple({op.id: op for op in (*ops, *(sight.op for sight in sights if sight.op))}.values())
