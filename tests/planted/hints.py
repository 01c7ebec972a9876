"""Bugs of hinted handoff and failure detection (B21 to B26, B37, B38)."""

from contextlib import ExitStack, contextmanager

from reference.detector import Detector
from reference.handoff import Handoff
from reference.messages import ReplicaPut
from reference.node import Node
from reference.replica import Replica
from reference.storage.engine import Copy, Hint
from tests.planted.bug import HINTS_ALONE, Bug, around, lane, patched

OUTAGES = (
    lane("partition", "isolate-one", "preference-list", "halves", quiet_s=(0.1, 0.5), hold_s=(0.3, 1.5)),
)
KILLS = (*OUTAGES, lane("kill", quiet_s=(0.05, 0.5), hold_s=(0.05, 0.3), max_nodes=2))


def deleted_on_send():
    """The hint is gone before the owner has said that it has it."""

    async def deliver(self, owner):
        for key, state in list(self._replica.hints[owner].items()):
            self._replica.delivered(owner, key, state)
            await self._peers.ask(owner, ReplicaPut, key, state)
        return True

    return patched(Handoff, "_deliver_once", deliver)


@contextmanager
def applied_by_overwrite():
    """What a hint brings replaces what the owner has."""

    async def deliver(self, owner):
        for key, state in list(self._replica.hints[owner].items()):
            if await self._peers.ask(owner, ReplicaPut, key, state, owner) is None:
                return False
            self._replica.delivered(owner, key, state)
        return True

    async def put(original, self, sender, message):
        if message.owner == self.runtime.name:
            self.replica._newest[message.key] = message.state
            await self.replica._engine.commit((Copy(message.key, message.state),))
            message = message._replace(owner=None)
        await original(self, sender, message)

    with ExitStack() as stack:
        stack.enter_context(patched(Handoff, "_deliver_once", deliver))
        stack.enter_context(around(Node, "_replica_put", put))
        yield


def keyed_by_key_only():
    """The store of hints holds one a key: the second owner's overwrites the first's."""

    def apply(original, self, batch):
        original(self, batch)
        for record in batch:
            if isinstance(record, Hint) and record.state is not None:
                for owner, held in self.hints.items():
                    if owner != record.owner:
                        held.pop(record.key, None)

    return around(Replica, "_apply", apply)


def index_into_a_changing_list():
    """Key and state are looked up by position while delivered hints disappear from the list."""

    async def deliver(self, owner):
        held = self._replica.hints[owner]
        for place, key in enumerate(list(held)):
            states = list(held.values())
            state = states[place] if place < len(states) else states[-1] if states else None
            if state is None or await self._peers.ask(owner, ReplicaPut, key, state) is None:
                return False
            self._replica.delivered(owner, key, held.get(key, state))
        return True

    return patched(Handoff, "_deliver_once", deliver)


def none_for_deletes():
    """An owner that sleeps through a delete never hears of it."""

    def coordinate(original, self, key, value, clock, event, owners, *rest):
        return original(self, key, value, clock, event, [] if value is None else owners, *rest)

    return around(Replica, "coordinate", coordinate)


def not_rescanned_after_a_start():
    """A node delivers only what it has taken in since its start."""
    return patched(Handoff, "resume", lambda self: None)


def forgotten_for_any_state():
    """An acknowledgement of an old state deletes the newer hint."""

    def delivered(self, owner, key, state):
        self.hints.get(owner, {}).pop(key, None)
        self._engine.note((Hint(owner, key, None),))
        return True

    return patched(Replica, "delivered", delivered)


def suspected_for_ever():
    """One timeout, and nothing that is heard later counts."""

    def heard(self, node, now):
        self._heard_at[node] = now

    return patched(Detector, "heard", heard)


BUGS = (
    Bug(
        "B21",
        "a hint is deleted on send",
        "Scylla #4122 (kin)",
        "the delivery is lost",
        ("convergence",),
        deleted_on_send,
        config=HINTS_ALONE,
        lanes=OUTAGES,
    ),
    Bug(
        "B22",
        "a hint is applied by overwrite",
        "textbook",
        "a newer write reaches the owner before the hint",
        ("lost-write", "zombie", "resurrection", "convergence"),
        applied_by_overwrite,
        config=HINTS_ALONE,
        lanes=OUTAGES,
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "B23",
        "hints are keyed by key only",
        "textbook",
        "two owners out of reach, one holder",
        ("convergence",),
        keyed_by_key_only,
        config=HINTS_ALONE,
        lanes=OUTAGES,
    ),
    Bug(
        "B24",
        "hints by position in a list that changes",
        "textbook",
        "many hints for one owner",
        ("phantom",),
        index_into_a_changing_list,
        config=HINTS_ALONE,
        lanes=OUTAGES,
        workload={"keys": 10},
    ),
    Bug(
        "B26",
        "no hint for deletes",
        "voldemort d7d7349",
        "a delete while an owner is out of reach",
        ("convergence", "zombie", "resurrection"),
        none_for_deletes,
        config=HINTS_ALONE,
        lanes=OUTAGES,
        workload={"options": {"kinds": ["get", "put-fresh", "delete-fresh"], "swarm": False}},
    ),
    Bug(
        "B37",
        "one timeout means down for ever",
        "voldemort 0da292d",
        "a short partition",
        ("availability",),
        suspected_for_ever,
        nodes=3,
        lanes=(lane("partition", "isolate-one", quiet_s=(1.0, 2.0), hold_s=(0.5, 1.0)),),
        targets={"put_success_min": 0.9},
    ),
    Bug(
        "B38",
        "hints are not looked for after a start",
        "riak_core#154",
        "the holder restarts while the owner is out of reach",
        ("quiescence", "convergence"),
        not_rescanned_after_a_start,
        config=HINTS_ALONE,
        lanes=KILLS,
        workload={"keys": 10},
    ),
    Bug(
        "H1a",
        "a hint is forgotten for any state",
        "rule H1",
        "the state held changes while an older one is delivered",
        ("convergence",),
        forgotten_for_any_state,
        config=HINTS_ALONE,
        lanes=(lane("link", "loss", max_ratio=0.9, quiet_s=(0.01, 0.05), hold_s=(1.0, 3.0)),),
        workload={"keys": 10},
    ),
)
