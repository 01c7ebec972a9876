"""Bugs of read repair (B35, B36). A run that ends in reads must have repaired what it read."""

from contextlib import ExitStack, contextmanager

from reference.reading import Reading
from reference.replica import Replica
from reference.versions.dotted import DottedState
from tests.planted.bug import HINTS_ALONE, Bug, around, lane
from workloads import register

READS_FROM = 250
"""Of 270 operations at 40 a second, on 10 keys: two reads of each, behind the two faults that fit in."""


@contextmanager
def no_hints_and_reads_at_the_end():
    """B36 is invisible while every owner that missed a write is owed it, or while nobody reads."""

    def coordinate(original, self, key, value, clock, event, _owners, *rest):
        return original(self, key, value, clock, event, [], *rest)

    async def step(original, self, session):
        taken = self.__dict__.setdefault("taken", [])
        taken.append(session.client)
        if len(taken) < READS_FROM:
            await original(self, session)
        else:
            await self._get(session, session.keys[len(taken) % len(session.keys)], None)

    with ExitStack() as stack:
        stack.enter_context(around(Replica, "coordinate", coordinate))
        stack.enter_context(around(register.RegisterScript, "step", step))
        yield


def repair_moves_a_counter():
    """Read repair writes: the merge that it sends has one event more than anybody made."""

    async def repair(original, self, name):
        await self.ended
        merged = self.tally.merged
        if self.tally.behind(self.owners):
            vector = {**merged.vector, f"{name}@repair": merged.vector.get(f"{name}@repair", 0) + 1}
            self.tally.merged = DottedState(vector, merged.versions)
        return await original(self, name)

    return around(Reading, "repair", repair)


def no_repair_when_the_first_agree():
    """The first R answers decide whether anybody is sent anything."""

    async def repair(original, self, name):
        first = list(self.tally.answers.values())[: self.tally.needed]
        await self.ended
        return 0 if all(state == first[0] for state in first) else await original(self, name)

    return around(Reading, "repair", repair)


BUGS = (
    Bug(
        "B35",
        "read repair moves a counter",
        "riak_kv PR 334, PR 26",
        "reads of a stale replica",
        ("quiescence",),
        repair_moves_a_counter,
        config=HINTS_ALONE,
        lanes=(lane("partition", "isolate-one", "halves"),),
    ),
    Bug(
        "B36",
        "no repair when the first R answers agree",
        "OpenRiak #114",
        "one stale replica, nobody owes it anything",
        ("convergence",),
        no_repair_when_the_first_agree,
        config=HINTS_ALONE | {"sloppy": False},
        lanes=(lane("partition", "isolate-one", quiet_s=(1.6, 1.9), hold_s=(0.8, 1.0)),),
        workload={"keys": 10, "operations": 270},
        setting=no_hints_and_reads_at_the_end,
    ),
)
