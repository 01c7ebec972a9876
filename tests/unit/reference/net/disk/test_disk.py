"""The Disk over the log: many appends, one sync; a full disk acknowledges nothing, a broken one ends all."""

import asyncio
import errno
import os

import pytest

from reference.net.disk import disk as disk_module
from reference.net.disk.datadir import DataDir, DataError
from reference.net.disk.disk import FileDisk, groups_of
from reference.net.disk.groups import GroupFile
from reference.net.futures import Future
from reference.net.peers.states import batch_codec
from reference.storage.engine import Copy, Hint
from reference.versions.dotted import DottedState

CODEC = batch_codec("dotted")


def batch(value):
    state = DottedState({"n1@0": 1}, {("n1@0", 1): value})
    return (Copy("k", state), Hint("n2", "k", state), Hint("n3", "k", None))


class Faulty(GroupFile):
    """Fails to write with each of these errors in turn, after part of the group is in the file."""

    faults: tuple[int, ...] = ()

    def write(self, records):
        if self.faults:
            number, *rest = self.faults
            self.faults = tuple(rest)
            os.pwrite(self._file, b"part", self.size)
            raise OSError(number, os.strerror(number))
        super().write(records)


def opened(tmp_path, errors, *faults):
    log = Faulty(tmp_path / "log")
    log.faults = faults
    return FileDisk(log, CODEC, asyncio.get_running_loop(), errors.append)


async def ended(future: Future, timeout_s=60.0):
    return await asyncio.wait_for(future.for_asyncio(), timeout_s)


def test_batches_come_back_after_a_restart(tmp_path):
    async def life(value):
        errors = []
        disk = opened(tmp_path, errors)
        before = list(disk.records())
        disk.append(batch(value))
        disk.append(batch(value + value))
        await ended(disk.sync())
        disk.close()
        assert not errors
        return before

    assert asyncio.run(life(b"a")) == []
    assert asyncio.run(life(b"b")) == [batch(b"a"), batch(b"aa")]


def test_many_syncs_share_a_write(tmp_path, monkeypatch):
    """Group commit: while one write is under way, everything else waits for the next one together."""

    async def life():
        writes = []
        disk = opened(tmp_path, [])
        write = disk.log.write
        monkeypatch.setattr(disk.log, "write", lambda group: (writes.append(len(group)), write(group)))
        waits = []
        for index in range(50):
            disk.append(batch(bytes([index])))
            waits.append(ended(disk.sync()))
        await asyncio.gather(*waits)
        disk.close()
        assert sum(writes) == 50
        assert len(writes) < 50

    asyncio.run(life())


def test_a_sync_without_appends_covers_what_was_there_before(tmp_path):
    async def life():
        disk = opened(tmp_path, [])
        await ended(disk.sync())
        disk.close()

    asyncio.run(life())


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_acknowledges_nothing_says_so_and_goes_on_when_there_is_room(
    tmp_path, number, monkeypatch
):
    monkeypatch.setattr(disk_module, "RETRY_S", 0.05)

    async def life():
        errors = []
        disk = opened(tmp_path, errors, number, number)
        disk.append(batch(b"v"))
        done = disk.sync()
        while not disk.trouble:
            await asyncio.sleep(0.001)
        assert not done.done()
        assert os.strerror(number) in disk.trouble
        await ended(done)
        assert disk.trouble == ""
        disk.close()
        assert not errors

    asyncio.run(life())
    log = GroupFile(tmp_path / "log")
    assert len(list(log.records())) == 1, "the failed attempts left nothing behind"
    log.close()


def test_a_node_with_a_full_disk_can_be_stopped(tmp_path):
    async def life():
        disk = opened(tmp_path, [], *[errno.ENOSPC] * 1000)
        disk.append(batch(b"v"))
        done = disk.sync()
        while not disk.trouble:
            await asyncio.sleep(0.001)
        disk.close()
        assert not done.done()

    asyncio.run(asyncio.wait_for(life(), 60))


def test_any_other_error_ends_the_process(tmp_path):
    """After a failed fsync nobody knows what is on the disk: trying again would be a lie."""

    async def life():
        errors = []
        disk = opened(tmp_path, errors, errno.EIO)
        disk.append(batch(b"v"))
        done = disk.sync()
        while not errors:
            await asyncio.sleep(0.001)
        assert errors[0].errno == errno.EIO
        assert not done.done()
        disk.close()

    asyncio.run(asyncio.wait_for(life(), 60))


def test_a_record_of_another_mode_is_an_error_that_names_it(tmp_path):
    async def life():
        disk = opened(tmp_path, [])
        disk.append(batch(b"v"))
        await ended(disk.sync())
        disk.close()
        other = FileDisk(GroupFile(tmp_path / "log"), batch_codec("paper-clock"), disk._loop, print)
        with pytest.raises(DataError, match="record 0"):
            list(other.records())
        other.close()

    asyncio.run(life())


def test_groups_are_bounded(monkeypatch):
    monkeypatch.setattr(disk_module, "MAX_GROUP", 10)
    assert list(groups_of([b"1234", b"12345", b"12", b"x" * 30, b"1"])) == [
        [b"1234", b"12345"],
        [b"12"],
        [b"x" * 30],
        [b"1"],
    ]


def test_a_data_directory_has_one_process(tmp_path):
    first = DataDir(tmp_path / "data", "n1", "dotted")
    with pytest.raises(DataError, match="another process uses it"):
        DataDir(tmp_path / "data", "n1", "dotted")
    first.close()
    DataDir(tmp_path / "data", "n1", "dotted").close()


@pytest.mark.parametrize(("name", "mode"), [("n2", "dotted"), ("n1", "last-writer")])
def test_a_data_directory_is_of_one_node_and_mode(tmp_path, name, mode):
    DataDir(tmp_path / "data", "n1", "dotted").close()
    for _ in range(2):  # the refusal lets go of the lock
        with pytest.raises(DataError, match="give each node its own"):
            DataDir(tmp_path / "data", name, mode)


def test_a_data_directory_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="choose another with --data"):
        DataDir(tmp_path / "file", "n1", "dotted")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b"1" * 5_000])
def test_a_file_that_no_longer_says_whose_data_it_is_is_refused_until_accepted(tmp_path, content):
    DataDir(tmp_path / "data", "n1", "dotted").close()
    (tmp_path / "data" / "node.json").write_bytes(content)
    with pytest.raises(DataError, match=r"node\.json: .*--accept-damage") as refused:
        DataDir(tmp_path / "data", "n1", "dotted")
    assert len(str(refused.value)) < 500
    DataDir(tmp_path / "data", "n1", "dotted", accept_damage=True).close()
    DataDir(tmp_path / "data", "n1", "dotted").close()
    assert (tmp_path / "data" / "node.json.damaged").read_bytes() == content
