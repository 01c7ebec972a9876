"""The pure tallies: what is a vote, and what is none (X2, R1; bugs B12, B13)."""

from hypothesis import given
from hypothesis import strategies as st

from reference.quorum import Fallbacks, ReadTally, WriteTally
from reference.versions.dotted import Dotted
from reference.versions.siblings import Event

DOTTED = Dotted()
OLD = DOTTED.write(DOTTED.empty, b"old", None, Event("n1@1", "n1", 0))
NEW = DOTTED.write(OLD, b"new", OLD.clock(), Event("n1@1", "n1", 0))
SIDE = DOTTED.write(DOTTED.empty, b"side", None, Event("n2@1", "n2", 0))
OWNERS = ("n1", "n2", "n3")


def reading(needed: int, **answers) -> ReadTally:
    tally = ReadTally(needed, DOTTED.merge, DOTTED.empty)
    for node, state in answers.items():
        tally.add(node, state)
    return tally


def test_a_write_is_done_with_w_owners_on_w_nodes():
    tally = WriteTally(2)
    assert tally.vote("n1", "n1")
    assert not tally.met
    assert tally.vote("n2", "n4")  # a fallback holds the copy meant for n2
    assert tally.met


def test_a_duplicate_acknowledgement_is_no_vote():
    """X2's pitfall (B12): invisible at W = 2, where the own vote and one answer are already enough."""
    tally = WriteTally(3)
    tally.vote("n1", "n1")
    assert tally.vote("n2", "n2")
    assert not tally.vote("n2", "n2")
    assert not tally.met


def test_two_owners_copies_on_one_node_are_one_vote():
    """X2's rule: one disk dies as one, whatever number of hints it holds."""
    tally = WriteTally(2)
    assert tally.vote("n2", "n4")
    assert not tally.vote("n3", "n4")
    assert not tally.met


def test_one_owners_copy_on_two_nodes_is_one_vote():
    tally = WriteTally(2)
    tally.vote("n2", "n4")
    assert not tally.vote("n2", "n2")
    assert not tally.met


@given(st.lists(st.tuples(st.sampled_from(OWNERS), st.sampled_from(["n1", "n2", "n3", "n4", "n5"]))))
def test_votes_counted_are_distinct_owners_on_distinct_nodes(acks):
    tally = WriteTally(1)
    counted = [ack for ack in acks if tally.vote(*ack)]
    owners, nodes = [owner for owner, _ in counted], [node for _, node in counted]
    assert len(dict.fromkeys(owners)) == len(dict.fromkeys(nodes)) == len(counted)
    for owner, node in acks:
        assert owner in owners or node in nodes  # nothing was turned away without a reason


def test_a_read_needs_r_nodes_not_r_answers():
    """X2's pitfall (B12): a duplicated reply is one node's."""
    tally = reading(2, n1=OLD)
    tally.add("n1", OLD)
    assert not tally.met
    tally.add("n2", OLD)
    assert tally.met


def test_the_first_answer_of_a_node_stands():
    tally = reading(2, n1=OLD)
    tally.add("n1", NEW)
    assert tally.merged.values() == [b"old"]


def test_absence_is_an_answer():
    """X2: a replica that holds nothing has answered; an error or silence never reaches the tally."""
    tally = reading(2, n1=DOTTED.empty, n2=OLD)
    assert tally.met
    assert tally.merged.values() == [b"old"]


def test_a_read_returns_the_merge_of_all_answers():
    assert reading(2, n1=NEW, n2=SIDE).merged.values() == [b"new", b"side"]


def test_who_is_behind_is_who_holds_less_than_the_merge():
    """R1: stale and missing replicas alike; silent ones are not guessed at."""
    tally = reading(2, n1=NEW, n2=OLD)
    assert tally.behind(OWNERS) == ["n2"]
    tally.add("n3", DOTTED.empty)
    assert tally.behind(OWNERS) == ["n2", "n3"]


def test_all_answers_count_for_repair_not_only_the_first_r():
    """R1's pitfall (B36): the first R agree, the third is stale."""
    tally = reading(2, n1=NEW, n2=NEW, n3=OLD)
    assert tally.behind(OWNERS) == ["n3"]


def test_concurrent_states_leave_both_owners_behind():
    assert reading(2, n1=NEW, n2=SIDE).behind(OWNERS) == ["n1", "n2"]


def test_fallbacks_are_not_repaired():
    """R1's pitfall: a repaired fallback keeps a copy that nobody ever asks for or deletes."""
    assert reading(2, n1=NEW, n4=OLD).behind(OWNERS) == []


def test_each_fallback_is_handed_out_once():
    fallbacks = Fallbacks(["n4", "n5"])
    assert [fallbacks.take(), fallbacks.take(), fallbacks.take()] == ["n4", "n5", None]
