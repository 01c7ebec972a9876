"""The disk: a kill loses nothing, a power cut only what was not synced, and only from the end."""

from random import Random

import pytest

from harness.testbeds.sim.disk import SimDisk
from harness.testbeds.sim.kernel import Kernel


def disk(seed: int = 1, *records: str) -> SimDisk:
    made = SimDisk(Kernel(), Random(seed), (0.2, 1.0))
    for record in records:
        made.append(record)
    return made


def test_what_was_written_is_found_synced_or_not():
    """A kill ends the process, not the operating system's cache."""
    assert disk(1, "a", "b").records() == ("a", "b")


def test_a_power_cut_keeps_what_was_synced_and_a_prefix_of_the_rest():
    """Never out of order, and over the seeds every prefix, none of it and all of it included."""
    outcomes = set()
    for seed in range(40):
        cut = disk(seed, "a", "b", "c", "d")
        cut.synced(2, cut.generation)
        lost = cut.power_cut()
        assert cut.records() == ("a", "b", "c", "d")[: 4 - lost]
        outcomes.add(cut.records())
    assert outcomes == {("a", "b"), ("a", "b", "c"), ("a", "b", "c", "d")}


def test_what_a_power_cut_left_is_durable():
    """A second one takes nothing more."""
    cut = disk(3, "a", "b", "c")
    cut.power_cut()
    left = cut.records()
    assert cut.power_cut() == 0
    assert cut.records() == left


def test_a_sync_that_was_under_way_when_the_power_went_means_nothing():
    """Or records written later would count as durable by a sync of records that are gone."""
    cut = disk(1, "a", "b")
    generation = cut.generation
    cut.power_cut()
    cut.append("new")
    assert not cut.synced(2, generation)


def test_a_stale_sync_makes_nothing_durable():
    outcomes = set()
    for seed in range(20):
        wiped = disk(seed, "old")
        stale = wiped.generation
        wiped.wipe()
        wiped.append("new")
        wiped.synced(1, stale)
        wiped.power_cut()
        outcomes.add(wiped.records())
    assert outcomes == {(), ("new",)}


def test_syncs_may_end_out_of_order():
    """The larger one covers the smaller."""
    held = disk(1, "a", "b", "c")
    assert held.synced(3, held.generation)
    assert held.synced(1, held.generation)
    assert held.power_cut() == 0
    assert held.records() == ("a", "b", "c")


def test_a_wipe_loses_everything():
    wiped = disk(1, "a")
    wiped.synced(1, wiped.generation)
    wiped.wipe()
    assert wiped.records() == ()
    assert wiped.count == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_sync_takes_its_time(seed):
    held = disk(seed)
    assert 200_000 <= held.sync_at() <= 1_000_000
