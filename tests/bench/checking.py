"""What judging a recorded history costs, beside what only reading its file costs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from checkers import check
from checkers.formats.detect import load
from harness.run.lifecycle import execute
from tests.bench.figure import Figure, cpu_s
from tests.bench.simulation import _run


def figures() -> Iterator[Figure]:
    """A short run under faults, and a long one."""
    for operations, repeats in ((250, 20), (20_000, 3)):
        with tempfile.TemporaryDirectory() as folder:
            execute(_run("dotted", ("partition", "kill"), operations, 25.0), Path(folder))
            path = Path(folder) / "history.jsonl"
            lines = path.read_text().splitlines()
            limit = operations / cpu_s(lambda lines=lines: [json.loads(line) for line in lines])
            reading = operations / cpu_s(lambda path=path: load(path), repeats)
            judging = operations / cpu_s(lambda path=path: check(path), repeats)
        yield Figure(
            f"read {operations:,} operations", reading, "ops/s", limit, "the standard library's json alone"
        )
        yield Figure(f"read and judge {operations:,} operations", judging, "ops/s", reading, "reading alone")
