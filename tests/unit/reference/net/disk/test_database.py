"""The database on disk: whichever bit is wrong, what was acknowledged is there, or the start ends."""

import shutil

import pytest

from reference.net.disk.database import Transactions
from reference.net.disk.datadir import DataError
from reference.requests import Once
from reference.storage.engine import Copy, Hint, Written
from reference.versions.dotted import DottedState

NAME = "copies.sqlite"


def batch(number):
    state = DottedState({"a": number}, {("a", number): b"value"})
    return (Copy(f"k{number}", state), Hint("n2", "k", state), Written(Once("c", number)))


def found(folder, **options):
    log = Transactions(folder / NAME, "dotted", **options)
    records = [record for one in log.batches() for record in one]
    log.close()
    return records


@pytest.fixture
def killed(tmp_path):
    """A folder as a killed node leaves it, with a write-ahead log; and all that was acknowledged."""
    (tmp_path / "live").mkdir()
    log = Transactions(tmp_path / "live" / NAME, "dotted")
    for number in range(1, 5):
        log.write([batch(number)])
    shutil.copytree(tmp_path / "live", tmp_path / "killed")
    records = [record for one in log.batches() for record in one]
    log.close()
    return tmp_path / "killed", records


@pytest.fixture
def stopped(killed):
    """The same after a stop in order: everything is in the database itself."""
    folder, records = killed
    assert found(folder) == records
    assert not (folder / f"{NAME}-wal").exists()
    return folder, records


def flips(folder, name, records, bits):
    """How many of these flipped bits stopped the start; with any other one, all is there."""
    good, errors = (folder / name).read_bytes(), 0
    for bit in bits(8 * len(good)):
        copy = folder.parent / "flipped"
        shutil.copytree(folder, copy)
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        (copy / name).write_bytes(flipped)
        try:
            assert found(copy) == records, (name, bit)
        except DataError:
            errors += 1
        shutil.rmtree(copy)
    return errors


def test_a_flipped_bit_in_the_database_is_harmless_or_an_error(stopped):
    """A sample, all over the file."""
    assert flips(*_args(stopped, NAME), lambda size: range(5, size, 1397)) > 10


def test_a_flipped_bit_in_the_write_ahead_log_is_no_torn_transaction(killed):
    assert flips(*_args(killed, f"{NAME}-wal"), lambda size: range(3, size, 6007)) > 10


def test_a_flipped_bit_in_the_number_of_transactions_is_harmless(killed):
    assert flips(*_args(killed, f"{NAME}-ended"), range) == 0


@pytest.mark.slow
def test_every_flipped_bit_of_the_header_is_harmless_or_an_error(stopped):
    assert flips(*_args(stopped, NAME), lambda _: range(8 * 100)) > 100


def test_a_write_ahead_log_that_is_cut_short_is_damage(killed):
    """Nobody cuts it but a disk that lost what it had acknowledged."""
    folder, _ = killed
    wal = folder / f"{NAME}-wal"
    wal.write_bytes(wal.read_bytes()[:-4096])
    with pytest.raises(DataError, match="of 4 transactions the last 1 are gone"):
        found(folder)


def test_a_damaged_database_that_the_operator_accepts_is_set_aside_whole(stopped):
    folder, _ = stopped
    (folder / NAME).write_bytes(b"no database" * 1000)
    with pytest.raises(DataError, match="file is not a database"):
        found(folder)
    assert found(folder, accept_damage=True) == []
    assert (folder / f"{NAME}.damaged").read_bytes() == b"no database" * 1000
    assert found(folder) == []


def _args(state, name):
    folder, records = state
    return folder, name, records
