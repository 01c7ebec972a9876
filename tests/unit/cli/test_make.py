"""What `make` and the tests' own commands say of exit codes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.errors import Exit
from tests.planted.__main__ import main as planted


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (0, ""),
        (1, "exit code 1: invalid"),
        (2, "exit code 2: unknown"),
        (3, "exit code 3: the harness failed"),
    ],
)
def test_make_says_the_code_that_it_cannot_hand_on(
    request: pytest.FixtureRequest, tmp_path: Path, code: int, says: str
) -> None:
    fake = tmp_path / "schism"
    fake.write_text(f"#!/bin/sh\nexit {code}\n")
    fake.chmod(0o755)
    command = ["make", "--no-print-directory", "-o", ".venv/.stamp", "campaign", f"BIN={tmp_path}"]
    done = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (code == 0)
    assert says in done.stdout
    assert ("exit code" in done.stdout) == (code != 0)


def test_a_planted_bug_that_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    assert planted(["nobody"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "there is no bug `nobody`; known: " in said
