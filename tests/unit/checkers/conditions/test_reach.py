"""Who owes an answer to whom; times in ms, three nodes, W = 2 unless said."""

import pytest

from checkers.conditions.reach import MS, Reach
from checkers.model.history import Fault, History, Op


def reach(*faults: Fault, detect_ms: int = 10) -> Reach:
    return Reach(History({"nodes": ["n1", "n2", "n3"]}, faults=list(faults)), detect_ms * MS)


def fault(kind: str, *nodes: str, at: int = 100, until: int | None = 200, **details) -> Fault:
    end = None if until is None else until * MS
    return Fault("f1", kind, list(nodes), at * MS, at * MS, at * MS, end, details)


def owes(found: Reach, start: int, end: int, node=None, reaches=None, votes: int = 2, voters=None) -> bool:
    op = Op(0, 0, "put", "x", "1", start * MS, end * MS, node=node, reaches=reaches)
    return found.owes(op, votes, voters, (start * MS, end * MS))


def test_without_faults_everything_is_owed():
    found = reach()
    assert found.calm
    assert owes(found, 0, 1, votes=3)


def test_nothing_is_owed_while_a_fault_has_just_begun():
    found = reach(fault("kill", "n3"))
    assert owes(found, 98, 99)
    assert not owes(found, 99, 101), "it began during the operation"
    assert not owes(found, 109, 112), "the store may not have noticed yet"
    assert owes(found, 111, 112), "two others are live"


@pytest.mark.parametrize("kind", ["kill", "pause", "freeze", "power-cut", "disk-full", "wipe", "restart"])
def test_a_node_that_is_down_gives_no_vote(kind):
    found = reach(fault(kind, "n2", "n3"))
    assert not owes(found, 150, 151)
    assert owes(found, 150, 151, votes=1)


def test_a_node_is_live_again_only_past_its_restart():
    found = reach(fault("kill", "n2", "n3"))
    assert not owes(found, 205, 206)
    assert owes(found, 211, 212)


def test_a_node_that_left_never_counts_again():
    assert not owes(reach(fault("leave", "n2", "n3")), 900, 901)


def test_a_one_way_cut_takes_the_vote_away():
    cut = fault("partition", "n1", blocked=[["n2", "n1"], ["n3", "n1"]])
    assert not owes(reach(cut), 150, 151, reaches=["n1"]), "n1 hears no vote"
    assert owes(reach(cut), 150, 151, reaches=["n2"]), "n2 and n3 hear each other"
    assert owes(reach(cut), 150, 151), "a client that reaches all can go to n2"


def test_a_node_owes_only_what_was_sent_to_it():
    cut = fault("partition", "n1", blocked=[["n2", "n1"], ["n3", "n1"]])
    assert not owes(reach(cut), 150, 151, node="n1"), "alone it cannot make two votes"
    assert owes(reach(cut), 150, 151, node="n3")


def test_a_paused_node_never_saw_the_request_but_a_killed_one_refused_it():
    assert not owes(reach(fault("pause", "n1")), 150, 151, node="n1")
    assert owes(reach(fault("kill", "n1")), 150, 151, node="n1"), "the client went on to n2 or n3"
    assert not owes(reach(fault("kill", "n1")), 199, 201, node="n1"), "it was starting again"


def test_after_a_refusal_every_node_that_might_be_next_must_be_able():
    cut = fault("partition", "n2", at=50, blocked=[["c0", "n2"]])
    assert not owes(reach(fault("kill", "n1"), cut), 150, 151, node="n1", votes=1)


def test_a_fault_that_flaps_begins_anew_all_the_time():
    blocked = [["n1", "n2"], ["n1", "n3"]]
    assert owes(reach(fault("partition", blocked=blocked)), 150, 151, node="n2")
    assert not owes(reach(fault("partition", blocked=blocked, period_ms=20)), 150, 151, node="n2")


def test_a_client_that_is_cut_off_is_owed_nothing():
    cut = fault("partition", blocked=[["c0", node] for node in ("n1", "n2", "n3")])
    assert not owes(reach(cut), 150, 151)


def test_a_lossy_link_is_no_promise_but_a_duplicating_one_is():
    assert not owes(reach(fault("link", "n1", "n2", shape={"loss": 0.3})), 150, 151)
    assert owes(reach(fault("link", "n1", "n2", shape={"duplicate": 0.3})), 150, 151)


def test_strict_quorums_count_only_the_keys_own_replicas():
    found = reach(fault("kill", "n3"))
    assert owes(found, 150, 151, voters=["n1", "n2"])
    assert not owes(found, 150, 151, voters=["n2", "n3"])


def test_a_fault_that_moves_only_clocks_costs_nothing():
    assert reach(fault("skew", "n1", max_offset_ms=500)).calm
