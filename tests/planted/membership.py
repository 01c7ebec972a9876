"""Bugs of ring changes (B32)."""

from contextlib import ExitStack, contextmanager

from reference.gossip import Members
from reference.transfer import Transfer
from tests.planted.bug import HINTS_ALONE, Bug, around, lane, patched


@contextmanager
def nothing_is_handed_over():
    """A joiner keeps what its scan found, and whoever lets a range go drops it unconfirmed."""

    def learnt(original, self, fresh, before):
        return original(self, fresh, {})

    with ExitStack() as stack:
        stack.enter_context(around(Members, "_learnt", learnt))
        stack.enter_context(patched(Transfer, "_empty", lambda self: True))
        yield


BUGS = (
    Bug(
        "B32",
        "writes during a transfer are not forwarded, the source drops",
        "riak_core PR 96",
        "nodes leave and join under writes",
        ("convergence", "lost-write"),
        nothing_is_handed_over,
        config=HINTS_ALONE,
        nodes=6,
        lanes=(lane("membership", quiet_s=(0.1, 0.4), hold_s=(0.1, 0.5)),),
        workload={"keys": 10},
    ),
)
