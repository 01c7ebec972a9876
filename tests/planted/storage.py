"""Bugs of durability (B17, B19, and the batch of rule X2)."""

from harness.testbeds.sim.runtime import ProcessDisk
from reference.replica import Replica
from reference.storage.engine import Hint
from tests.planted.bug import HINTS_ALONE, Bug, around, lane, patched

FLUSH_NS = 500_000_000


def acknowledged_before_durable():
    """What the node takes for a sync is over at once; the disk's own comes half a second later."""

    def sync(original, self):
        kernel = self._runtime.kernel
        done = kernel.future()
        done.resolve(None)
        covered = (self._disk.count, self._disk.generation, kernel.future())
        kernel.call_at(kernel.now() + FLUSH_NS, self._synced, covered)
        return done

    return around(ProcessDisk, "sync", sync)


def reads_bypass_the_write_buffer():
    """The next state is built on what the disk has, not on what is on its way there."""
    return patched(Replica, "_base", lambda self, key: self.copies.get(key, self.versions.empty))


def hints_are_synced_apart():
    """The copy is durable and acknowledged; its hints follow with whatever is written next."""

    async def coordinate(original, self, key, value, clock, event, owners, *rest):
        state = await original(self, key, value, clock, event, [], *rest)
        for owner in owners:
            hint = self._hint(owner, key, state)
            self.hints.setdefault(owner, {})[key] = hint.state
            self._newest_hints.pop((owner, key), None)
            self._engine.note((Hint(*hint),))
        return state

    return around(Replica, "coordinate", coordinate)


BUGS = (
    Bug(
        "B17",
        "acknowledged before durable",
        "Scylla #16872, nats#7564",
        "power cuts within the flush interval",
        ("lost-write", "unstable-read"),
        acknowledged_before_durable,
        lanes=(lane("power-cut", quiet_s=(0.3, 1.0), hold_s=(0.1, 0.5), max_nodes=5),),
        workload={"rate_per_s": 60.0},
    ),
    Bug(
        "B19",
        "reads bypass the write buffer",
        "textbook",
        "writes faster than the flush",
        ("lost-write", "convergence"),
        reads_bypass_the_write_buffer,
        testbed={"sync_ms": [2.0, 8.0]},
        workload={"keys": 1, "rate_per_s": 200.0},
    ),
    Bug(
        "X2a",
        "a copy and its hints are synced apart",
        "rule X2",
        "a power cut between the two, an owner out of reach",
        ("convergence",),
        hints_are_synced_apart,
        config=HINTS_ALONE,
        # With a power cut promises.md measures what hints alone leave apart, so the log is killed instead.
        lanes=(
            lane("partition", "isolate-one", "preference-list", quiet_s=(0.02, 0.2), hold_s=(0.5, 1.5)),
            lane("kill", quiet_s=(0.05, 0.3), hold_s=(0.05, 0.3), max_nodes=2),
        ),
        workload={"keys": 10, "rate_per_s": 60.0},
    ),
)
