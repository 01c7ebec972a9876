"""The catalogue: every bug that is planted, and why the others are not yet."""

from tests.planted import hints, membership, quorum, reads, storage, versions

BUGS = (*versions.BUGS, *quorum.BUGS, *reads.BUGS, *storage.BUGS, *hints.BUGS, *membership.BUGS)

NOT_PLANTED = {
    "B06": "the node has no counter apart from its copies that could be flushed later than they",
    "B09": "truncation belongs to the paper's mode, whose promise (mvr-paper) asserts no versions",
    "B10": "a clock that grows shows in no value that a client or a final sees",
    "B16": "the simulated disk has no read errors",
    "B18": "under the object buffer a crash leaves no loss to assert",
    "B20": "the simulated disk keeps records whole: the real log's tests tear them",
    "B25": "whoever has the copy owes it to the new owners too: not seen in 60 schedules",
    "B27": "reaping is a mode, off by default, its zombies measured: test_retirement.py has late copies",
    "B28": "reaping is a mode, off by default: test_retirement.py tells of keys that are written again",
    "B29": "expected of last-writer: inside epsilon, so it is measured and never asserted",
    "B31": "what is stale after a ring change is measured, and new owners are owed everything anyway",
    "B34": "reaping is a mode, off by default: test_retirement.py tells of keys that leave the trees",
    "B39": "a storm after a long outage shows in latencies, which a short run has too few of",
}
