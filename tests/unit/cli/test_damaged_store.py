"""A store that was damaged is said to be: exit 4 with the file, never a traceback or a failure of ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from harness.campaign.replay import Replayed
from harness.cli.replay import _code
from harness.errors import Exit
from harness.store import Row

Schism = Any


@pytest.fixture
def campaign(schism: Schism, plan: Path) -> Path:
    schism("run", plan, "--jobs", "2")
    return Path("store/small-5")


def test_flipped_bits_in_the_database(schism: Schism, campaign: Path) -> None:
    database, rng = campaign / "campaign.db", Random(2)
    whole = database.read_bytes()
    for number in range(60):
        broken = bytearray(whole)
        for _ in range(rng.choice((1, 1, 5, 50))):
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        database.write_bytes(broken)
        said = schism("report", campaign) if number % 20 == 0 else schism("show", "nobody")
        assert said.code in (0, 4), said.err
        assert len(said.err.splitlines()) <= 1
        for trace in said.err.split("traceback in ")[1:]:
            Path(trace.rstrip(")\n")).unlink()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{}",
        "[]",
        '{"systems": 7}',
        '{"checks": {"phantom": 3}}',
        "7",
        "",
        f'{{"a": {"9" * 5000}}}',
    ],
)
def test_results_of_another_shape(schism: Schism, campaign: Path, text: str) -> None:
    run = next(iter(sorted((campaign / "runs").iterdir())))
    (run / "results.json").write_text(text)
    (campaign / "results.json").write_text(text)
    for command, where in (("report", run), ("report", campaign), ("replay", run), ("show", run)):
        said = schism(command, where)
        assert said.code != 3, (command, said.err)
        assert "Traceback" not in said.err
        if said.code == 4:
            assert str(where) in said.err


def test_a_replay_that_is_terminated_leaves_nothing(campaign: Path, tmp_path: Path) -> None:
    run = next(iter(sorted((campaign / "runs").iterdir())))
    text = (run / "plan.yaml").read_text()
    (run / "plan.yaml").write_text(text.replace("operations: 80", "operations: 200000"))
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", "from harness.cli.entry import main; main()", "replay", str(run)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not list(temporary.glob("schism-replay-*/history.jsonl")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == Exit.INTERRUPTED
    finally:
        process.kill()
    assert list(temporary.glob("schism-replay-*")) == []


@pytest.mark.parametrize(
    ("verdict", "same", "changes", "code"),
    [
        ("valid", True, (), Exit.VALID),
        ("valid", False, (), Exit.HARNESS),
        ("valid", None, (), Exit.VALID),
        ("valid", None, ("phantom: invalid, now valid",), Exit.UNKNOWN),
        ("invalid", None, ("phantom: valid, now invalid",), Exit.INVALID),
        ("unknown", False, (), Exit.HARNESS),
    ],
)
def test_a_replay_that_differs_is_never_0(
    verdict: str, same: bool | None, changes: tuple[str, ...], code: Exit
) -> None:
    row = Row(number=1, name="r", system="s", workload="w", nemesis="n", seed=1, verdict=verdict)
    assert _code(Replayed(row, Path("x"), same, "its history", None, changes)) == code
