"""A disk with a database on it: a commit is whole or absent, and one that was confirmed stays."""

from random import Random

import pytest

from harness.testbeds.sim.disk import DatabaseDisk
from harness.testbeds.sim.kernel import Kernel


class Table:
    """A database that is a list of transactions."""

    def __init__(self) -> None:
        self.transactions: list[list[str]] = []

    def write(self, records) -> None:
        self.transactions.append(list(records))

    def batches(self) -> list[str]:
        return [record for transaction in self.transactions for record in transaction]

    @property
    def count(self) -> int:
        return len(self.batches())

    def clear(self) -> None:
        self.transactions.clear()


class Disk(DatabaseDisk):
    """`begin` and `end` a commit by hand."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__(Kernel(), Random(seed), (0.2, 1.0), Table())

    def begin(self, *records: str) -> tuple[int, int]:
        for record in records:
            self.append(record)
        self.sync_at()
        return self.count, self.generation


def test_a_commit_takes_what_was_appended_before_it_began():
    disk = Disk()
    commit = disk.begin("a", "b")
    disk.append("later")
    assert disk.synced(*commit)
    assert disk.records() == ("a", "b")
    assert disk._database.transactions == [["a", "b"]]


def test_what_no_commit_had_begun_to_write_dies_with_the_process():
    """Unlike a file, which the operating system has by then."""
    disk = Disk()
    disk.synced(*disk.begin("a"))
    disk.append("b")
    disk.killed()
    assert disk.records() == ("a",)
    disk.synced(*disk.begin("c"))
    assert disk.records() == ("a", "c")


@pytest.mark.parametrize("crash", ["killed", "power_cut"])
def test_a_commit_under_way_in_a_crash_is_whole_or_absent(crash):
    outcomes = set()
    for seed in range(20):
        disk = Disk(seed)
        disk.synced(*disk.begin("a"))
        under_way = disk.begin("b", "c")
        disk.append("d")
        getattr(disk, crash)()
        assert not disk.synced(*under_way), "nobody is told"
        outcomes.add(disk.records())
    assert outcomes == {("a",), ("a", "b", "c")}


def test_a_wiped_disk_holds_nothing():
    disk = Disk()
    disk.synced(*disk.begin("a"))
    assert disk.stored == 1
    disk.wipe()
    assert (disk.stored, disk.records()) == (0, ())
