"""The wall clock that a file moves: seen on the next reading, never from half a file."""

import json
import os
import time

import pytest

from reference.net.clock import Skew, WallClock, parse


def write(path, **fields):
    new = path.with_name("new")
    new.write_text(json.dumps(fields))
    os.replace(new, path)


def test_without_a_file_it_is_the_machines_clock(tmp_path):
    for clock in (WallClock(), WallClock(tmp_path / "skew")):
        assert abs(clock.offset_ms) < 50


def test_a_file_moves_it_at_once_and_its_end_moves_it_back(tmp_path):
    path = tmp_path / "skew"
    clock = WallClock(path)
    for offset_ms in (60_000, -60_000, 0.5):
        write(path, offset_ms=offset_ms)
        assert clock.offset_ms == pytest.approx(offset_ms, abs=50)
    path.unlink()
    assert abs(clock.offset_ms) < 50


def test_a_rate_runs_from_its_instant():
    skew = Skew(offset_ms=1.0, rate_ppm=1000.0, since_ns=5_000_000_000)
    assert skew.at(5_000_000_000) == 5_001_000_000
    assert skew.at(7_000_000_000) == 7_003_000_000
    assert skew.at(4_000_000_000) == 4_001_000_000, "not before"


def test_a_rate_without_an_instant_runs_from_the_writing_of_the_file(tmp_path):
    path = tmp_path / "skew"
    write(path, rate_ppm=1e6)
    clock = WallClock(path)
    first = clock.offset_ms
    time.sleep(0.02)
    assert clock.offset_ms - first >= 20


def test_a_file_that_cannot_be_read_leaves_the_last_skew_and_says_why(tmp_path):
    path = tmp_path / "skew"
    clock = WallClock(path)
    write(path, offset_ms=60_000)
    clock.read()
    path.write_text('{"offset_ms": ')
    assert clock.offset_ms == pytest.approx(60_000, abs=50)
    assert str(path) in clock.trouble
    write(path, offset_ms=10_000)
    assert clock.offset_ms == pytest.approx(10_000, abs=50)
    assert clock.trouble == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "expected"),
        ('{"offset": 1}', "unknown field `offset`"),
        ('{"offset_ms": "1"}', "offset_ms: expected a number"),
        ('{"rate_ppm": true}', "rate_ppm"),
        ('{"rate_ppm": NaN}', "rate_ppm"),
    ],
)
def test_nonsense_names_the_field(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse(text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"offset_ms": ' + "9" * 400 + "}",
        '{"offset_ms": 1e300}',
        '{"offset_ms": NaN}',
        '{"rate_ppm": 1e300}',
        '{"since_ns": ' + "1" * 5000 + "}",
        '{"' + "x" * 10_000 + '": 1}',
        "\x00",
        "null",
    ],
)
def test_a_file_that_nobody_means_moves_nothing_and_is_told_of(tmp_path, text):
    """A running node reads it, whatever is in it: it must not end by that."""
    (tmp_path / "skew").write_text(text)
    clock = WallClock(tmp_path / "skew")
    assert abs(clock.offset_ms) < 60_000
    assert str(tmp_path / "skew") in clock.trouble
    assert len(clock.trouble) < 500


def test_a_clock_never_shows_a_time_that_no_stamp_holds():
    assert Skew(offset_ms=-1e13).at(5_000) == 0
    assert Skew(offset_ms=1e13).at(5_000) == 2**63 - 1
