"""Small histories after public bug reports and attacks, each with the verdict that it must get.

`cases.json` names for each file in `data/` the arguments of `schism check`, the outcomes that are right, why,
and for some the verdict of single checks. A checkout that has another such collection beside it, in
`../shared/cases`, judges that as well.
"""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from harness.cli.app import execute

HERE = Path(__file__).parent
BESIDE = HERE.parents[1].parent / "shared" / "cases"
OUTCOMES = ("valid", "invalid", "unknown", "the harness failed", "refused")
"""By exit code."""
MOST_S = 20.0
"""Processor seconds that a case may take: a hang is a failure too, however busy the machine."""


def collected() -> Iterator[Any]:
    for name, listed, files in (
        ("", HERE / "cases.json", HERE / "data"),
        ("beside/", BESIDE / "cases.json", BESIDE),
    ):
        for case in json.loads(listed.read_text()) if listed.is_file() else []:
            arguments = "".join(f" {word}" for word in case["args"])
            yield pytest.param(files, case, id=f"{name}{case['file']}{arguments}")


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def too_long(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds:g} s of processor time")

    before = signal.signal(signal.SIGVTALRM, too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@pytest.mark.parametrize(("files", "case"), list(collected()))
def test_each_case_gets_one_of_its_verdicts(
    files: Path, case: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with at_most(MOST_S):
        code = execute(["check", str(files / case["file"]), *case["args"], "--json"])
    said = capsys.readouterr()
    report = json.loads(said.out) if said.out.startswith("{") else {}
    assert OUTCOMES[code] in case["expect"], f"{case['why']}: {report.get('reason')}{said.err}"
    if OUTCOMES[code] == "refused":
        assert case["file"] in said.err
        assert "Traceback" not in said.err
    for name, verdicts in case.get("checks", {}).items():
        assert report["checks"][name]["verdict"] in verdicts.split("|"), name


def test_every_history_here_has_its_verdict() -> None:
    listed = {case["file"] for case in json.loads((HERE / "cases.json").read_text())}
    assert {path.name for path in (HERE / "data").iterdir()} == listed
