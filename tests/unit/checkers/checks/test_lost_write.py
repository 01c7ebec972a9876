"""Lost writes: what is lost, what excuses, and how it went."""

from __future__ import annotations

import pytest

from checkers.suite import check
from checkers.verdict import Finding, Verdict
from tests.histories.notation import history


def finding(text: str) -> Finding:
    return check(history(text)).checks["lost-write"].finding


def causes(text: str) -> list[tuple[tuple[int, ...], str, int | None]]:
    return [(one.ops, one.data["cause"], one.data["by"]) for one in finding(text).violations]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("put1; F{1}|{}|{}", "one replica holds it: that is for convergence"),
        ("put1; get{1}; put2{1}?; get{2}; put3{2}; F{3}", "superseded through a write without an answer"),
        ("put1; get{1}; del{1}?; F{}", "a delete without an answer may have hidden it"),
        ("put1; get{1}; put2{1}; get{2}; del{2}; F{}", "the delete covers all below"),
        ("put1?; F{}", "it was never acknowledged"),
        ("put1!; F{}", "it failed"),
        ("F{}", "nothing was written"),
    ],
)
def test_not_lost(text: str, why: str) -> None:
    assert finding(text).verdict is Verdict.VALID, why


def test_a_delete_that_failed_excuses_nothing() -> None:
    assert causes("put1; get{1}; del{1}!; F{}") == [((0,), "vanished", None)]


def test_overwritten_by_a_put_that_had_not_seen_it() -> None:
    # Nobody ever read 2.
    assert causes("a:put1 ∥ b:put2; c:get{1}; c:put3{1}; F{3}") == [((1,), "overwritten", 3)]


def test_overwritten_only_if_reads_agree_on_the_order() -> None:
    # 2 was still seen after 3 had taken effect, so 3 did not replace it.
    text = "put1; a:get{1}; b:get{1}; a:put2{1}; b:put3{1}; c:get{3}[20,21]; c:get{2,3}[30,31]; F{3}"
    assert causes(text) == [((3,), "vanished", None)]


def test_a_stale_read_does_not_hide_who_overwrote_it() -> None:
    # op 4 read a replica that had neither; op 5 shows what took the place of 2.
    text = "a:put1; a:get{1}; a:put2{1}; b:put3[20,21]; c:get{1}[30,31]; c:get{3}[40,41]; F{3}"
    (violation,) = finding(text).violations
    assert (violation.data["by"], violation.data["related"]) == (3, [5, 3])


def test_what_was_overwritten_again_still_did_it() -> None:
    # 3 took the place of 2, and 4 that of 3: the first read without 2 tells, not the final one.
    text = "a:put2; b:put3[20,21]; c:get{3}[30,31]; d:put4[40,41]; F{4}"
    assert causes(text) == [((0,), "overwritten", 1), ((1,), "overwritten", 3)]


def test_vanished_beside_a_write_of_the_same_time() -> None:
    (violation,) = finding("a:put1 ∥ b:put2; F{2}").violations
    assert violation.message == "acknowledged 1 is lost: it vanished; 2, written at the same time, is kept"


def test_over_deleted() -> None:
    assert causes("put1; b:get{1}; a:get{1}; a:put2{1}; b:del{1}; F{}") == [((3,), "over-deleted", 4)]


def test_a_delete_that_ended_before_is_not_the_cause() -> None:
    assert causes("put1; b:get{1}; b:del{1}; a:put2; F{}") == [((3,), "vanished", None)]


def test_vanished_tells_who_still_saw_it_and_who_did_not() -> None:
    (violation,) = finding("put1; get{1}; get{}; F{}").violations
    assert violation.data["related"] == [1, 2]
    assert violation.proof[1].startswith("op 1 showed it: {1}")
    assert violation.proof[2].startswith("op 2 did not: {}")
    assert violation.data["last_seen"] < violation.data["first_missed"]


def test_shadowed_losses_stand_under_their_root() -> None:
    found = finding("put1; get{1}; put2{1}; get{2}; put3{2}; F{}")
    (violation,) = found.violations
    assert violation.ops == (4,)
    assert violation.data["shadowed"] == [0, 2]
    assert (found.stats["roots"], found.stats["shadowed"]) == (1, 2)


def test_independent_losses_are_independent_roots() -> None:
    assert [ops for ops, *_ in causes("put1; put2; put x3; F x{}")] == [(0,), (1,), (2,)]


def test_faults_that_were_active_meanwhile_are_named() -> None:
    text = "put1; ~pause(n1)[1,2]; ~kill(n2)[50,60]; #settle[100]; #final[200]; F{}[200]"
    h = history(text, settle_bound_s=0.1, engine="log", durability="fsync")
    (violation,) = check(h).checks["lost-write"].finding.violations
    assert violation.data["faults"] == ["f1", "f2"]


def test_of_a_full_cart_the_items_that_differ_are_named() -> None:
    kept = ",".join(f"t{i}" for i in range(60))
    (violation,) = finding(f"put 0:1|{kept},tea; put 1:1|{kept}; F{{1:1|{kept}}}").violations
    assert violation.message.startswith("acknowledged 0:1|…t58,t59,tea (61 items) is lost")
    assert "of its items none of them holds tea" in violation.proof
    assert max(map(len, violation.proof)) < 300
