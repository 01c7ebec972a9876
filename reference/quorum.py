"""Pure tallies of votes (section 4.5): when a write or a read has heard enough, and who is behind.

W votes are W distinct intended owners on W distinct nodes, each durable: a node that holds two owners'
copies is one disk, and two answers of one node are one vote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any


class WriteTally:
    """Counts durable copies of one write."""

    __slots__ = ("_nodes", "_owners", "needed")

    def __init__(self, needed: int) -> None:
        self.needed = needed
        self._owners: dict[str, str] = {}
        self._nodes: dict[str, str] = {}

    def vote(self, owner: str, node: str) -> bool:
        """`node` holds, durable, the copy meant for `owner`. True if this vote counted."""
        if owner in self._owners or node in self._nodes:
            return False
        self._owners[owner] = node
        self._nodes[node] = owner
        return True

    @property
    def met(self) -> bool:
        """Whether the write may be acknowledged."""
        return len(self._owners) >= self.needed


class ReadTally:
    """Gathers what replicas hold, one answer a node."""

    __slots__ = ("_merge", "answers", "merged", "needed")

    def __init__(self, needed: int, merge: Callable[[Any, Any], Any], empty: Any) -> None:
        self.needed = needed
        self.answers: dict[str, Any] = {}
        self.merged = empty
        self._merge = merge

    def add(self, node: str, state: Any) -> None:
        """An answer: absence is the empty state, and counts; an error is no answer, and does not."""
        if node not in self.answers:
            self.answers[node] = state
            self.merged = self._merge(self.merged, state)

    @property
    def met(self) -> bool:
        """Whether the read may be answered."""
        return len(self.answers) >= self.needed

    def behind(self, owners: Iterable[str]) -> list[str]:
        """The owners that answered with less than the merge of all answers."""
        merged = self.merged
        return [
            owner
            for owner in owners
            if owner in self.answers and self.answers[owner] is not merged and self.answers[owner] != merged
        ]


class Fallbacks:
    """The healthy nodes behind the primaries, each handed out once a request (section 4.6)."""

    __slots__ = ("_left",)

    def __init__(self, nodes: Sequence[str]) -> None:
        self._left = list(nodes)

    def take(self) -> str | None:
        """The next one in ring order, or None."""
        return self._left.pop(0) if self._left else None
