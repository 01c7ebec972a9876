"""What one node holds: S1 (nothing visible before it is durable), and the hint rules of X2 and H1."""

import pytest

from reference.replica import Replica
from reference.storage.engine import Copy, Hint
from reference.versions.dotted import Dotted
from reference.versions.siblings import Event
from tests.unit.reference.alone import Alone

DOTTED = Dotted()
ME = Event("n1@1", "n1", 0)
THEIRS = DOTTED.write(DOTTED.empty, b"theirs", None, Event("n2@1", "n2", 0))


def replica(engine: str = "log", records: tuple = ()) -> tuple[Alone, Replica]:
    world = Alone(records=records)
    return world, Replica(world, engine, DOTTED)


def put(held: Replica, value: bytes, owners: tuple[str, ...] = ("n2", "n3")):
    return held.coordinate("k", value, None, ME, list(owners))


def test_nothing_is_readable_before_it_is_durable():
    """S1's rule: a power cut must not take back what a read or a replica message showed."""
    world, held = replica()
    writing = world.begin(put(held, b"v"))
    assert held.read("k") is DOTTED.empty
    assert held.hint_count == 0
    assert not writing.done()
    world.finish_sync()
    assert held.read("k").values() == [b"v"]
    assert writing.done()


def test_a_second_write_builds_on_the_first_though_neither_is_durable():
    """V2's rule: the actor's own entry goes on from its last dot, not from its last sync."""
    world, held = replica()
    world.begin(put(held, b"1"))
    world.begin(put(held, b"2"))
    world.finish_sync()
    assert held.read("k").values() == [b"1"]
    world.finish_sync()
    assert held.read("k").values() == [b"1", b"2"]


def test_a_copy_and_its_hints_are_one_batch():
    """X2's rule: synced apart, a power cut between them leaves replicas that never agree."""
    world, held = replica()
    world.run(put(held, b"v"))
    (batch,) = world.disk.written
    assert [(type(record), getattr(record, "owner", None)) for record in batch] == [
        (Copy, None),
        (Hint, "n2"),
        (Hint, "n3"),
    ]


def test_many_commits_share_one_sync():
    """Group commit: while one sync is under way, the others gather."""
    world, held = replica()
    for number in range(5):
        world.begin(held.merge(f"k{number}", THEIRS))
    assert len(world.disk.syncing) == 1
    world.finish_sync()
    world.finish_sync()
    assert sorted(held.copies) == [f"k{number}" for number in range(5)]
    assert not world.disk.syncing


def test_known_but_not_durable_is_waited_for():
    """X2's pitfall: an acknowledgement of a state whose first copy is still on its way to the disk."""
    world, held = replica()
    world.begin(held.merge("k", THEIRS))
    again = world.begin(held.merge("k", THEIRS))
    assert not again.done()
    world.finish_sync()
    world.finish_sync()
    assert again.done()
    assert world.result(again) is False


def test_a_merge_of_nothing_new_writes_nothing():
    world, held = replica()
    assert world.run(held.merge("k", THEIRS)) is True
    written = len(world.disk.written)
    assert world.run(held.merge("k", THEIRS)) is False
    assert len(world.disk.written) == written


def test_hints_are_apart_from_copies():
    """H1's pitfall: a hint merged into the main store answers for a node that is no owner."""
    world, held = replica()
    world.run(held.keep_hint("n2", "k", THEIRS))
    assert held.copies == {}
    assert held.hints == {"n2": {"k": THEIRS}}


def test_a_node_without_a_copy_reads_from_its_hints():
    """X4: a fallback among the first N healthy nodes answers with what it holds for others."""
    world, held = replica()
    world.run(held.keep_hint("n2", "k", THEIRS))
    world.run(held.keep_hint("n3", "k", DOTTED.write(DOTTED.empty, b"other", None, ME)))
    assert held.read("k").values() == [b"other", b"theirs"]


def test_a_hint_is_forgotten_only_for_exactly_the_state_that_is_held():
    """H1's rule: an acknowledgement of an older state leaves the newer hint."""
    world, held = replica()
    world.run(put(held, b"1"))
    older = held.hints["n2"]["k"]
    world.run(put(held, b"2"))
    assert held.delivered("n2", "k", older) is False
    assert held.hints["n2"]["k"].values() == [b"1", b"2"]
    assert held.delivered("n2", "k", held.hints["n2"]["k"]) is True
    assert held.hint_count == 1  # n3's


def test_a_hint_on_its_way_to_the_disk_is_not_forgotten_for_its_elder():
    """H1's rule, between a commit and its sync."""
    world, held = replica()
    world.run(put(held, b"1"))
    older = held.hints["n2"]["k"]
    world.begin(put(held, b"2"))
    assert held.delivered("n2", "k", older) is False
    world.finish_sync()
    assert held.hints["n2"]["k"].values() == [b"1", b"2"]


def test_a_new_hint_is_merged_with_the_one_that_is_held():
    """H1's pitfall (B22): an overwrite hides what the owner has not seen."""
    world, held = replica()
    world.run(held.keep_hint("n2", "k", THEIRS))
    world.run(held.keep_hint("n2", "k", DOTTED.write(DOTTED.empty, b"mine", None, ME)))
    assert held.hints["n2"]["k"].values() == [b"mine", b"theirs"]


def test_two_owners_of_one_key_have_a_hint_each():
    """H1's pitfall (B23): a store keyed by key only."""
    world, held = replica()
    world.run(put(held, b"v"))
    held.delivered("n2", "k", held.read("k"))
    assert held.hints["n3"]["k"] == held.read("k")
    assert held.hint_count == 1


def test_deletes_leave_hints_too():
    """H1's pitfall (B26)."""
    world, held = replica()
    world.run(put(held, b"v", owners=()))
    world.run(held.coordinate("k", None, held.read("k").clock(), ME, ["n2"]))
    assert held.read("k").values() == held.hints["n2"]["k"].values() == []
    assert held.hints["n2"]["k"].clock() == {"n1@1": 1}


def test_a_fallbacks_write_is_built_on_nothing():
    """V2's rule: it does not hold the key's whole state, so it makes no copy and extends no entry."""
    world, held = replica()
    world.run(held.coordinate_for(["n2", "n3"], "k", b"v", {"n2@1": 1}, ME))
    assert held.copies == {}
    assert held.hints["n2"]["k"] == held.hints["n3"]["k"]
    assert held.hints["n2"]["k"].clock() == {"n2@1": 1, "n1@1": 1}


def test_a_start_finds_copies_and_hints_again():
    """H1, B38: what is owed survives the process."""
    world, held = replica()
    world.run(put(held, b"1"))
    world.run(put(held, b"2"))
    held.delivered("n3", "k", held.hints["n3"]["k"])
    world.run(held.merge("other", THEIRS))  # the note that n3 has it goes with this commit
    _, again = replica(records=world.disk.records())
    assert again.copies == held.copies
    assert again.hints["n2"] == held.hints["n2"]
    assert again.hint_count == 1


def test_losing_the_note_of_a_delivery_is_harmless():
    """H1: the hint is found again and delivered once more."""
    world, held = replica()
    world.run(put(held, b"v", owners=("n2",)))
    held.delivered("n2", "k", held.hints["n2"]["k"])
    _, again = replica(records=world.disk.records())
    assert again.hints["n2"]["k"] == again.read("k")


def test_what_a_start_found_is_shown_only_once_it_is_synced():
    """S1: after a kill the log may hold records that no sync has covered."""
    world, held = replica(records=((Copy("k", THEIRS),),))
    ready = world.begin(held.ready())
    assert not ready.done()
    world.finish_sync()
    assert ready.done()


@pytest.mark.parametrize("nothing", [{}, None])
def test_a_delete_that_covers_nothing_leaves_replicas_alike(nothing):
    """M1: a copy that only one replica keeps would differ in every exchange, for ever."""
    world, first = replica()
    world.run(first.coordinate("k", None, nothing, ME, ["n2"]))
    other_world, second = replica()
    other_world.run(second.merge("k", first.hints["n2"]["k"]))
    assert first.copies == second.copies


def test_the_memory_engine_forgets():
    """S1: pluggable engines; this one is durable for no longer than its process."""
    world, held = replica(engine="memory")
    world.run(put(held, b"v"))
    assert held.read("k").values() == [b"v"]
    assert world.disk.written == []
