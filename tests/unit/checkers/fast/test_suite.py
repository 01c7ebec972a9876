"""The same report from lines, from columns and by the checks alone; and small runs pay nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checkers import check, suite
from checkers.model.history import History, Op
from tests.histories.correct_store import run

columns = pytest.importorskip("checkers.formats.columnar.columns")
lazy = pytest.importorskip("checkers.formats.columnar.lazy")
screens = pytest.importorskip("checkers.fast.screens")


def report(history: History) -> dict[str, Any]:
    return check(history).to_json(timings=False)


def always_screened(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (suite, screens):
        monkeypatch.setattr(module, "LARGE", 1)
    monkeypatch.setattr(screens, "COMPILED", True)


@pytest.mark.parametrize("quorums", [(1, 1), (2, 2)])
def test_the_same_report_of_versions(monkeypatch: pytest.MonkeyPatch, quorums: tuple[int, int]) -> None:
    histories = [run(seed, *quorums, operations=40) for seed in range(25)]
    for history in histories[::5]:
        history.finals[0].values.clear()  # type: ignore[union-attr]  # a replica that forgot everything
    plain = [report(history) for history in histories]
    always_screened(monkeypatch)
    assert [report(history) for history in histories] == plain
    assert [report(lazy.ColumnHistory(columns.of_history(history))) for history in histories] == plain
    assert {one["verdict"] for one in plain} == {"valid", "invalid"}


def test_the_same_report_of_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    def registers(last: int) -> History:
        ops = []
        for i in range(60):
            ops.append(Op(2 * i, 0, "write", f"k{i % 3}", i, 10 * i, 10 * i + 4, "ok"))
            seen = i if i < 50 else last
            ops.append(Op(2 * i + 1, 1, "read", f"k{i % 3}", None, 10 * i + 5, 10 * i + 9, "ok", seen))
        return History({"version": 1, "promise": "linearizable"}, ops[:-18])

    for last in (50, 44):
        plain = report(registers(last))
        with monkeypatch.context() as patched:
            always_screened(patched)
            assert report(registers(last)) == plain
            assert report(lazy.ColumnHistory(columns.of_history(registers(last)))) == plain


def test_what_screens_clear_is_never_made_into_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    always_screened(monkeypatch)
    ops = [Op(i, 0, "write", "x", i, 2 * i, 2 * i + 1, "ok") for i in range(99)]
    ops.append(Op(99, 1, "read", "x", None, 300, 301, "ok", 98))
    history = lazy.ColumnHistory(columns.of_history(History({"version": 1, "promise": "linearizable"}, ops)))

    def refuse(_: object) -> list[Op]:
        raise AssertionError("operations were made")

    monkeypatch.setattr(lazy.ColumnHistory, "ops", property(refuse, lambda _, __: None))
    found = check(history)
    assert found.checks["linearizable"].finding.judged == 100
    assert not found.failures


def test_a_small_history_is_judged_without_numpy(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text(
        '{"kind":"meta","version":1,"promise":"mvr-sloppy"}\n'
        '{"kind":"op","type":"invoke","op":0,"time":1,"process":0,"f":"put","key":"x","value":"a"}\n'
    )
    program = (
        f"import sys, checkers; checkers.check({str(path)!r});"
        "print([name for name in ('numpy', 'numba', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
