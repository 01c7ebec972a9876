"""S1: the engine `sqlite`. Batches are transactions of a database that holds only what counts now."""

import sqlite3
from functools import partial

import pytest

from reference.membership import UP, Change
from reference.net.peers.fields import pack, unpack
from reference.net.peers.states import batch_codec
from reference.requests import Once
from reference.storage.engine import Copy, Decision, Hint, StorageError, Written
from reference.storage.sqlite import _WRITES_KEPT, MEMORY, Database
from reference.versions.dotted import DottedState
from tests.unit.reference.cluster import KEY, Cluster

CODEC = batch_codec("dotted")
JOINED = Decision(Change(1, "n1", UP, "n2", 4))


def opened(path=MEMORY) -> Database:
    return Database(str(path), partial(pack, CODEC), partial(unpack, CODEC))


def state(number: int, value: bytes = b"v") -> DottedState:
    return DottedState({"a": number}, {("a", number): value})


def records(database: Database) -> list:
    return [record for batch in database.batches() for record in batch]


def test_what_was_written_is_there_for_the_next_process(tmp_path):
    database = opened(tmp_path / "d")
    written = [Copy("k", state(1)), Hint("n2", "k", state(2)), JOINED, Written(Once("c", 1))]
    database.write([tuple(written)])
    database.close()
    assert records(opened(tmp_path / "d")) == written


def test_only_the_newest_state_of_a_key_is_kept():
    """Unlike the log, whose every record stays."""
    database = opened()
    for number in range(1, 50):
        database.write([(Copy("k", state(number)), Hint("n2", "k", state(number)))])
    assert records(database) == [Copy("k", state(49)), Hint("n2", "k", state(49))]


def test_what_is_forgotten_is_gone():
    database = opened()
    database.write([(Copy("k", state(1)), Hint("n2", "k", state(1)), Hint("n3", "k", state(1)))])
    database.write([(Hint("n2", "k", None),), (Copy("k", None),)])
    assert records(database) == [Hint("n3", "k", state(1))]


def test_a_decision_known_twice_is_one():
    database = opened()
    database.write([(JOINED,), (JOINED,)])
    assert records(database) == [JOINED]


def test_a_clients_settled_writes_are_forgotten():
    database = opened()
    for number in range(1, 20):
        database.write([(Written(Once("c", number, settled=max(0, number - 2))), Written(Once("d", 1)))])
    assert sorted(r.once.number for r in records(database) if r.once.client == "c") == [18, 19]


def test_writes_of_clients_that_never_come_back_are_bounded():
    database = opened()
    database.write((Written(Once(f"c{number}", 1)),) for number in range(_WRITES_KEPT + 100))
    assert database.count == _WRITES_KEPT


def test_a_group_of_batches_is_written_whole_or_not_at_all():
    """A copy and its hints must not be parted."""
    database = opened()
    database.write([(Copy("k", state(1)),)])
    with pytest.raises(AttributeError):
        database.write([(Copy("k", state(2)),), (Copy("j", "no state"),)])
    assert records(database) == [Copy("k", state(1))]
    database.write([(Copy("k", state(3)),)])
    assert records(database) == [Copy("k", state(3))], "and goes on"


def test_a_transaction_is_synced_before_it_ends(tmp_path):
    database = opened(tmp_path / "d")
    pragma = database._run("PRAGMA synchronous").fetchone(), database._run("PRAGMA journal_mode").fetchone()
    assert pragma == ((2,), ("wal",)), "FULL: the write-ahead log is synced at every commit"


def test_a_copy_of_the_files_at_any_moment_is_a_database_of_whole_transactions(tmp_path):
    """What a SIGKILL leaves: the files as they are, with what the write-ahead log has."""
    database = opened(tmp_path / "d")
    for number in range(1, 30):
        database.write([(Copy("k", state(number)), Hint("n2", "k", state(number)))])
        copy = tmp_path / f"copy{number}"
        copy.mkdir()
        for file in ("d", "d-wal"):
            (copy / file).write_bytes((tmp_path / file).read_bytes())
        assert records(opened(copy / "d")) == [Copy("k", state(number)), Hint("n2", "k", state(number))]


def test_a_torn_write_ahead_log_gives_up_the_last_transaction_only(tmp_path):
    """B20: wherever it is cut off, a start finds some whole transaction, and all before it."""
    database = opened(tmp_path / "d")
    for number in range(1, 6):
        database.write([(Copy("k", state(number)), Copy("j", state(number)))])
    data, wal = (tmp_path / "d").read_bytes(), (tmp_path / "d-wal").read_bytes()
    for cut in range(0, len(wal), 997):
        copy = tmp_path / f"cut{cut}"
        copy.mkdir()
        (copy / "d").write_bytes(data)
        (copy / "d-wal").write_bytes(wal[:cut])
        found = records(opened(copy / "d"))
        assert found in ([], *([Copy("k", state(n)), Copy("j", state(n))] for n in range(1, 6)))


def test_a_flipped_bit_in_a_value_is_refused(tmp_path):
    """PHANTOM: SQLite itself does not look at what is in a row."""
    database = opened(tmp_path / "d")
    database.write([(Copy("k", state(1, b"a value to be flipped")),)])
    database.close()
    content = bytearray((tmp_path / "d").read_bytes())
    content[content.index(b"a value to be flipped") + 3] ^= 1
    (tmp_path / "d").write_bytes(content)
    with pytest.raises(StorageError, match="damaged row in table `copy`: wipe this node"):
        records(opened(tmp_path / "d"))


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "d").write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match="d: file is not a database; restore it, or wipe this node"):
        opened(tmp_path / "d")


def test_a_database_that_another_process_uses_is_refused(tmp_path):
    held = opened(tmp_path / "d")
    held.write([(Copy("k", state(1)),)])
    with pytest.raises(StorageError, match="locked"):
        opened(tmp_path / "d")


def test_an_error_of_the_disk_is_no_silence(tmp_path):
    """B16: it must not look like a key that is not there."""
    database = opened(tmp_path / "d")
    database._run("PRAGMA max_page_count=12")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        database.write([(Copy("k", state(1, b"v" * 100_000)),)])
    assert records(database) == []


# a cluster of nodes with it, in the simulation


@pytest.mark.parametrize("durability", ["fsync", "buffer"])
def test_a_cluster_runs_on_it_and_restarts_from_it(durability):
    cluster = Cluster(engine="sqlite", durability=durability)

    async def story():
        client = cluster.client()
        await client.put(KEY, "a", None, cluster.owners()[0])
        await client.put(KEY, "b", (await client.get(KEY, "n1")).context, cluster.owners()[0])
        await cluster.sleep(0.2)
        for node in cluster.nodes:
            await cluster.testbed.power_cut(node)
        for node in cluster.nodes:
            await cluster.testbed.start(node)
        assert cluster.copies() == cluster.everywhere("b")

    cluster.play(story())
    assert cluster.deployment.config["engine"] == "sqlite"
    assert cluster.deployment.config["durability"] == durability


@pytest.mark.parametrize("crash", ["kill", "power_cut"])
@pytest.mark.parametrize("seed", range(6))
def test_whenever_it_crashes_what_was_acknowledged_is_there(crash, seed):
    """DUR, S1: a commit under way comes to pass or does not; one that was confirmed has."""
    cluster = Cluster(nodes=3, seed=seed, engine="sqlite")
    acknowledged: list[str] = []

    async def write(number: int) -> None:
        await cluster.client(0.3).put(KEY, f"{number}", None, cluster.nodes[number % 3])
        acknowledged.append(f"{number}")

    async def story():
        for number in range(30):
            cluster.testbed.spawn(write(number), f"put {number}")
            await cluster.sleep(0.0003)
        await cluster.sleep(0.0002 * seed)
        for node in cluster.nodes:
            await getattr(cluster.testbed, crash)(node)
        assert 0 < len(acknowledged) < 30, "too late or too early to prove anything"
        for node in cluster.nodes:
            await cluster.testbed.start(node)
        await cluster.settle()
        for values in cluster.copies().values():
            assert set(acknowledged) <= set(values)

    cluster.play(story())
