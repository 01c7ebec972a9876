"""From a view to a ring: the three partitioning strategies of section 6.2, capacity, data centres.

    1  T random tokens a node, and ranges that end at the tokens (4.2)
    2  T random tokens a node, but Q equal partitions: a partition's owners are found walking from its end
    3  Q equal partitions dealt out to the nodes, Q/S each; who joins steals, who leaves gives back

A node's capacity is its number of tokens (4.2): under strategy 3 it is its share of the partitions. All
three are functions of the view alone, so that nodes with the same history of changes agree without talking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from reference.config import NodeConfig
from reference.membership import GONE, JOINING, LEAVING, UP, View
from reference.ring import POSITIONS, Owners, Ring, position


def place(view: View, config: NodeConfig, joining_too: bool = False) -> Ring:
    """The ring of the members that are up; `joining_too`: as it will be once the joining ones are up.

    If nobody is up, of all that there ever were. Raises ValueError if there never was one.
    """
    members = view.having(UP, JOINING) if joining_too else view.having(UP)
    if not members:
        # Two operators let two nodes go, each the last but one as it knew it: somebody must still be asked.
        members = view.having(JOINING, LEAVING, GONE)
    weights = {member.name: member.tokens or config.tokens for member in members}
    arrange = _spread({member.name: member.center for member in members}, config.n)
    if config.strategy == 3:
        dealt = _deal(view, config, weights)
        ends = _equal_ends(len(dealt))
        return Ring(zip(ends, dealt, strict=True), arrange=arrange)
    tokens = [(position(f"{name}#{index}"), name) for name in weights for index in range(weights[name])]
    return Ring(tokens, _equal_ends(config.partitions) if config.strategy == 2 else None, arrange)


def _equal_ends(partitions: int) -> list[int]:
    return [(index + 1) * POSITIONS // partitions - 1 for index in range(partitions)]


def _deal(view: View, config: NodeConfig, weights: Mapping[str, int]) -> list[str]:
    """Who has which partition: the history played through, each change moving as little as it can."""
    first = [change.node for change in view.changes if change.epoch == 0 and change.status == UP]
    sizes = {name: member.tokens or config.tokens for name, member in view.members.items()}
    counts = {name: 0 for name in first if name in sizes}
    dealt = [""] * config.partitions

    def give(index: int, name: str) -> None:
        counts[name] += 1
        dealt[index] = name

    def least_loaded() -> str:
        return min(counts, key=lambda name: (counts[name] / sizes[name], name))

    # Not in order: each node would be followed by the same one everywhere, which alone would bear its loss.
    for index in _shuffled("partition", range(config.partitions)):
        give(index, least_loaded())
    for name in dict.fromkeys(change.node for change in view.changes if change.epoch > 0):
        if name not in weights or name in counts:
            continue
        counts[name] = 0
        for _ in range(config.partitions * sizes[name] // sum(sizes[other] for other in counts)):
            # Nobody gives his last one away: a key needs N distinct nodes, whatever their capacities.
            donors = [other for other in counts if counts[other] > 1]
            if not donors:
                break
            donor = max(donors, key=lambda other: (counts[other] / sizes[other], other))
            counts[donor] -= 1
            theirs = [index for index, owner in enumerate(dealt) if owner == donor]
            give(_shuffled(name, theirs)[0], name)
    for name in [name for name in counts if name not in weights]:
        del counts[name]
        if not counts:
            raise ValueError("no member is up")
        for index in [index for index, owner in enumerate(dealt) if owner == name]:
            give(index, least_loaded())
    return dealt


def _shuffled(label: str, indices: Iterable[int]) -> list[int]:
    """The same random-looking order on every node."""
    return sorted(indices, key=lambda index: position(f"{label}/{index}"))


def _spread(centers: Mapping[str, str], n: int) -> Callable[[Owners], Owners]:
    """The first N nodes of a list, drawn evenly from the data centres (4.6); the others behind them."""
    different = len(set(centers.values()))

    def arrange(owners: Owners) -> Owners:
        if different < 2:
            return owners
        quota = -(-n // different)
        taken: dict[str, int] = {}
        first: list[str] = []
        for owner in owners:
            center = centers[owner]
            if len(first) < n and taken.get(center, 0) < quota:
                taken[center] = taken.get(center, 0) + 1
                first.append(owner)
        return (*first, *(owner for owner in owners if owner not in first))

    return arrange
