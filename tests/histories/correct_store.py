"""A small multi-value store that is correct, told by a random source: its histories must never be accused.

Every replica holds a set of dotted versions and the set of all dots that it has seen (causal histories as
plain sets: slow, obviously right). Operations touch replicas one at a time, at moments of their own between
invocation and return, so that they interleave; puts may go unanswered having reached any replicas, clients
write blind, with stale contexts and with each other's, and delete. At the end replicas merge and are read.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from random import Random

from checkers.model.history import OPEN, Final, History, Op

Dot = int
State = tuple[dict[Dot, str], frozenset[Dot]]
"""(live versions, every dot ever seen)."""

EMPTY: State = ({}, frozenset())


def merge(a: State, b: State) -> State:
    """Keep what both hold, and what one holds and the other never saw."""
    (live_a, seen_a), (live_b, seen_b) = a, b
    live = {dot: value for dot, value in live_a.items() if dot in live_b or dot not in seen_b}
    live |= {dot: value for dot, value in live_b.items() if dot in live_a or dot not in seen_a}
    return live, seen_a | seen_b


def run(seed: int, r: int, w: int, operations: int = 14, clients: int = 3, n: int = 3) -> History:
    """One history of one key `x` on `n` replicas with quorums `r` and `w`."""
    return Store(Random(seed), r, w, operations, clients, n).run()


class Store:
    """Plays the operations of one key, replica by replica; `blind_store` makes another kind of it."""

    def __init__(self, rng: Random, r: int, w: int, operations: int, clients: int, n: int) -> None:
        self.rng, self.r, self.w, self.n = rng, r, w, n
        self.replicas: list[State] = [EMPTY] * n
        self.contexts: dict[int, frozenset[Dot]] = {}
        self.history = History(
            {
                "version": 1,
                "system": "correct",
                "promise": "mvr-strict" if r + w > n else "mvr-sloppy",
                "nodes": [f"n{i + 1}" for i in range(n)],
                "seed": 0,
                "config": {"n": n, "r": r, "w": w, "sloppy": False},
            }
        )
        self.left, self.clients = operations, clients
        self.clock = 0
        self.ids, self.dots, self.order = count(), count(1), count()
        self.queue: list[tuple[int, int, Callable[[int], None]]] = []

    def at(self, time: int, act: Callable[[int], None]) -> None:
        heapq.heappush(self.queue, (time, next(self.order), act))

    def run(self) -> History:
        for client in range(self.clients):
            self.start(client, self.rng.randint(1, 5))
        end = 0
        while self.queue:
            end, _, act = heapq.heappop(self.queue)
            self.clock = end
            act(end)
        whole = EMPTY
        for state in self.replicas:
            whole = merge(whole, state)
        self.finish(end, sorted(whole[0].values()))
        return self.history

    def finish(self, end: int, values: list[str]) -> None:
        """All replicas agree, and are read."""
        self.history.phases = [(end + 10, "final")]
        self.history.finals = [
            Final(end + 10, node, "x", list(values)) for node in self.history.meta["nodes"]
        ]

    def start(self, process: int, time: int) -> None:
        self.at(time, lambda now: self.operation(process, now))

    def operation(self, process: int, now: int) -> None:
        if self.left == 0:
            return
        self.left -= 1
        kind = self.rng.choice(("get", "get", "put", "put", "put", "delete"))
        readable = sorted(self.contexts)
        source = self.rng.choice(readable) if readable and self.rng.random() < 0.8 else None
        if kind == "delete" and source is None:
            kind = "get"
        op = Op(next(self.ids), process, kind, "x", None, now)
        self.history.ops.append(op)
        if kind == "get":
            self.read(op, now)
        else:
            op.context = source
            self.write(op, now, frozenset() if source is None else self.contexts[source])

    def read(self, op: Op, now: int) -> None:
        found: list[State] = []

        def touch(replica: int, _: int) -> None:
            found.append(self.replicas[replica])

        def answer(time: int) -> None:
            whole = EMPTY
            for state in found:
                whole = merge(whole, state)
            op.type, op.ret, op.result = "ok", time, sorted(whole[0].values())
            self.contexts[op.id] = whole[1]
            if self.rng.random() < 0.5:  # read repair
                for replica in range(self.n):
                    self.replicas[replica] = merge(self.replicas[replica], whole)
            self.start(op.process, time + self.rng.randint(0, 3))

        self.touching(now, self.r, touch, answer)

    def write(self, op: Op, now: int, covered: frozenset[Dot]) -> None:
        version: dict[Dot, str] = {}
        if op.f == "put":
            dot = next(self.dots)
            op.value = f"{op.process}:{dot}"
            version, covered = {dot: op.value}, covered | {dot}

        def touch(replica: int, _: int) -> None:
            self.replicas[replica] = merge(self.replicas[replica], (version, covered))

        def answer(time: int) -> None:
            op.type, op.ret = "ok", time
            self.start(op.process, time + self.rng.randint(0, 3))

        def give_up(time: int) -> None:
            op.type, op.ret, op.gave_up = "info", OPEN, time
            self.start(op.process + self.clients, time + self.rng.randint(0, 3))

        if self.rng.random() < 0.25:
            self.touching(now, self.rng.randint(0, self.n), touch, give_up)
        else:
            self.touching(now, self.rng.randint(self.w, self.n), touch, answer)

    def touching(
        self, now: int, replicas: int, touch: Callable[[int, int], None], answer: Callable[[int], None]
    ) -> None:
        last = now
        for replica in self.rng.sample(range(self.n), replicas):
            moment = now + self.rng.randint(0, 6)
            last = max(last, moment)
            self.at(moment, lambda time, replica=replica: touch(replica, time))  # type: ignore[misc]
        self.at(last + self.rng.randint(0, 2), answer)
