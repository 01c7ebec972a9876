"""Local failure detection (section 4.8.3): who did not answer me, and whom I have heard since.

A node that leaves a request unanswered is skipped until it answers one again; while any node is suspected
it is asked periodically. Without traffic there is no suspicion and no probe. Nothing is shared with other
nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Detector:
    """One node's opinion of its peers."""

    __slots__ = ("_heard_at", "_suspected")

    def __init__(self) -> None:
        self._suspected: dict[str, bool] = {}
        self._heard_at: dict[str, int] = {}

    def heard(self, node: str, now: int) -> None:
        """It answered something that we asked."""
        self._heard_at[node] = now
        if node in self._suspected:
            del self._suspected[node]

    def unanswered(self, node: str) -> bool:
        """A request timed out. True if the node was not suspected before."""
        if node in self._suspected:
            return False
        self._suspected[node] = True
        return True

    def suspects(self, node: str) -> bool:
        """Whether to skip it."""
        return node in self._suspected

    def suspected(self) -> list[str]:
        """All that are skipped now, in the order of their failure."""
        return list(self._suspected)

    def heard_within(self, node: str, now: int, span_ns: int) -> bool:
        """Whether it spoke within the last `span_ns`."""
        return now - self._heard_at.get(node, -span_ns - 1) <= span_ns

    def healthy(self, nodes: Iterable[str]) -> list[str]:
        """Those that are not suspected, in order."""
        return [node for node in nodes if node not in self._suspected]

    def healthy_first(self, nodes: Sequence[str]) -> list[str]:
        """All, the healthy ones before the suspected: a last resort is better than none."""
        return self.healthy(nodes) + [node for node in nodes if node in self._suspected]
