"""When operations are due: an open loop whose arrivals come alone or in bursts.

Dynamo's conflicts need writes of one key whose intervals overlap. At 25 operations a second that take a
few milliseconds each, independent arrivals almost never meet; so a share of them, drawn per run, comes as
bursts: several clients at nearly one moment, with one number by which a workload picks one hot key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

NS = 1_000_000_000
SPREAD_NS = 1_500_000
"""Arrivals of one burst lie within so many nanoseconds: less than a round trip."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One operation to come. `due` is None in a closed loop; `burst` is 0 for one that comes alone."""

    due: int | None
    burst: int


def arrivals(operations: int, clients: int, rate_per_s: float, start: int, rng: Random) -> Iterator[Arrival]:
    """All operations of one run in order of their due times; `start` in ns.

    `rate_per_s` is the mean over all clients together; 0 is a closed loop, where whoever is free is next.
    """
    share = rng.uniform(0.15, 0.45)
    largest = max(2, min(clients, 5))
    due, burst, left = float(start), 0, operations
    while left > 0:
        size = rng.randint(2, largest) if clients > 1 and rng.random() < share else 1
        size = min(size, left)
        left -= size
        burst += size > 1
        number = burst if size > 1 else 0
        if rate_per_s <= 0:
            for _ in range(size):
                yield Arrival(None, number)
            continue
        # A burst of k arrivals takes the time of k, so that the mean rate is kept.
        due += rng.expovariate(rate_per_s / size) * NS
        for offset in sorted(rng.randint(0, SPREAD_NS) if number else 0 for _ in range(size)):
            yield Arrival(int(due) + offset, number)
