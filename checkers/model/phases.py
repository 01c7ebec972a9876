"""Names the phase of a moment."""

from __future__ import annotations

from bisect import bisect_right

from checkers.model.history import History


class Phases:
    """The phases of one run. What comes before the first, or a history without any, is `main`."""

    def __init__(self, history: History) -> None:
        self._starts = [time for time, _ in history.phases]
        self._names = [name for _, name in history.phases]
        self.names = list(dict.fromkeys(["main", *self._names]))
        """Every name that `of` can give, in order of time."""

    def of(self, time: int) -> str:
        """The phase that this moment (ns) is in."""
        at = bisect_right(self._starts, time) - 1
        return self._names[at] if at >= 0 else "main"
