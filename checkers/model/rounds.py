"""Rounds of final reads: what every replica of a key held at about one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checkers.model.history import Final
from checkers.model.words import values

REMEDY = "add a final line for each replica (docs/history.md#final-what-replicas-held)"
"""What makes a key judgeable whose final state is not known."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one key. `finals`: one per node, by node; unreadable ones have `values` None."""

    number: int
    finals: tuple[Final, ...]
    complete: bool
    """Whether all of the key's primaries (`config.n`) could be read."""

    @property
    def start(self) -> int:
        """When the first replica was read (ns)."""
        return min(final.time for final in self.finals)

    @property
    def end(self) -> int:
        """When the last replica was read (ns)."""
        return max(final.time for final in self.finals)

    @property
    def readable(self) -> list[Final]:
        """Those that could be read."""
        return [final for final in self.finals if final.values is not None]

    @property
    def nodes(self) -> tuple[str, ...]:
        """The replicas that could be read."""
        return tuple(final.node for final in self.readable)

    @property
    def values(self) -> list[Any]:
        """U: every value that some replica holds, without repetition, in order of node."""
        return list(dict.fromkeys(value for final in self.finals for value in final.values or ()))

    @property
    def in_words(self) -> str:
        """What the replicas hold: `n1, n2, n3 all hold {1}`, or one by one where they differ."""
        if self.agrees:
            return f"{', '.join(self.nodes)} all hold {values(self.values)}"
        return ", ".join(f"{final.node} holds {values(final.values or ())}" for final in self.readable)

    @property
    def agrees(self) -> bool:
        """Whether all replicas hold the same multiset."""
        return self.differing is None

    @property
    def differing(self) -> tuple[Final, Final] | None:
        """The first replica and one that holds something else, or None."""
        held = self.readable
        return next(((held[0], other) for other in held[1:] if not same(held[0], other)), None)

    def same_as(self, other: Round) -> bool:
        """Whether every node held the same in both rounds."""
        if self.nodes != other.nodes:
            return False
        return all(same(mine, theirs) for mine, theirs in zip(self.readable, other.readable, strict=True))


def same(one: Final, other: Final) -> bool:
    """Equal as multisets."""
    return one.values == other.values or Counter(one.values) == Counter(other.values)


def rounds_of(finals: Iterable[Final], n: int | None) -> dict[str, list[Round]]:
    """Rounds by key (in order of appearance), sorted; within one, the latest read of a node counts.

    `n` is how many replicas a key has; None: as many nodes as have a final for that key.
    """
    grouped: dict[str, dict[int, dict[str, Final]]] = {}
    for final in finals:
        grouped.setdefault(final.key, {}).setdefault(final.round, {})[final.node] = final
    found: dict[str, list[Round]] = {}
    for key, rounds in grouped.items():
        replicas = n if n is not None else len({node for nodes in rounds.values() for node in nodes})
        found[key] = [_round(number, nodes, replicas) for number, nodes in sorted(rounds.items())]
    return found


def _round(number: int, nodes: dict[str, Final], replicas: int) -> Round:
    finals = tuple(nodes[node] for node in sorted(nodes))
    readable = sum(final.values is not None for final in finals)
    return Round(number, finals, readable >= replicas)
