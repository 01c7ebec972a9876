"""Damage to files: the largest one, exactly as told, and seen until it is gone."""

from pathlib import Path

import pytest

from harness.testbeds.hosts.files import bitflip, still_damaged, stored_bytes, truncate, wipe


@pytest.fixture
def data(tmp_path: Path) -> Path:
    directory = tmp_path / "data"
    (directory / "below").mkdir(parents=True)
    (directory / "lock").write_bytes(b"")
    (directory / "node.json").write_bytes(bytes(10))
    (directory / "below" / "log").write_bytes(bytes(1000))
    return directory


def test_a_wipe_leaves_an_empty_directory(data: Path) -> None:
    assert stored_bytes(data) == 1010
    for _ in range(2):
        wipe(data)
        assert stored_bytes(data) == 0
        assert data.is_dir()


@pytest.mark.parametrize(("share", "left"), [(0.0, 999), (0.25, 750), (1.0, 0)])
def test_a_cut_takes_a_share_off_the_end_of_the_largest_file(data: Path, share: float, left: int) -> None:
    damage = truncate(data, share)
    assert damage is not None
    assert (damage.path.name, damage.bytes, damage.path.stat().st_size) == ("log", 1000, left)
    assert still_damaged(damage)
    damage.path.write_bytes(bytes(1000))
    assert not still_damaged(damage)


def test_a_flip_changes_one_bit_at_each_place(data: Path) -> None:
    damage = bitflip(data, [0.0, 0.5, 0.5, 1.0])
    assert damage is not None
    content = damage.path.read_bytes()
    changed = [at for at, byte in enumerate(content) if byte]
    assert changed == sorted(damage.before) == [0, 500, 999]
    assert all(content[at].bit_count() == 1 for at in changed)
    assert still_damaged(damage)
    damage.path.unlink()
    assert not still_damaged(damage)


def test_where_nothing_is_stored_nothing_is_damaged(tmp_path: Path) -> None:
    assert truncate(tmp_path, 0.5) is None
    assert bitflip(tmp_path, [0.5]) is None
    assert stored_bytes(tmp_path / "absent") == 0


def test_what_the_store_has_put_aside_as_damaged_is_not_damaged_again(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(10))
    (tmp_path / "log.damaged").write_bytes(bytes(1000))
    damage = bitflip(tmp_path, [0.5])
    assert damage is not None
    assert damage.path.name == "log"
