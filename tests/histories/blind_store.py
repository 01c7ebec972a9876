"""A small store whose puts take no context, and that is correct: its histories must never be accused.

A put replaces whatever the nodes it meets have seen, at moments of its own before it returns; one that is
never answered may do so long after. Under the hood replicas hold dotted versions and the set of all dots
seen, as in `correct_store`; no client knows of it. A disk may be wiped: fewer than W are.
"""

from __future__ import annotations

from random import Random

from checkers.model.history import OPEN, Fault, Final, History, Op
from tests.histories.correct_store import EMPTY, Dot, Store, merge


def run(seed: int, late: bool = False) -> History:
    """One history of one key `x` under mvr-blind. `late`: puts replace what began after they returned."""
    return _BlindStore(Random(seed), late).run()


class _BlindStore(Store):
    def __init__(self, rng: Random, late: bool) -> None:
        n, r, w = rng.choice(((3, 2, 2), (3, 1, 2), (3, 1, 3), (3, 1, 1), (2, 1, 2)))
        super().__init__(rng, r, w, rng.randint(2, 12), rng.randint(1, 3), n)
        self.late = late
        self.history.meta |= {"system": "blind", "promise": "mvr-blind"}
        self.history.config["settle_bound_s"] = 0.0
        if w > 1 and rng.random() < 0.4:
            self.at(rng.randint(1, 60), self.wipe)

    def wipe(self, now: int) -> None:
        """One replica forgets everything, dots included."""
        lost = self.rng.randrange(self.n)
        self.replicas[lost] = EMPTY
        self.history.faults.append(Fault("f1", "wipe", [f"n{lost + 1}"], now, now, now, now))

    def operation(self, process: int, now: int) -> None:
        if self.left == 0:
            return
        self.left -= 1
        kind = self.rng.choice(("get", "put", "put", "put", "delete"))
        op = Op(next(self.ids), process, kind, "x", None, now)
        self.history.ops.append(op)
        if kind == "get":
            self.read(op, now)
        else:
            self.replace(op, now)

    def replace(self, op: Op, now: int) -> None:
        """The write meets some replicas, takes note of all they have seen, and then spreads."""
        version: dict[Dot, str] = {}
        covered: set[Dot] = set()
        if op.f == "put":
            dot = next(self.dots)
            op.value = str(dot)
            version, covered = {dot: op.value}, {dot}
        answered = self.rng.random() < 0.93
        delay = 0 if answered else self.rng.choice((0, 0, 30))
        begin = now + delay + self.rng.randint(0, 4)

        def meet(_: int) -> None:
            for replica in self.rng.sample(range(self.n), self.rng.randint(1, self.n)):
                covered.update(self.replicas[replica][1])
            self.touching(self.clock, self.rng.randint(self.w, self.n), touch, spread)

        def touch(replica: int, _: int) -> None:
            self.replicas[replica] = merge(self.replicas[replica], (version, frozenset(covered)))

        def spread(time: int) -> None:
            if answered:
                op.type, op.ret = "ok", time
                self.start(op.process, time + self.rng.choice((0, 1, 20)))
                if self.late:
                    self.at(time + self.rng.randint(5, 30), again)

        def again(_: int) -> None:  # the bug: as if it had just been sent
            for state in self.replicas:
                covered.update(state[1])
            for replica in range(self.n):
                touch(replica, 0)

        def give_up(time: int) -> None:
            op.gave_up = time
            self.start(op.process + self.clients, time)

        self.at(begin, meet)
        if not answered:
            op.ret = OPEN
            self.at(now + 8, give_up)

    def finish(self, end: int, values: list[str]) -> None:
        self.history.phases = [(end + 5, "heal"), (end + 6, "settle"), (end + 10, "final")]
        self.history.finals = [
            Final(end + 11, node, "x", list(values)) for node in self.history.meta["nodes"]
        ]
