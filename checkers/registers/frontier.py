"""Whether one register's operations have an order: one walk along their ends with all that may be the case.

Wing and Gong (1993), as Lowe (2017) does it just in time: whenever an operation ends it needs a place, and
only then are others placed before it. A configuration is a value and, for each operation under way, whether
it is *owed* (no place yet) or *used* (its value was made). Why so few of them are enough:

- What leaves the value as it is (a read of it, a failed cas that looked for another, a write or cas of what
  is there) takes its place at once: nothing changes, so every continuation is still open.
- A write needs no more than a moment directly before another write: nobody sees it. So whenever one is
  placed, every other that is under way is no longer owed. It is not used, either: if its value is wanted
  later, it is placed then instead.
- Of operations that ask and make the same, the one that ends first goes first, an unanswered one last: in any
  order that takes another one first, the two can change places.
- Of two configurations with one value, one whose bits are all among the other's can do all that the other
  can.
- A write that nothing could use before the next write is not worth placing (*bare*).

When nothing is under way, all that is left of a configuration is its value and which unanswered ones are
used. With a `width`, no more configurations than that are kept of each value, those with the fewest bits;
with a `depth`, no more operations than that are placed before one that ends, once something is found. Then
an end reached is proof of an order, but a dead end of nothing (`whole` is False).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from checkers.registers.actions import ANY
from checkers.registers.timeline import Mover, Timeline

Front = dict[int, set[int]]
"""Value -> the bits of its configurations."""
COMPARED = 8
"""More configurations of one value than these are compared, each with those that have fewer bits."""
KEPT = 256
"""With so many that dominate nobody's, the rest are kept unseen: comparing all with all would cost more."""


class Walk:
    """One walk along a timeline. `spend(n)` counts configurations, and raises if they are too many."""

    def __init__(self, line: Timeline, width: int, depth: int, spend: Callable[[int], None]) -> None:
        self.line = line
        self.width = width
        self.depth = depth
        self.spend = spend
        self.whole = True
        """Whether nothing was dropped: a dead end is proof that there is no order."""
        self.front: Front = {value: {0} for value in line.starts}
        self.stuck: int | None = None
        """The operation (its number in `line.begun`) before whose end there is no order of what ended."""

    def run(self) -> bool:
        """Whether the end was reached."""
        for time, number in self.line.ends:
            new = self.line.begin_until(time)
            still = self.line.under.still
            front = {
                value: {bits | new & ~still[value] for bits in self.front[value]} for value in self.front
            }
            owed, used = self.line.under_way(number)
            if owed:
                front = self._until(front, owed, 0)
            if not front:
                self.stuck = number
                return False
            if self.line.begun[number].changes and (not owed or self.line.begun[number].wants is ANY):
                # It has its place, or needs none; but it can still be used, now or never.
                late = self._until(front, used, used)
                front = {
                    value: front.get(value, set()) | late.get(value, set()) for value in {**front, **late}
                }
            both = owed | used
            self.line.leave(number)
            self.front = {
                value: self._trimmed({bits & ~both for bits in found}) for value, found in front.items()
            }
        return True

    def _until(self, front: Front, mask: int, wanted: int) -> Front:
        """All configurations in which the bit of `mask` is as wanted, with no more placed than that needs."""
        done: Front = {}
        todo: Front = {}
        for value, found in front.items():
            for bits in found:
                (done if bits & mask == wanted else todo).setdefault(value, set()).add(bits)
        seen: Front = {value: set(found) for value, found in todo.items()}
        left_over = self.depth
        while todo and left_over:
            left_over -= bool(done)
            following: Front = {}
            for value, found in todo.items():
                for bits in found:
                    for made, left in self._moves(value, bits, mask, wanted):
                        if left & mask == wanted:
                            done.setdefault(made, set()).add(left)
                        elif left not in seen.setdefault(made, set()):
                            seen[made].add(left)
                            following.setdefault(made, set()).add(left)
            self.spend(sum(map(len, following.values())) + sum(map(len, todo.values())))
            todo = {value: self._trimmed(found) for value, found in following.items()}
        self.whole = self.whole and not todo
        return done

    def _moves(self, value: int, bits: int, mask: int, wanted: int) -> Iterator[tuple[int, int]]:
        """What one more operation can lead to."""
        yield from self._steps(value, bits)
        under = self.line.under
        unseen = bits & ~under.writes
        for (made, _), row in under.makers.items():
            one = _first(row, bits)
            if one is None:
                continue
            left = (unseen | one.used) & ~under.still[made]
            if left & mask == wanted or left & ~one.used != unseen or (made == value and unseen != bits):
                yield made, left
            elif made != value:  # bare: what made it is worth its place only if a cas follows
                yield from self._steps(made, left)

    def _steps(self, value: int, bits: int) -> Iterator[tuple[int, int]]:
        under = self.line.under
        for (made, _), row in under.steps.get(value, {}).items():
            one = _first(row, bits)
            if one is not None:
                yield made, (bits & ~one.owed | one.used) & ~under.still[made]

    def _trimmed(self, found: set[int]) -> set[int]:
        """Without those that another one can stand for, and no more than the width."""
        if len(found) <= COMPARED:
            return found
        kept: list[int] = []
        for bits in sorted(found, key=lambda bits: (bits.bit_count(), bits)):
            if not any(not one & ~bits for one in kept[:KEPT]):
                kept.append(bits)
                if len(kept) > self.width:
                    kept.pop()
                    self.whole = False
                    break
        return set(kept)


def _first(row: list[Mover], bits: int) -> Mover | None:
    for one in row:
        if not bits & one.used:
            return one
    return None
