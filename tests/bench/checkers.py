"""What judging large histories costs: seconds, peak memory, growth, beside Porcupine's limits.

Histories are those of `tests/bench/histories.py`, judged from JSON Lines and from the sidecar. With the extra
`fast` (numba) histories of versions are screened by compiled loops; without it they are judged by the checks
themselves, and sizes are smaller.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkers.fast.jit import COMPILED
from checkers.formats import sidecar, write_jsonl
from checkers.registry import checks
from tests.bench.figure import Figure
from tests.bench.histories import Shape, make

HUGE = os.environ.get("BENCH", "")
"""`big`: up to a million operations; `huge`: ten million as well (12 GB)."""

TELLING = 10_000
"""Operations from which on memory and growth say something: below it, starting up is all."""

SHAPES: dict[str, dict[str, Any]] = {
    "2,000 keys": {"keys": 2000, "clients": 64},
    "50 hot keys": {"keys": 50, "clients": 64},
    "one key, 5 clients": {"keys": 1, "clients": 5},
    "one key, 20 clients": {"keys": 1, "clients": 20},
    "one key, 50 clients": {"keys": 1, "clients": 50},
    "one register, 5 clients": {"keys": 1, "clients": 5, "single": True},
    "one register, 20 clients": {"keys": 1, "clients": 20, "single": True},
    "one register, 50 clients": {"keys": 1, "clients": 50, "single": True},
    "one register, 5 clients, 5 % crashes, a violation": {
        "keys": 1,
        "clients": 5,
        "single": True,
        "crashes": 0.05,
        "lost": True,
    },
}
PORCUPINE: dict[tuple[str, int], tuple[float | None, str]] = {
    ("one register, 5 clients", 1_000): (0.005, "Porcupine"),
    ("one register, 5 clients", 10_000): (0.11, "Porcupine"),
    ("one register, 5 clients", 100_000): (13.4, "Porcupine, with 9.6 GB"),
    ("one register, 5 clients", 1_000_000): (None, "Porcupine: no verdict in 15 s"),
    ("one register, 20 clients", 1_000): (None, "Porcupine: no verdict in 40 s"),
    ("one register, 50 clients", 1_000): (None, "Porcupine: no verdict in 40 s"),
    ("one register, 5 clients, 5 % crashes, a violation", 1_000): (None, "Porcupine: no verdict in 15 s"),
}
"""(shape, operations) -> its seconds on one core where it answers, as measured with GOMAXPROCS=1."""


def sizes(single: bool) -> list[int]:
    """How many operations, by what is installed and asked for."""
    top = 10_000_000 if HUGE == "huge" else 1_000_000 if HUGE == "big" else 100_000
    if not single and not COMPILED:
        top //= 10
    return [size for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if size <= top]


def figures() -> Iterator[Figure]:
    """The whole suite on every shape and size, then each check by itself on one of them."""
    with_extra = "extra fast" if COMPILED else "plain Python"
    for name, given in SHAPES.items():
        before: float | None = None
        for size in sizes(bool(given.get("single"))):
            with tempfile.TemporaryDirectory() as folder:
                files = _files(Shape(size, **given), Path(folder))
                for source, path in files.items():
                    found = _judged(path)
                    _assert_as_made(name, found)
                    limit, limit_is = PORCUPINE.get((name, size), (None, ""))
                    what = f"{name}, {size:,} operations, {source} ({with_extra})"
                    yield Figure(what, found["seconds"], "s", limit, limit_is)
                    if size >= TELLING:
                        yield Figure(f"{what}: peak memory", found["bytes"] / size, "bytes/operation")
                    if source == "sidecar":
                        seconds = found["seconds"]
                        if before and size > TELLING:
                            yield Figure(
                                f"{what}: growth from a tenth", seconds / before, "times", 13.0, "n log n"
                            )
                        before = seconds
    yield from _by_check()


def _by_check() -> Iterator[Figure]:
    size = sizes(single=False)[-1]
    with tempfile.TemporaryDirectory() as folder:
        columns = make(Shape(size, **SHAPES["2,000 keys"]))
        yield Figure("history columns", columns.nbytes / size, "bytes/operation", 200.0, "the mark")
        path = Path(folder) / "history.npz"
        sidecar.write(columns, path)
        for name in checks():
            found = _judged(path, name)
            what = f"{name} alone, 2,000 keys, {size:,} operations, sidecar"
            yield Figure(what, found["seconds"], "s")
            if size >= TELLING:
                yield Figure(f"{what}: peak memory", found["bytes"] / size, "bytes/operation")


def _files(shape: Shape, folder: Path) -> dict[str, Path]:
    columns = make(shape)
    files = {"sidecar": folder / "history.npz"}
    sidecar.write(columns, files["sidecar"])
    if shape.operations <= 1_000_000:
        files["JSON Lines"] = folder / "history.jsonl"
        write_jsonl.write(columns.history(), files["JSON Lines"])
    return files


def _judged(path: Path, only: str | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.judged", str(path), *([only] if only else [])]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _assert_as_made(name: str, found: dict[str, Any]) -> None:
    """A bench of wrong answers would be worth nothing."""
    wanted = "invalid" if "violation" in name else "valid"
    assert found["verdict"] == wanted, f"{name}: {found['verdict']}, {found['findings']}"
