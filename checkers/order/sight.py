"""What a read need not return: what it shows, what lies below that, and what a delete may have hidden."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from operator import or_

from checkers.model.history import Op
from checkers.order.versions import Mask, VersionOrder


class Sight:
    """One key's reads, seen against its version order."""

    def __init__(self, order: VersionOrder, certain: VersionOrder, puts: list[Op], deletes: list[Op]) -> None:
        self._order, self._certain = order, certain
        deletes = sorted((op for op in deletes if op.type != "fail"), key=lambda op: op.inv)
        self._from = [op.inv for op in deletes]
        self._deleted: list[Mask] = [0, *accumulate((self._order.below(op) for op in deletes), or_)]
        self._failed = order.mask_of(op for op in puts if op.type == "fail")
        self._twice = order.mask_of(op for op in puts if op.attempts > 1)

    def excused(self, read: Op) -> Mask:
        """Del(k, ret g): a delete invoked as the read returns excuses too, for equal times are
        concurrent."""
        return self._deleted[bisect_right(self._from, read.ret)]

    def accounted(self, read: Op) -> Mask:
        """What the read accounts for: every other put of the key is hidden from it."""
        return self._order.visible(read.result) | self.excused(read)

    def acted(self, read: Op) -> Mask:
        """What the read returned, without puts that failed: those are for `aborted-read`."""
        returned: Mask = self._order.mask(read.result)
        return returned & ~self._failed

    def single(self, read: Op) -> Mask:
        """What the read returned and was sent once: a put that was sent again may be there under a new
        dot. Of a repeated value nobody knows which put it was."""
        returned: Mask = self._certain.mask(read.result)
        return returned & ~self._twice
