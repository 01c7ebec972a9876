"""Sets whose elements are their values, and carts whose register values encode tags (`id|tag,tag`)."""

from checkers.case import Case
from checkers.checks.sets import lost_adds, resurfaced
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import history


def lost(text: str):
    return lost_adds.judge(Case(history(text), "mvr-sloppy"))


def back(text: str):
    return resurfaced.judge(Case(history(text), "mvr-sloppy"))


def accused(finding) -> list[tuple[str, tuple[int, ...]]]:
    return [(violation.data["tag"], violation.ops) for violation in finding.violations]


def test_an_acknowledged_add_that_is_gone():
    finding = lost("add tea; add jam; members{tea,jam}; F{jam}")
    assert accused(finding) == [("tea", (0,))]
    assert finding.violations[0].nodes == ("n1", "n2", "n3")
    assert finding.violations[0].data["last_seen"] == 2
    assert finding.judged == 2


def test_an_unanswered_add_is_not_required_and_may_be_there():
    assert lost("add tea?; F{}").verdict is Verdict.VALID
    assert lost("add tea?; F{tea}").verdict is Verdict.VALID


def test_the_union_of_the_replicas_counts():
    assert lost("add tea; add jam; F{tea}|{jam}|{}").verdict is Verdict.VALID


def test_what_a_remove_observed_may_be_gone():
    assert lost("add tea; rem tea{tea}; F{}").verdict is Verdict.VALID
    assert lost("add tea; rem tea?; F{}").verdict is Verdict.VALID


def test_a_tag_that_was_added_again_may_be_back():
    found = back("add tea; rem tea{tea}; add tea; F{tea}")
    assert (found.verdict, found.stats["retried"]) == (Verdict.VALID, 1)
    assert accused(back("add tea; rem tea{tea}; F{tea}")) == [("tea", (0, 1))]


def test_a_remove_takes_away_only_what_it_observed():
    assert accused(lost("add tea; rem jam{}; F{}")) == [("tea", (0,))]
    assert accused(lost("add tea; rem tea{}; F{}")) == [("tea", (0,))], "it observed nothing"


def test_a_refused_remove_excuses_nothing():
    assert accused(lost("add tea; rem tea!; F{}")) == [("tea", (0,))]


def test_a_remove_that_never_completed_is_read_from_its_inner_write():
    asked = "add tea; ^get{}; ^put 0:1|tea{}; b:rem tea?[20,30]; ^b:get{0:1|tea}[21,22]"
    wrote = f"{asked}; ^b:put 1:1|{{0:1|tea}}?[23,29]; F{{1:1|}}[99]"
    only_read = f"{asked}; F{{1:1|}}[99]"
    assert lost(wrote).verdict is Verdict.VALID
    assert accused(lost(only_read)) == [("tea", (0,))], "it never sent a write: it took nothing away"


def test_a_cart_is_the_union_of_its_siblings_tags():
    cart = "add tea; ^put 0:1|tea; b:add jam; ^b:put 1:1|jam; F{0:1|tea 1:1|jam}"
    assert lost(cart).verdict is Verdict.VALID
    assert accused(lost(cart.replace("F{0:1|tea 1:1|jam}", "F{1:1|jam}"))) == [("tea", (0,))]


def test_an_element_that_nobody_added():
    assert accused(lost("add tea; members{tea,gin}; F{tea}")) == [("gin", (1,))]
    assert accused(lost("add tea; F{tea,gin}")) == [("gin", ())]
    assert accused(lost("add tea!; members{tea}; F{}")) == [("tea", (0, 1))], "its add was refused"


def test_a_removed_element_that_comes_back():
    finding = back("add tea; rem tea{tea}; F{}|{tea}|{}")
    assert accused(finding) == [("tea", (0, 1))]
    assert finding.violations[0].nodes == ("n2",)


def test_an_unanswered_remove_does_not_accuse():
    assert back("add tea; rem tea?; F{tea}").verdict is Verdict.VALID


def test_an_add_sent_twice_may_come_back():
    finding = back("add tea*2; rem tea{tea}; F{tea}")
    assert (finding.verdict, finding.stats["retried"]) == (Verdict.VALID, 1)


def test_a_key_that_was_not_read_completely_is_unknown_unless_another_accuses():
    unread = "add tea; F{tea}|-|{tea}"
    assert lost(unread).verdict is Verdict.UNKNOWN
    assert accused(lost(f"{unread}; add k pie; F k{{}}")) == [("pie", (1,))]


def test_histories_of_registers_alone_are_not_sets():
    assert lost("put1; F{1}").verdict is Verdict.NOT_APPLICABLE
    assert back("put1; F{1}").verdict is Verdict.NOT_APPLICABLE


def test_latencies_of_visibility_as_set_full_has_them():
    stats = lost("add tea[1,2]; members{}[4,5]; members{tea}[7,8]; members{tea}[9,10]; F{tea}").stats
    assert stats["stable"]["max_ms"] == 2.0, "known at 2, last missed by a read that began at 4"
    stats = lost("add tea[1,2]; members{tea}[4,5]; members{}[7,8]; F{tea}").stats
    assert stats["lost_to_readers"]["max_ms"] == 5.0
    assert lost("add tea; F{tea}").stats["never_read"] == 1


def one_copy(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """What is accused where every read is promised to be of one copy."""
    return accused(lost_adds.judge(Case(history(text), "linearizable")))


def test_under_one_copy_a_read_shows_what_was_acknowledged_before_it_began():
    assert one_copy("add tea; members{}; members{tea}") == [("tea", (0, 1))]
    assert one_copy("a:add tea ∥ b:members{}; members{tea}") == []
    assert lost("add tea; members{}; F{tea}").verdict is Verdict.VALID, "weak quorums may miss it for a while"


def test_under_one_copy_what_was_seen_stays():
    assert one_copy("add tea?; members{tea}; members{}") == [("tea", (1, 2))]
    assert one_copy("add tea?; members{tea}; rem tea?; members{}") == []
    assert one_copy("add tea?; rem tea{}; members{tea}; members{}") == [("tea", (2, 3))], "it removed nothing"


def test_under_one_copy_what_was_added_before_something_shown_is_shown():
    text = "b:members{jam}[1,9]; add tea[2,3]; add jam[4,5]"
    assert one_copy(text) == [("tea", (1, 2, 0))]
    apart = "a:add tea[1,9]; b:add jam[1,9]; c:members{tea}[2,8]; d:members{jam}[2,8]"
    assert one_copy(apart) == [("tea", (2, 3))]


def test_an_element_added_again_after_its_remove_must_be_there():
    assert one_copy("add tea; rem tea{tea}; add tea; members{}") == [("tea", (2, 3))]
    assert accused(lost("add tea; rem tea{tea}; add tea; F{}")) == [("tea", (2,))]
    assert accused(lost("add tea; add tea; F{}")) == [("tea", (1,))], "added twice, it is one element"
    assert accused(lost("add tea; add tea!; F{}")) == [("tea", (0,))]


def test_a_set_holds_an_element_once():
    assert one_copy("add tea; members{tea,tea}") == [("tea", (0, 1))]
    assert accused(lost("add tea; members{tea,tea}; F{tea}")) == [("tea", (0, 1))]
    assert lost("add tea*2; members{tea,tea}; F{tea}").verdict is Verdict.VALID


def test_what_nobody_added_is_invalid_under_every_promise_and_without_finals():
    for promise in ("mvr-sloppy", "mvr-paper", "lww", "linearizable"):
        for text in ("add tea; members{tea,gin}", "add tea!; members{tea}", "members{tea}; add tea"):
            assert check(history(text, promise)).verdict is Verdict.INVALID, (promise, text)


def test_an_add_that_certainly_failed_is_called_that():
    (violation,) = lost("add tea!; add jam; members{tea,jam}; F{tea,jam}").violations
    assert (violation.data["cause"], violation.ops) == ("failed", (0, 2))
    assert "certainly failed" in violation.message


def test_an_unanswered_add_that_was_seen_and_is_gone_is_lost():
    assert accused(lost("add tea?; members{tea}; F{}")) == [("tea", (0, 1))]
    wiped = "add tea?; members{tea}; ~wipe(n1)[20,30]; #settle[40]; F{}[99]"
    assert lost(wiped).violations == (), "of an add that nobody acknowledged the wiped disk may have been all"


def test_reads_at_one_moment_of_which_one_saw_it():
    assert accused(lost("add tea; b:members{tea} ∥ c:members{}; F{}")) == [("tea", (0,))]
    stats = lost("add tea[1,2]; b:members{tea}[4,5]; c:members{}[4,5]; F{tea}").stats
    assert stats["stable"]["max_ms"] == 2.0


def test_an_answer_of_nothing_at_all_is_no_answer():
    silent = history("add tea; members{tea}; members{}", "linearizable")
    silent.ops[2].result = None
    assert lost_adds.judge(Case(silent, "linearizable")).verdict is Verdict.UNKNOWN


def test_a_cart_is_no_set_of_one_copy():
    # Two customers who read and write one register may overwrite each other, however atomic it is.
    cart = "a:add tea[1,9]; b:add jam[1,9]; ^a:put 0:1|tea[2,3]; ^b:put 1:1|jam[4,5]; F{1:1|jam}"
    assert one_copy(cart) == []
