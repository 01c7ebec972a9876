"""Who may not hear whom: the shapes of partitions, as lists of blocked directed links.

The names are Jepsen's where Jepsen has them. All functions are pure; their randomness is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from harness.testbeds.testbed import Link

Lists = Sequence[Sequence[str]]


def between(left: Sequence[str], right: Sequence[str]) -> list[Link]:
    """Both directions of every link from one side to the other."""
    return [link for a in left for b in right for link in ((a, b), (b, a))]


def halves(nodes: Sequence[str], _lists: Lists, rng: Random) -> list[Link]:
    """Two sides that cannot talk, the smaller one first."""
    order = shuffled(nodes, rng)
    return between(order[: len(order) // 2], order[len(order) // 2 :])


def isolate_one(nodes: Sequence[str], _lists: Lists, rng: Random) -> list[Link]:
    """One node alone."""
    alone = rng.choice(nodes)
    return between([alone], [node for node in nodes if node != alone])


def majorities_ring(nodes: Sequence[str], _lists: Lists, rng: Random) -> list[Link]:
    """Every node hears a majority, itself included, and no two nodes hear the same one."""
    order = shuffled(nodes, rng)
    count = len(order)
    others = count // 2  # that many others and itself are a majority
    ahead = (others + 1) // 2
    heard = [*range(1, ahead + 1), *range(-(others - ahead), 0)]
    blocked = []
    for place, node in enumerate(order):
        hears = [order[(place + step) % count] for step in heard]
        blocked += [(peer, node) for peer in order if peer != node and peer not in hears]
    return blocked


def bridge(nodes: Sequence[str], _lists: Lists, rng: Random) -> list[Link]:
    """Two sides that cannot talk, but for one node that both can hear."""
    order = shuffled(nodes, rng)
    middle = (len(order) - 1) // 2
    return between(order[:middle], order[middle + 1 :])


def one_way(nodes: Sequence[str], _lists: Lists, rng: Random) -> list[Link]:
    """One side hears the other, which does not hear it."""
    order = shuffled(nodes, rng)
    cut = rng.randint(1, len(order) - 1)
    return [(a, b) for a in order[:cut] for b in order[cut:]]


def preference_list(nodes: Sequence[str], lists: Lists, rng: Random) -> list[Link]:
    """Cut by key ownership: some of one key's primaries (`lists`: primaries only) away from all others."""
    owners = shuffled(rng.choice(lists), rng)
    side = owners[: rng.randint(1, max(1, len(owners) - 1))]
    return between(side, [node for node in nodes if node not in side])


SHAPES: dict[str, Callable[[Sequence[str], Lists, Random], list[Link]]] = {
    "halves": halves,
    "isolate-one": isolate_one,
    "majorities-ring": majorities_ring,
    "bridge": bridge,
    "one-way": one_way,
    "preference-list": preference_list,
}


def shuffled(names: Sequence[str], rng: Random) -> list[str]:
    """The names in random order."""
    return rng.sample(list(names), len(names))
