"""A small plan, and a way to run the command that keeps what it said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli.app import execute

SMALL = """\
name: small
seed: 5
seeds_per_cell: 2
systems:
  - label: dotted
    config: {n: 3, r: 2, w: 2, mode: dotted}
  - label: lww
    config: {n: 3, r: 2, w: 2, mode: last-writer}
workloads:
  - workload: register
    operations: 80
    keys: 3
nemeses:
  - label: partitions
    lanes:
      - nemesis: partition
"""


@dataclass(frozen=True)
class Said:
    """The exit code of a command and what it printed."""

    code: int
    out: str
    err: str


Schism = Callable[..., Said]


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`small.yaml` in an empty current folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("small.yaml")
    path.write_text(SMALL)
    return path


@pytest.fixture
def schism(plan: Path, capsys: pytest.CaptureFixture[str]) -> Schism:
    """Run one command line in this process."""

    def run(*arguments: str | Path) -> Said:
        capsys.readouterr()
        code = execute([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
