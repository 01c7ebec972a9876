"""Sessions, PRAM and causal consistency against their definitions, on random histories and on known pairs.

The normal run judges some hundred histories of each sort; the slow one ten thousand.
"""

from __future__ import annotations

import weakref
from random import Random

import pytest

from checkers.case import Case
from checkers.causality.happened_before import Happened
from checkers.causality.session_walk import Reading, walk
from checkers.causality.visibility import blind_reads
from checkers.checks.causal import causal
from checkers.checks.pram import pram
from checkers.checks.sessions import (
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)
from checkers.model.history import History
from checkers.order.versions import Mask
from checkers.registry import Check
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.brute_sessions import Accused, Sessions
from tests.histories.notation import history as notated
from tests.histories.random_sessions import history, single_values

SESSIONS = (read_your_writes, monotonic_reads, monotonic_writes, writes_follow_reads)
seeds = pytest.mark.parametrize(
    "seeds", [range(400), pytest.param(range(400, 10_400), marks=pytest.mark.slow)], ids=["some", "many"]
)


def pairs(reading: Reading, mask: Mask) -> Accused:
    return {(reading.get.id, op.id) for op in reading.view.order.ops(mask)}


def accused(history: History) -> dict[str, Accused]:
    case = Case(history)
    found: dict[str, Accused] = {
        name: set()
        for name in ("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads", "pram")
    }
    for read in walk(case).readings:
        found["read-your-writes"] |= pairs(read, read.unseen_own | read.back_own)
        found["monotonic-reads"] |= pairs(read, read.unseen_read)
        found["monotonic-writes"] |= pairs(read, read.unseen_before | read.back_before)
        found["writes-follow-reads"] |= pairs(read, read.unseen_followed)
    for blind in blind_reads(Happened(case, causal=False)):
        ops = blind.view.order.ops(blind.hidden | blind.back)
        found["pram"] |= {(blind.step.op.id, op.id) for op in ops}
    return found


def invalid(check: Check, history: History) -> bool:
    return check.judge(Case(history)).verdict is Verdict.INVALID


@seeds
def test_guarantees_of_sessions_as_they_are_defined(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), deletes=seed % 2 == 1)
        brute = Sessions(drawn)
        assert accused(drawn) == {
            "read-your-writes": brute.read_your_writes(),
            "monotonic-reads": brute.monotonic_reads(),
            "monotonic-writes": brute.monotonic_writes(),
            "writes-follow-reads": brute.writes_follow_reads(),
            "pram": brute.pram(),
        }, seed


@seeds
def test_without_deletes_causal_says_invalid_exactly_if_no_visibility_explains_the_reads(
    seeds: range,
) -> None:
    consistent = 0
    for seed in seeds:
        drawn = history(Random(seed))
        explained = Sessions(drawn).causally_consistent()
        assert invalid(causal, drawn) != explained, seed
        consistent += explained
    assert 0.3 < consistent / len(seeds) < 0.9, "the histories must be of both sorts"


@seeds
def test_with_deletes_whoever_is_accused_is_guilty(seeds: range) -> None:
    guilty = accused = 0
    for seed in seeds:
        drawn = history(Random(seed), deletes=True)
        explained = Sessions(drawn).causally_consistent()
        guilty += not explained
        if invalid(causal, drawn):
            accused += 1
            assert not explained, seed
    assert accused > guilty / 2, "most of the guilty are found"


@seeds
def test_of_single_values_causal_is_causal_convergence(seeds: range) -> None:
    convergent = 0
    for seed in seeds:
        drawn = single_values(Random(seed))
        explained = Sessions(drawn).causally_convergent()
        assert invalid(causal, drawn) != explained, seed
        convergent += explained
    assert 0.2 < convergent / len(seeds) < 0.9


@seeds
def test_what_breaks_a_weaker_guarantee_breaks_the_stronger(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), deletes=seed % 2 == 1, operations=12)
        broken = [one.name for one in SESSIONS if invalid(one, drawn)]
        if invalid(pram, drawn):
            assert invalid(causal, drawn), seed
        if {"read-your-writes", "monotonic-reads", "monotonic-writes"} & set(broken):
            assert invalid(pram, drawn), seed
        if broken:
            assert invalid(causal, drawn), seed
        single = single_values(Random(seed), operations=12)
        if any(invalid(one, single) for one in (read_your_writes, monotonic_reads)):
            assert invalid(causal, single), seed


@seeds
def test_a_causal_store_is_never_accused(seeds: range) -> None:
    for seed in seeds:
        drawn = history(Random(seed), deletes=seed % 2 == 1, spoilt=0, operations=25)
        broken = [one.name for one in (*SESSIONS, pram, causal) if invalid(one, drawn)]
        assert broken == [], seed


def test_who_forgets_deletes_does_not_promise_that_ones_own_stay() -> None:
    text = "put1; get{1}; del{1}; get{1}"
    for promise, reap_tombstones_s, verdict in (
        ("mvr-strict", 0, Verdict.INVALID),
        ("mvr-strict", 5, Verdict.VALID),
        ("mvr-sloppy", 5, Verdict.INVALID),  # measured: what it finds
    ):
        found = check(notated(text, promise, reap_tombstones_s=reap_tombstones_s))
        assert found.checks["read-your-writes"].finding.verdict is verdict


def test_what_checks_share_of_a_case_goes_with_it() -> None:
    case = Case(history(Random(3)))
    for one in (*SESSIONS, pram, causal):
        one.judge(case)
    left = weakref.ref(case)
    del case
    assert left() is None, "without waiting for the collector of circles"


ROWS = [
    # Of versions: (promise, history, what must be invalid).
    ("a blind put does not hide an earlier one", "mvr-sloppy", "a:put1; a:put2; b:get{2}",
     {"monotonic-writes", "pram", "causal"}),
    ("side by side it is right", "mvr-sloppy", "a:put1; a:put2; b:get{1,2}", set()),
    ("its own delete", "mvr-sloppy", "put1; get{1}; del{1}; get{1}", {"read-your-writes", "pram", "causal"}),
    ("its own delete, unanswered", "mvr-sloppy", "put1; get{1}; del{1}?; a:get{1}", set()),
    ("its own delete, of a value sent twice", "mvr-sloppy", "put1*2; get{1}; del{1}; get{1}", set()),
    ("an unanswered put obliges nobody", "mvr-sloppy", "put1?; a:get{}", set()),
    ("until it was read", "mvr-sloppy", "put1?; b:get{1}; b:get{}", {"monotonic-reads", "pram", "causal"}),
    ("an answer that never came tells nothing", "mvr-sloppy", "put1; b:get{1}?; b:get{}", set()),
    ("a refused put obliges nobody", "mvr-sloppy", "put1!; get{}", set()),
    ("another's delete may have hidden it", "mvr-sloppy", "put1; b:get{1}; b:del{1}?; a:get{}", set()),
    ("a context that moved carries what its reader knew", "mvr-sloppy",
     "c:put y9; c:put1; b:get{1}; a:put2{1}b; d:get{2}; d:get y{}", {"pram", "causal"}),
    ("what a writer had read travels with its write", "mvr-sloppy",
     "c:put y9; b:get y{9}; b:put1; d:get{1}; d:get y{}", {"causal"}),
    ("a circle", "mvr-sloppy", "a:get{2}[1,2]; a:put y1[3,4]; b:get y{1}[5,6]; b:put2[7,8]", {"causal"}),
    ("deleted before", "mvr-sloppy", "put1; get{1}; del{1}; put2; b:get{1,2}",
     {"monotonic-writes", "pram", "causal"}),
    # Of single values: what is older must be known to be.
    ("another's write may come later", "lww", "a:put1; b:put2; a:get{2}", set()),
    ("older than its own", "lww", "b:put1; a:get{1}; a:put2; a:get{1}", {"read-your-writes", "causal"}),
    ("nothing after its own", "lww", "a:put1; a:get{}", {"read-your-writes", "causal"}),
    ("nothing, for somebody deleted", "lww", "a:put1; b:get{1}; b:del{1}?; a:get{}", set()),
    ("there and back", "lww", "b:put1; c:put2; a:get{1}; a:get{2}; a:get{1}", {"monotonic-reads", "causal"}),
    ("there and back, sent twice", "lww", "b:put1*2; c:put2; a:get{1}; a:get{2}; a:get{1}", set()),
    ("two sessions that disagree", "lww",
     "a:put1; b:put2; c:get{1}; c:get{2}; d:get{2}; d:get{1}", {"causal"}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]}: {row[0]}")
def test_known_pairs(row: tuple[str, str, str, set[str]]) -> None:
    report = check(notated(row[2], row[1]))
    names = [one.name for one in (*SESSIONS, pram, causal)]
    assert not report.failures
    assert {name for name in names if report.checks[name].finding.verdict is Verdict.INVALID} == row[3]
