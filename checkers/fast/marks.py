"""What holds of a history's writes at the end: lost, unstable, resurrected, seen; by sweeps over them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.conditions.ledger import Ledger
from checkers.fast.index import FAIL, INFO, OK, Flags, Index, Ints
from checkers.formats.columnar.columns import NONE
from checkers.model.history import Final
from checkers.model.rounds import Round, rounds_of


@dataclass(slots=True)
class Held:
    """Keys that final reads judge, and what their replicas hold at the end."""

    keys: list[int]
    rounds: list[Round]
    agreeing: list[bool]
    writes: list[int]
    """Every value that some replica of such a key holds, as a write; NONE if nobody wrote it."""
    agreed: list[int]
    """Those of keys whose replicas agree."""


class Marks:
    """Sets of writes of one history, as flags, each made when first asked for."""

    def __init__(self, index: Index, finals: Sequence[Final], n: int | None, ledger: Ledger) -> None:
        self.index = index
        self.finals = finals
        self._ledger = ledger
        self._numbers = {key: number for number, key in enumerate(index.columns.keys)}
        self.rounds = rounds_of(finals, n)
        self._held: dict[bool, Held | None] = {}

    @cached_property
    def final_writes(self) -> list[list[int]]:
        """Every readable final read of every round: the writes that it shows; NONE if nobody wrote one."""
        found = []
        for key, rounds in self.rounds.items():
            number = self._numbers.get(key, NONE)
            for round in rounds:
                for final in round.readable:
                    values = final.values or ()
                    found.append([self._writer(number, value) for value in values])
        return found

    def _writer(self, key: int, value: object) -> int:
        return NONE if key == NONE or type(value) is not str else self.index.writer(key, value)

    def held(self, settled: bool) -> Held | None:
        """What final reads show (only settled ones, if so asked); None where some key cannot be judged."""
        if settled not in self._held:
            self._held[settled] = self._find_held(settled)
        return self._held[settled]

    def _find_held(self, settled: bool) -> Held | None:
        since = self._ledger.settled_at if settled else 0
        found = Held([], [], [], [], [])
        written = self._written
        for name, rounds in self.rounds.items():
            key = self._numbers.get(name, NONE)
            if key == NONE:
                return None
            first = max(since, int(written[key]) + 1)
            judging = [round for round in rounds if round.complete and round.start >= first]
            if not judging:
                continue
            shown = [self._writer(key, value) for value in judging[-1].values]
            found.keys.append(key)
            found.rounds.append(judging[-1])
            found.agreeing.append(judging[-1].agrees)
            found.writes += shown
            if judging[-1].agrees:
                found.agreed += shown
        columns = self.index.columns
        is_acked = np.zeros(len(columns.keys), np.bool_)
        is_acked[columns.key[self.index.row[self.index.type == OK]]] = True
        is_acked[found.keys] = False
        return None if is_acked.any() else found

    @property
    def _written(self) -> Ints:
        """Key -> when its last acknowledged write ended; -1 if it has none."""
        index, columns = self.index, self.index.columns
        found = np.full(len(columns.keys), -1, np.int64)
        acked = index.type == OK
        np.maximum.at(found, columns.key[index.row[acked]], index.ret[acked])
        return found

    @cached_property
    def acked_puts(self) -> Flags:
        """Acknowledged puts."""
        found: Flags = self.index.is_put & (self.index.type == OK)
        return found

    @cached_property
    def acked_deletes(self) -> Flags:
        """Acknowledged deletes."""
        found: Flags = ~self.index.is_put & (self.index.type == OK)
        return found

    @cached_property
    def deleted(self) -> Flags:
        """Del(k, forever): below any delete that may have happened."""
        return self.index.below(~self.index.is_put & (self.index.type != FAIL))

    @cached_property
    def observed(self) -> Flags:
        """Writes that some answer or final read returned, and all below them."""
        shown = self.index.flags(self.index.cells)
        shown |= self.index.flags([write for writes in self.final_writes for write in writes])
        return self.index.down(shown)

    @cached_property
    def observed_infos(self) -> Flags:
        """Unacknowledged puts that were observed: facts all the same."""
        found: Flags = self.observed & self.index.is_put & (self.index.type == INFO)
        return found

    def gone(self, held: Held) -> Flags:
        """Puts that the end neither shows nor covers, and that no delete may have hidden."""
        kept = self.index.down(self.index.flags(held.writes)) | self.deleted
        return ~kept & self.index.is_put

    @cached_property
    def below_acked_puts(self) -> Flags:
        """What some acknowledged put superseded."""
        return self.index.below(self.acked_puts)

    @cached_property
    def below_acked_deletes(self) -> Flags:
        """What some acknowledged delete covered."""
        return self.index.below(self.acked_deletes)

    @cached_property
    def below_observed_infos(self) -> Flags:
        """What some observed, unacknowledged put superseded."""
        return self.index.below(self.observed_infos)
