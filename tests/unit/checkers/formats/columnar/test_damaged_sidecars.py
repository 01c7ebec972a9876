"""A sidecar is a copy: a bad one is said to be bad, and the lines beside it are read. It is never a crash."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from checkers import check
from checkers.errors import HistoryError
from checkers.formats import write_jsonl
from checkers.formats.detect import load
from checkers.model.history import Final, History, Op

np = pytest.importorskip("numpy")
sidecar = pytest.importorskip("checkers.formats.sidecar")

HISTORY = History(
    {"version": 1, "nodes": ["n1"], "promise": "lww"},
    [
        Op(0, 0, "put", "x", "a", 1, 2, "ok", node="n1"),
        Op(1, 1, "get", "x", None, 3, 4, "ok", ["a"], reaches=["n1"]),
        Op(2, 1, "put", "x", "b", 5, gave_up=9, context=1),
        Op(3, 2, "get", "x", None, 10, 12, "ok", ["a", "b"]),
        Op(4, 3, "cas", "z", [1, None], 13, 14, "fail"),
        Op(5, 4, "incr", "c", 2, 15, 16, "ok"),
        Op(6, 4, "total", "c", None, 17, 18, "ok", 2),
    ],
    phases=[(0, "main"), (19, "final")],
    finals=[Final(20, "n1", "x", ["b"])],
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """`history.npz` and, beside it, the `history.jsonl` that it is a copy of."""
    write_jsonl.write(HISTORY, tmp_path / "history.jsonl")
    sidecar.write(HISTORY, tmp_path / "history.npz")
    return tmp_path / "history.npz"


def rewritten(path: Path, **changes: Any) -> None:
    """The sidecar with some arrays replaced; None leaves one out."""
    with np.load(path) as parts:
        arrays = {name: parts[name] for name in parts.files}
    arrays |= changes
    with path.open("wb") as file:
        np.savez(file, **{name: array for name, array in arrays.items() if array is not None})


def json(text: str) -> Any:
    return np.frombuffer(text.encode(), np.uint8)


def deep() -> Any:
    return json("[" * 100_000)


BAD: dict[str, Callable[[], dict[str, Any]]] = {
    "an array is missing": lambda: {"inv": None},
    "one too many": lambda: {"more": np.zeros(3)},
    "of another type": lambda: {"inv": np.zeros(7)},
    "of other bytes": lambda: {"inv": np.arange(7, dtype=">i8")},
    "a table": lambda: {"inv": np.zeros((7, 2), np.int64)},
    "too short": lambda: {"inv": np.arange(3)},
    "a key that is not there": lambda: {"key": np.full(7, 99, np.int32)},
    "a function that is not there": lambda: {"f": np.full(7, 200, np.uint8)},
    "a row that is not there": lambda: {"context": np.full(7, 1_000_000, np.int32)},
    "ids twice": lambda: {"id": np.zeros(7, np.int64)},
    "backwards": lambda: {"inv": np.arange(7)[::-1].copy()},
    "returned before it began": lambda: {"ret": np.zeros(7, np.int64)},
    "slices that go backwards": lambda: {"offsets": np.array([0, 5, 1, 1, 1, 1, 1, 4])},
    "no slices": lambda: {"offsets": np.array([], np.int64)},
    "keys that are no list": lambda: {"keys": json("{}")},
    "keys that are numbers": lambda: {"keys": json("[1, 2, 3]")},
    "values nested deep": lambda: {"values": deep()},
    "sparse rows nowhere": lambda: {"sparse": json('{"700": {"parent": 1}}')},
    "sparse fields of another type": lambda: {"sparse": json('{"1": {"parent": "me"}}')},
    "a rest of nothing": lambda: {"rest": json("{}")},
    "a rest of another shape": lambda: {"rest": json('{"meta": 7}')},
    "another version": lambda: {"version": np.array([7])},
    "no version": lambda: {"version": np.array([], np.int64)},
    "a pickle": lambda: {"inv": np.array([{}, []], object)},
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_one_is_refused_and_the_lines_are_read(path: Path, what: str) -> None:
    rewritten(path, **BAD[what]())
    history = load(path)
    assert history.ops == HISTORY.ops
    assert "history.jsonl was read instead" in history.warnings[0]
    (path.parent / "history.jsonl").unlink()
    with pytest.raises(HistoryError, match=r"history\.npz"):
        load(path)


def test_an_array_that_claims_to_be_huge_takes_no_memory(path: Path) -> None:
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<i8", "fortran_order": False, "shape": (2**30,)})
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with ZipFile(path, "w") as new:
        for name, data in (members | {"inv.npy": header.getvalue() + bytes(56)}).items():
            new.writestr(name, data)
    history = load(path)
    assert history.ops == HISTORY.ops
    assert "says 1073741824 numbers" in history.warnings[0]


def test_a_bomb_is_not_unpacked(path: Path) -> None:
    with ZipFile(path) as old:
        members = {name: old.read(name) for name in old.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name, data in (members | {"values.npy": bytes(50_000_000)}).items():
            new.writestr(name, data)
    assert "compressed" in load(path).warnings[0]


def test_five_hundred_flipped_bytes(path: Path) -> None:
    content, rng = path.read_bytes(), Random(9)
    plain = check(path.parent / "history.jsonl")
    for _ in range(500):
        broken = bytearray(content)
        for _ in range(rng.choice((1, 1, 3, 40))):
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        path.write_bytes(broken[: rng.choice((len(broken), len(broken), rng.randrange(len(broken))))])
        try:
            report = check(path)
        except HistoryError:
            continue  # not even its first bytes say what it is
        assert report.verdict == plain.verdict
        assert not report.failures


def test_five_hundred_changed_numbers(path: Path) -> None:
    """A change that makes another history is judged as that; none makes a check crash."""
    rng = Random(4)
    with np.load(path) as parts:
        arrays = {name: parts[name] for name in parts.files}
    for _ in range(500):
        changed = {name: array.copy() for name, array in arrays.items()}
        for name in rng.sample(sorted(changed), rng.choice((1, 1, 2))):
            array = changed[name]
            info = np.iinfo(array.dtype)
            place = rng.randrange(len(array))
            near = min(max(int(array[place]) + rng.choice((-2, -1, 1, 2)), info.min), info.max)
            array[place] = rng.choice((near, 0, info.min, info.max))
        with path.open("wb") as file:
            np.savez(file, **changed)
        assert not check(path).failures
