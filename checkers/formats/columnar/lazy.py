"""A history that came as columns: its operations become objects only if somebody asks for them."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from checkers.formats.columnar.columns import TYPES, Columns
from checkers.formats.events import FUNCTIONS
from checkers.model.history import History, Op


class ColumnHistory(History):
    """What `columns` hold. A million operations that only screens look at are never made into objects."""

    __slots__ = ("_made", "columns")

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._made: list[Op] | None = None
        things = columns.history([])
        names = (field.name for field in fields(History) if field.name != "ops")
        super().__init__(ops=[], **{name: getattr(things, name) for name in names})
        self._made = None

    @property
    def ops(self) -> list[Op]:
        """The operations, in order of invocation."""
        if self._made is None:
            self._made = self.columns.history().ops
        return self._made

    @ops.setter
    def ops(self, given: list[Op]) -> None:
        self._made = given

    @property
    def functions(self) -> list[str]:
        """The functions that occur, told without making operations."""
        if self._made is not None:
            return super().functions
        found, first = np.unique(self.columns.f, return_index=True)
        return [FUNCTIONS[f] for f in found[np.argsort(first)].tolist()]

    @property
    def outcomes(self) -> dict[str, int]:
        """Top-level operations by outcome, counted without making them."""
        if self._made is not None or any("parent" in few for few in self.columns.sparse.values()):
            return super().outcomes
        counts = np.bincount(self.columns.type, minlength=len(TYPES))
        return {type: int(count) for type, count in zip(TYPES, counts.tolist(), strict=True)}
