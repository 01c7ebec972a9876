"""The log file: what was written whole is found, a torn end is cut off, damage is never passed over."""

import os
import shutil
from itertools import pairwise

import pytest

from reference.net.disk.datadir import DataError
from reference.net.disk.groups import GroupFile

GROUPS = [[b"first"], [b"", b"\x00" * 40, b"third"], [b"\xd1GRP" * 3], [os.urandom(300), b"last"]]


@pytest.fixture
def written(tmp_path):
    """A log with four groups: (its path, where each group ends)."""
    log = GroupFile(tmp_path / "log")
    ends = [log.size]
    for group in GROUPS:
        log.write(group)
        ends.append(log.size)
    log.close()
    return tmp_path / "log", ends


def found(path, **options):
    log = GroupFile(path, **options)
    records = list(log.records())
    log.close()
    return records, log


def flat(groups):
    return [record for group in groups for record in group]


def test_everything_comes_back_in_order(written):
    records, log = found(written[0])
    assert records == flat(GROUPS)
    assert (log.torn_bytes, log.damaged_bytes) == (0, 0)


def test_a_log_cut_off_at_any_byte_holds_the_whole_groups_before_and_goes_on(written, tmp_path):
    """B20: the torn group is gone as if it had never been written; the next one is appended behind."""
    path, ends = written
    for size in range(ends[0], ends[-1]):
        torn = tmp_path / f"torn-{size}"
        shutil.copy(path, torn)
        os.truncate(torn, size)
        whole = sum(1 for end in ends[1:] if end <= size)
        log = GroupFile(torn)
        assert list(log.records()) == flat(GROUPS[:whole]), size
        assert log.torn_bytes == size - ends[whole]
        log.write([b"after"])
        log.close()
        assert found(torn)[0] == [*flat(GROUPS[:whole]), b"after"]
        torn.unlink()


def test_a_flipped_bit_before_the_last_group_is_an_error_that_says_where(written, tmp_path):
    path, ends = written
    for at in range(ends[0], ends[-2], 7):
        damaged = tmp_path / "damaged"
        shutil.copy(path, damaged)
        flip(damaged, at)
        start = max(end for end in ends if end <= at)
        with pytest.raises(DataError, match=rf"damaged at byte {start} .*--accept-damage"):
            GroupFile(damaged)


def test_every_flipped_bit_is_harmless_or_an_error(written, tmp_path):
    """None passes for a torn write: an acknowledged record is there, or the start ends in one clear line."""
    path, ends = written
    good, stopped = path.read_bytes(), []
    for bit in range(8 * len(good)):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        (tmp_path / "flipped").write_bytes(flipped)
        try:
            records, _ = found(tmp_path / "flipped")
        except DataError as error:
            stopped.append(str(error))
        else:
            assert records == flat(GROUPS), bit
    assert len(stopped) == 8 * (ends[-1] - ends[0]), "all but those in one copy of the title"
    assert all("damaged at byte" in error for error in stopped)


def test_a_title_of_which_one_copy_is_damaged_is_mended(written):
    path, ends = written
    good = path.read_bytes()
    for at in (15, ends[0] // 2 + 15):
        flip(path, at)
        assert found(path)[0] == flat(GROUPS)
        assert path.read_bytes() == good


def test_a_file_whose_id_is_lost_gives_nothing_and_stays(written):
    path, ends = written
    flip(path, 15)
    flip(path, ends[0] // 2 + 15)
    damaged = path.read_bytes()
    with pytest.raises(DataError, match="first bytes are not a node's log, or are damaged"):
        GroupFile(path)
    records, log = found(path, accept_damage=True)
    assert records == []
    assert log.damaged_bytes == len(damaged)
    assert (path.parent / "log.damaged").read_bytes() == damaged


def test_damaged_groups_at_the_end_are_no_torn_write(written):
    """However many: each header that is whole says that another group followed."""
    path, ends = written
    for first in range(len(GROUPS)):
        for end in ends[first:-1]:
            flip(path, end + 20)
        with pytest.raises(DataError, match=rf"damaged at byte {ends[first]} \(to its end\)"):
            GroupFile(path)
        for end in ends[first:-1]:
            flip(path, end + 20)


def test_a_group_of_which_a_sector_never_reached_the_disk_is_a_torn_write(tmp_path):
    """The file has its whole length already, and one of its sectors still reads as zeros."""
    log = GroupFile(tmp_path / "log")
    log.write([b"before"])
    behind = log.size
    log.write([os.urandom(4000)])
    log.close()
    good = (tmp_path / "log").read_bytes()
    sectors = sorted({behind, *range(512, len(good), 512), len(good)})
    for start, end in pairwise(sectors):
        (tmp_path / "log").write_bytes(good[:start] + bytes(end - start) + good[end:])
        records, again = found(tmp_path / "log")
        assert records == [b"before"]
        assert again.torn_bytes == len(good) - behind


def test_every_damaged_file_is_kept(written):
    path, ends = written
    for kept in ("log.damaged", "log.damaged-2"):
        flip(path, ends[0] + 20)
        damaged = path.read_bytes()
        found(path, accept_damage=True)
        assert (path.parent / kept).read_bytes() == damaged


def test_a_log_of_an_older_version_is_said_to_be_one(tmp_path):
    (tmp_path / "log").write_bytes(b"dynamo log 1\n" + os.urandom(300))
    for accept_damage in (False, True):
        with pytest.raises(DataError, match="an older version of this node wrote it"):
            GroupFile(tmp_path / "log", accept_damage)


def test_damage_that_the_operator_accepts_costs_only_the_damaged_group(written):
    path, ends = written
    flip(path, ends[1] + 20)
    records, log = found(path, accept_damage=True)
    assert records == flat([GROUPS[0], *GROUPS[2:]])
    assert log.damaged_bytes == ends[2] - ends[1]
    assert found(path)[0] == records, "the new file is whole"
    assert (path.parent / "log.damaged").exists(), "the old one is kept"


def test_a_log_inside_a_value_is_not_taken_for_groups(written, tmp_path):
    """A torn value that contains a whole log of another node, even at the same place."""
    path, _ = written
    log = GroupFile(tmp_path / "other")
    log.write([path.read_bytes()])
    log.close()
    os.truncate(tmp_path / "other", log.size - 1)
    records, again = found(tmp_path / "other")
    assert records == []
    assert again.torn_bytes > 0


def test_a_file_that_is_no_log_is_not_touched(tmp_path):
    (tmp_path / "log").write_bytes(b"my shopping list, do not lose")
    with pytest.raises(DataError, match="not a node's log"):
        GroupFile(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == b"my shopping list, do not lose"


def test_what_a_failed_write_left_is_taken_back(tmp_path):
    log = GroupFile(tmp_path / "log")
    log.write([b"good"])
    os.pwrite(log._file, b"half a gro", log.size)
    log.undo()
    log.write([b"next"])
    log.close()
    assert found(tmp_path / "log")[0] == [b"good", b"next"]


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)
