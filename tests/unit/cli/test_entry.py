"""The console script answers Ctrl-C from the first moment on, before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

from harness.cli import entry


class Interrupted(ModuleType):
    """A module during whose import the user lost patience."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_during_the_imports_is_one_line_and_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "harness.cli.app", Interrupted("harness.cli.app"))
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "schism: interrupted\n"


def test_it_imports_nothing_else_first() -> None:
    words = "import sys, harness.cli.entry; print(*(m for m in sys.modules if m.split('.')[0] in %r))"
    ours = ("harness", "checkers", "cyclopts", "rich", "msgspec")
    ran = subprocess.run([sys.executable, "-c", words % (ours,)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["harness", "harness.cli", "harness.cli.entry"]


def test_it_runs_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["schism", "list", "bugs"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 4
    assert "Choose from" in capsys.readouterr().err
