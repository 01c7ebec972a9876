"""unreplaced: which acknowledged writes had to stay, by promise; and a correct store without contexts."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories import blind_store
from tests.histories.examples import registers
from tests.histories.notation import history

MANY = 1500


def finding(text: str, promise: str = "mvr-blind", **config: object) -> Finding:
    return check(history(text, promise, **config)).checks["unreplaced"].finding


def accused(text: str, promise: str = "mvr-blind", **config: object) -> list[tuple[int, ...]]:
    return [one.ops for one in finding(text, promise, **config).violations]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a:put1 ∥ b:put2; F{2}", "2 began before 1 had returned, and may have replaced it"),
        ("put1; put2; F{2}", "2 came after"),
        ("b:put1?; a:put2; F{1}", "1 was never answered: it may have come later"),
        ("b:put1*2; a:put2; F{1}", "1 was sent twice: a copy of it may have come later"),
        ("put1; del[20,21]; F{}", "it was deleted"),
        ("b:put1[1,9]; a:put2[9,12]; F{1}", "equal times are concurrent"),
        ("put1?; F{}", "it was never acknowledged"),
        ("put1!; F{}", "it failed"),
        ("put1; F{}|{}|{1}", "one replica holds it: that is for convergence"),
    ],
)
def test_may_be_gone(text: str, why: str) -> None:
    assert finding(text).verdict is Verdict.VALID, why
    assert check(history(text, "mvr-blind")).checks["unreplaced"].asserted


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("put1; F{}", 0),
        ("put1; put2; F{1}", 1),
        ("put1; put2; F{}", 1),
        ("a:put1; b:put2!; F{}", 0),
        ("a:put1 ∥ b:put2; c:put3; F{1,2}", 2),
        ("put1*2; F{}", 0),
        ("a:put1; get{1}; del{1}; put2; F{}", 3),
    ],
)
def test_had_to_stay(text: str, op: int) -> None:
    assert accused(text) == [(op,)]
    assert check(history(text, "mvr-blind")).verdict is Verdict.INVALID


def test_a_value_put_twice_is_gone_all_the_same() -> None:
    assert accused("put1; put1; F{}") == [(1,)]
    assert accused("put1; put1; F{1}") == []


def test_last_writer_wins_is_held_to_it_only_where_nobody_else_wrote() -> None:
    assert accused("put1; F{}", "lww") == [(0,)]
    assert check(history("put1; F{}", "lww", clock_sync_ms=0)).verdict is Verdict.INVALID
    assert accused("put1; put2; F{1}", "lww") == []
    assert accused("put1; del[20,21]; put2; F{}", "lww") == []
    single = history("put1; F{}", "lww")
    registers(single)
    assert check(single).checks["unreplaced"].finding.verdict is Verdict.INVALID


def test_the_papers_clocks_are_held_to_what_their_counters_know() -> None:
    later = "put1; put2; F{1}"
    assert accused(later, "mvr-paper") == [(1,)]
    assert accused(later, "mvr-paper", sloppy=True) == []  # a node that stands in counts from 1 again
    assert accused(later, "mvr-paper", sloppy=False) == [(1,)]
    assert accused(later, "mvr-paper", clock_limit=3) == []
    covers = "put1; get{1}; put2{1}; F{1}"
    assert accused(covers, "mvr-paper", sloppy=True) == [(2,)]
    assert accused(covers, "mvr-paper", clock_limit=3) == []
    assert accused("put1; F{}", "mvr-paper", clock_limit=3) == [(0,)]


def test_a_wiped_disk_counts_anew_under_the_papers_clocks() -> None:
    settled = {"settle_bound_s": 0.01, "engine": "log", "durability": "fsync", "sloppy": False}
    end = "~wipe(n1)[10,20]; #heal[40]; #settle[41]; #final[60]; F{1}[61]"
    assert accused(f"put1[1,2]; put2[30,31]; {end}", "mvr-paper", **settled) == []
    assert accused(f"put1[1,2]; get{{1}}[3,4]; put2{{1}}[30,31]; {end}", "mvr-paper", **settled) == [(2,)]
    assert accused(f"put1[1,2]; put2[30,31]; {end}", "mvr-blind", **settled) == [(1,)]


def test_more_loss_than_a_quorum_bears_decides_nothing() -> None:
    text = "put1[1,2]; ~wipe(n1, n2)[10,20]; #heal[40]; #settle[41]; #final[60]; F{}[61]"
    report = check(history(text, "mvr-blind", settle_bound_s=0.01, engine="log", durability="fsync"))
    assert report.checks["unreplaced"].finding.verdict is Verdict.UNKNOWN


def test_a_correct_store_without_contexts_is_never_accused() -> None:
    judged = 0
    for seed in range(MANY):
        report = check(blind_store.run(seed))
        assert report.verdict is Verdict.VALID, (seed, report.reason)
        judged += report.checks["unreplaced"].finding.judged
    assert judged > MANY / 10


@pytest.mark.slow
def test_nor_in_twenty_thousand_histories() -> None:
    for seed in range(MANY, 20_000):
        assert check(blind_store.run(seed)).verdict is Verdict.VALID, seed


def test_puts_that_reach_past_their_return_are_found() -> None:
    verdicts = Counter(check(blind_store.run(seed, late=True)).verdict for seed in range(300))
    assert verdicts[Verdict.INVALID] >= 10, verdicts


def test_any_write_that_is_taken_away_is_found_where_the_definition_says_so() -> None:
    found = 0
    for seed in range(MANY):
        told = blind_store.run(seed)
        gone = _take_away(told, Random(seed))
        expected = gone is not None and _had_to_stay(told, gone)
        report = check(told)
        assert (report.checks["unreplaced"].finding.verdict is Verdict.INVALID) == expected, seed
        found += expected
    assert found > MANY / 20


def _take_away(told: History, rng: Random) -> str | None:
    """One acknowledged value that the replicas hold leaves them all."""
    held = [op.value for op in told.ops if op.ok and op.value in (told.finals[0].values or ())]
    if not held:
        return None
    gone = rng.choice(held)
    for final in told.finals:
        final.values.remove(gone)
    return str(gone)


def _had_to_stay(told: History, gone: str) -> bool:
    """The contract's words: every other put or delete had certainly ended before it was invoked."""
    write = next(op for op in told.ops if op.value == gone)
    others = [op for op in told.ops if op.f in ("put", "delete") and op is not write and op.type != "fail"]
    return all(op.type == "ok" and op.attempts == 1 and op.ret < write.inv for op in others)
