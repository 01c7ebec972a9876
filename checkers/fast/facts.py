"""What the screens know of one history: its index, and the questions that several of them ask."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from checkers.case import Case
from checkers.fast import reach, sessions
from checkers.fast.index import FAIL, Index, Ints
from checkers.fast.marks import Held, Marks
from checkers.fast.sessions import Sessions

STEPS = 400
"""Search steps an operation that screens spend before they give up."""


class Facts:
    """One history, seen by all screens; each part is made when first asked for."""

    def __init__(self, case: Case, index: Index) -> None:
        self.case = case
        self.index = index
        self.columns = index.columns
        self.marks = Marks(index, case.history.finals, case.config.get("n"), case.ledger)
        self.budget = STEPS * self.columns.rows + 1_000_000

    @cached_property
    def shown(self) -> tuple[Ints, Ints]:
        """All answers and final reads as one: offsets, and the writes that they show."""
        finals = self.marks.final_writes
        lengths = np.array([len(writes) for writes in finals], np.int64)
        offsets = np.concatenate([self.index.cell_at, self.index.cell_at[-1] + np.cumsum(lengths)])
        flat = np.array([write for writes in finals for write in writes], np.int64)
        return offsets, np.concatenate([self.index.cells, flat])

    @cached_property
    def until(self) -> Ints:
        """When each of those answers was there."""
        finals = [final.time for rounds in self.marks.rounds.values() for r in rounds for final in r.readable]
        return np.concatenate([self.columns.ret[self.index.gets], np.array(finals, np.int64)])

    @cached_property
    def no_false_siblings(self) -> bool:
        """Whether no answer holds a value beside one that supersedes it."""
        index, (offsets, shown) = self.index, self.shown
        found = reach.false_siblings(offsets, shown, index.once, index.parent_at, index.parents, self.budget)
        return int(found) == 0

    @cached_property
    def no_duplicates(self) -> bool:
        """Whether no answer holds a value twice."""
        offsets, shown = self.shown
        answer = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        code = np.sort(answer * (self.index.count + 1) + shown)
        return not np.any(code[1:] == code[:-1])

    @cached_property
    def appeared(self) -> Ints:
        """Key -> the row in which it appears first: the order in which checks look at keys."""
        found = np.zeros(len(self.columns.keys), np.int64)
        keys, rows = np.unique(self.columns.key, return_index=True)
        found[keys] = rows
        return found

    @cached_property
    def is_regular(self) -> bool:
        """Whether every read accounts for all puts that were acknowledged before it began."""
        index, columns = self.index, self.columns
        key_of = np.repeat(np.arange(len(index.first) - 1), np.diff(index.first))
        acked = np.flatnonzero(self.marks.acked_puts)
        acked = acked[np.lexsort((index.ret[acked], key_of[acked]))]
        get_key = columns.key[index.gets].astype(np.int64)
        get_of = np.argsort(get_key, kind="stable").astype(np.int64)
        keys = np.arange(len(index.first))
        found = reach.stale_reads(
            index.first,
            np.searchsorted(key_of[acked], keys).astype(np.int64),
            acked.astype(np.int64),
            np.searchsorted(get_key[get_of], keys).astype(np.int64),
            get_of,
            columns.inv[index.gets].astype(np.int64),
            columns.ret[index.gets].astype(np.int64),
            index.cell_at,
            index.cells,
            index.ret,
            index.earliest(~index.is_put & (index.type != FAIL), index.inv),
            index.parent_at,
            index.parents,
            self.budget,
        )
        return int(found) == 0

    @cached_property
    def is_causal(self) -> bool:
        """Whether every read accounts for all that happened before it."""
        found = self.sessions
        return found is not None and sessions.walk(self.index, found, self.budget) == sessions.CLEAN

    @cached_property
    def sessions(self) -> Sessions | None:
        """Who did what after what; None where a process does two things at once."""
        return sessions.sessions_of(self.index)

    def held(self, check: str) -> Held | None:
        """What final reads show to `check`."""
        wanted = self.case.terms(check)
        return self.marks.held(wanted.asserted and "settled" in wanted.conditions)
