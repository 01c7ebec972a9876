"""Porcupine on the same histories: a small Go program (`porcupine.go.txt`), built where Go is installed."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from pathlib import Path

from checkers.model.history import History
from tests.bench.figure import NotMeasured

VERSION = "v1.0.2"
MEMORY_BYTES = 6 << 30
"""It may take no more: on hard histories it takes all there is."""
BUILD_S = 300.0


def build(folder: Path) -> Path:
    """The program. Raises NotMeasured without Go, or without the way to its module proxy."""
    if shutil.which("go") is None:
        raise NotMeasured("no Go")
    source = Path(__file__).with_name("porcupine.go.txt")
    (folder / "main.go").write_text(source.read_text())
    (folder / "go.mod").write_text(
        f"module bench\n\ngo 1.21\n\nrequire github.com/anishathalye/porcupine {VERSION}\n"
    )
    for command in (["go", "mod", "tidy"], ["go", "build", "-o", "porcupine", "."]):
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=BUILD_S)
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip().splitlines() or [""]
            raise NotMeasured(f"{' '.join(command)}: {said[-1]}") from None
        except subprocess.TimeoutExpired:
            raise NotMeasured(f"{' '.join(command)}: not done in {BUILD_S:g} s") from None
    return folder / "porcupine"


def seconds_of(program: Path, history: History, limit_s: int) -> float | None:
    """The seconds to its verdict on one core; None if there is none in time or in memory."""
    lines = "".join(json.dumps(line) + "\n" for line in _lines(history))
    try:
        done = subprocess.run(
            [str(program), str(limit_s)],
            input=lines,
            capture_output=True,
            text=True,
            timeout=2 * limit_s + 60,
            env={**os.environ, "GOMAXPROCS": "1"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES)),
        )
    except subprocess.TimeoutExpired:
        return None
    verdict, _, seconds = done.stdout.partition(" ")
    return float(seconds) if done.returncode == 0 and verdict in ("Ok", "Illegal") else None


def _lines(history: History) -> list[dict[str, int]]:
    found = []
    for op in history.ops:
        values = [op.result] if op.f == "read" else op.value if op.f == "cas" else [op.value]
        found.append(
            {
                "Kind": ("read", "write", "cas").index(op.f),
                "A": values[0],
                "B": values[-1],
                "Ok": {"fail": 0, "ok": 1, "info": 2}[op.type],
                "Client": op.process,
                "Call": op.inv,
                "Return": op.ret,
            }
        )
    return found
