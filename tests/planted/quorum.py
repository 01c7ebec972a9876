"""Bugs of votes, quorums and forwarding (B11 to B15)."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace

from reference.coordinator import Coordinator
from reference.messages import ReplicaPut, ReplicaPutDone
from reference.peers import Peers
from reference.quorum import Fallbacks, ReadTally, WriteTally
from reference.ring import Ring
from reference.writing import Writing
from tests.planted.bug import HINTS_ALONE, Bug, around, lane, patched

WIPES = lane("wipe", quiet_s=(0.1, 0.4), hold_s=(0.1, 0.5), max_nodes=2)
STRICT = {"sloppy": False}


def counts_every_vote(self, owner, node):
    """A list where a set belongs."""
    place = str(len(self._owners))
    self._owners[place] = self._nodes[place] = node
    return True


@contextmanager
def duplicates_count():
    """Every acknowledgement that arrives is a vote, a duplicated one too."""
    tallies = {}

    async def replicate(original, self, owner, key, state, tally, enough, *rest):
        tallies[id(state)] = (state, tally, enough)
        await original(self, owner, key, state, tally, enough, *rest)

    def answer(original, self, sender, message):
        waiting = self._waiting.get(message.request)
        original(self, sender, message)
        asked = self.__dict__.setdefault("asked", {})
        if waiting is None and isinstance(message, ReplicaPutDone) and message.request in asked:
            _, tally, enough = tallies[asked[message.request]]
            tally.vote(sender, sender)
            if tally.met:
                enough.resolve(True)

    async def ask(original, self, node, kind, *fields, **options):
        if kind is ReplicaPut and id(fields[1]) in tallies:
            self.__dict__.setdefault("asked", {})[self._epoch, self._counter + 1] = id(fields[1])
        return await original(self, node, kind, *fields, **options)

    with ExitStack() as stack:
        stack.enter_context(patched(WriteTally, "vote", counts_every_vote))
        stack.enter_context(around(Coordinator, "_replicate", replicate))
        stack.enter_context(around(Peers, "answer", answer))
        stack.enter_context(around(Peers, "ask", ask))
        yield


def sends_count():
    """The coordinator answers as soon as it has sent the copies."""

    async def replicate(original, self, owner, key, state, tally, enough, *rest):
        tally.vote(owner, owner)
        enough.resolve(True)
        await original(self, owner, key, state, tally, enough, *rest)

    return around(Coordinator, "_replicate", replicate)


@contextmanager
def one_fallback_for_all():
    """Two owners' hints on one node are two votes."""
    with ExitStack() as stack:
        stack.enter_context(patched(WriteTally, "vote", counts_every_vote))
        stack.enter_context(patched(Fallbacks, "take", lambda self: self._left[0] if self._left else None))
        yield


@contextmanager
def primaries_are_checked_only_before():
    """A strict put begins with W healthy primaries, and then takes any fallback's vote."""

    def healthy(self, key, needed):
        nodes = self._members.ring.preference_list(key)[: self._config.n]
        return len(self._peers.detector.healthy(nodes)) >= needed

    def begin(original, self, runtime, config, *parts):
        original(self, runtime, replace(config, sloppy=True), *parts)

    with ExitStack() as stack:
        stack.enter_context(around(Coordinator, "__init__", begin))
        stack.enter_context(patched(Coordinator, "enough_healthy", healthy))
        yield


def r_is_ignored():
    """An option that is not given is 0, so the first answer is enough."""

    def begin(original, self, needed, merge, empty):
        original(self, min(needed, 1), merge, empty)

    return around(ReadTally, "__init__", begin)


def forward_after_coordinating():
    """A node that is no owner writes by itself, and then hands the write on as well."""

    async def somewhere(original, self, message):
        if self._runtime.name not in self._members.owners(message.key):
            await self._coordinate(message, None)
        return await original(self, message)

    return around(Writing, "_somewhere", somewhere)


def forwards_have_no_memory():
    """A forward that the network duplicates is coordinated twice."""

    async def forwarded(original, self, sender, message):
        self._forwards.clear()
        await original(self, sender, message)

    return around(Writing, "forwarded", forwarded)


def lists_repeat_a_node():
    """The second place of every list goes to the first node again: tokens counted as nodes."""

    def begin(original, self, *parts, **options):
        original(self, *parts, **options)
        self._lists = [(owners[0], *owners[:-1]) for owners in self._lists]

    return around(Ring, "__init__", begin)


def lists_end_at_the_tail():
    """No wrap: the last ranges of the ring find fewer nodes behind them."""

    def begin(original, self, *parts, **options):
        original(self, *parts, **options)
        self._lists[-1] = self._lists[-1][:2]

    return around(Ring, "__init__", begin)


BUGS = (
    Bug(
        "B11",
        "forward after local coordination",
        "riak_kv#1046",
        "a write at a node outside the list",
        ("duplicate-sibling", "false-sibling"),
        forward_after_coordinating,
    ),
    Bug(
        "X1a",
        "forwards without request ids",
        "rule X1",
        "duplicated messages between nodes",
        ("duplicate-sibling", "false-sibling"),
        forwards_have_no_memory,
        lanes=(lane("link", "duplicate", max_ratio=0.9),),
    ),
    Bug(
        "B12",
        "duplicated acknowledgements are votes",
        "textbook",
        "duplication and loss, W = 3, then both nodes that have it lose their disks",
        ("lost-write",),
        duplicates_count,
        config={"w": 3, "r": 1},
        lanes=(
            lane("link", "loss", "duplicate", max_ratio=0.9, quiet_s=(0.01, 0.05), hold_s=(2.0, 4.0)),
            lane("wipe", quiet_s=(0.05, 0.2), hold_s=(0.02, 0.05), max_nodes=2),
        ),
        workload={"keys": 2, "rate_per_s": 150.0, "options": {"kinds": ["put-blind"]}},
        nodes=3,
    ),
    Bug(
        "B13",
        "W counts what was sent",
        "textbook",
        "loss or partition, then the coordinator loses its disk",
        ("lost-write",),
        sends_count,
        lanes=(
            lane("partition", "preference-list", "isolate-one", quiet_s=(0.02, 0.2), hold_s=(0.5, 1.5)),
            lane("wipe", quiet_s=(0.1, 0.4), hold_s=(0.1, 0.5), max_nodes=1),
        ),
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "X2b",
        "two owners' hints on one node are two votes",
        "rule X2",
        "two owners out of reach, then the fallback loses its disk",
        ("lost-write",),
        one_fallback_for_all,
        config={"w": 3, "r": 1},
        lanes=(
            lane(
                "partition",
                "preference-list",
                "isolate-one",
                "halves",
                quiet_s=(0.02, 0.2),
                hold_s=(0.5, 1.5),
            ),
            WIPES,
        ),
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "B14",
        "strict: primaries are checked before the write only",
        "riak_kv PR 485",
        "a partition in the midst of a write",
        ("mvr-regular", "read-your-writes"),
        primaries_are_checked_only_before,
        config=STRICT,
        lanes=(lane("partition", "halves", "isolate-one", quiet_s=(0.1, 0.5), hold_s=(0.2, 0.8)),),
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "B15",
        "R is not looked at",
        "riak_kv#1835",
        "one stale replica, strict quorum",
        ("mvr-regular", "read-your-writes"),
        r_is_ignored,
        config=STRICT,
        lanes=(lane("partition", "isolate-one"),),
        workload={"rate_per_s": 100.0},
    ),
    Bug(
        "B40",
        "the preference list repeats a physical node",
        "riak_core#913",
        "any run",
        ("quiescence",),
        lists_repeat_a_node,
    ),
    Bug(
        "B40b",
        "the preference list does not wrap at the tail",
        "riak_core#913",
        "any run",
        ("quiescence",),
        lists_end_at_the_tail,
        config=HINTS_ALONE,
    ),
)
