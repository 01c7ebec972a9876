"""Membership (section 4.8.1): an operator adds and removes nodes, and gossip spreads the changes.

A node that is merely down is still a member. Changes are ordered by (epoch, author), never by a clock: the
epoch is one more than the largest that the author knew, so a change that knew another comes after it, and
two that did not are ordered the same way everywhere. A view is what a history folds to. All of this is
pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from reference.bounds import EPOCHS

JOINING, UP, LEAVING, GONE = "joining", "up", "leaving", "gone"
"""A joining node collects its ranges, an up one owns them, a leaving one hands them over."""
_FOLLOWS = {JOINING: (None, GONE), UP: (None, JOINING), LEAVING: (UP, JOINING), GONE: (UP, JOINING, LEAVING)}
"""What a node's status may become a status from; other changes are kept in the history and have no effect."""


class Change(NamedTuple):
    """One decision about one node."""

    epoch: int
    author: str
    status: str
    node: str
    tokens: int = 0
    """How many positions on the ring: its capacity (section 4.2)."""
    center: str = ""
    """Its data centre (section 4.6)."""
    address: str = ""
    """How to reach it, where names alone do not say: `HOST:PORT`."""
    drained: bool = True
    """Of GONE: whether it handed everything over first."""


@dataclass(frozen=True, slots=True)
class Member:
    """One node as a view has it."""

    name: str
    status: str
    tokens: int
    center: str
    address: str


class View:
    """What a history of changes folds to. Immutable; equal histories give equal views."""

    __slots__ = ("changes", "id", "members")

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes: tuple[Change, ...] = tuple(sorted(dict.fromkeys(changes)))
        self.id = hashlib.blake2b(repr(self.changes).encode(), digest_size=8).hexdigest()
        self.members: dict[str, Member] = {}
        for change in self.changes:
            known = self.members.get(change.node)
            if (known.status if known else None) not in _FOLLOWS[change.status]:
                continue
            member = Member(change.node, change.status, change.tokens, change.center, change.address)
            if known is not None and change.status != JOINING:
                member = replace(known, status=change.status)
            self.members[change.node] = member

    @classmethod
    def initial(cls, nodes: Sequence[Member]) -> View:
        """The view of a cluster that forms at once, the same on every node that is given the same list."""
        return cls(Change(0, "", UP, node.name, node.tokens, node.center, node.address) for node in nodes)

    def with_changes(self, changes: Iterable[Change]) -> View:
        """This view and these changes; itself if it knows them all."""
        known = dict.fromkeys(self.changes)
        fresh = [change for change in changes if change not in known]
        return View((*self.changes, *fresh)) if fresh else self

    def decide(self, author: str, status: str, node: str, **details: object) -> Change:
        """A new change that comes after everything known. Raises ValueError if it would have no effect."""
        known = self.members.get(node)
        now = known.status if known else None
        if now not in _FOLLOWS[status]:
            raise ValueError(f"{node} is {now or 'no member'}: it cannot become {status}")
        epoch = 1 + max((change.epoch for change in self.changes), default=0)
        if epoch >= EPOCHS:
            raise ValueError("no change can come after the last one that this node was told of")
        return Change(epoch, author, status, node, **details)  # type: ignore[arg-type]

    def having(self, *statuses: str) -> list[Member]:
        """Members with one of these statuses, by name."""
        return [self.members[name] for name in sorted(self.members) if self.members[name].status in statuses]
