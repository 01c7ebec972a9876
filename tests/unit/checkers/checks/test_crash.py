"""A node that ends by itself is a finding about the store, and to every condition a kill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from checkers.conditions.promises import PROMISES
from checkers.errors import HistoryError
from checkers.formats import jsonl, write_jsonl
from checkers.model.history import Exit, History
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.notation import MS, history

CALM = "put1[1,2]; F{1}[99]"
FSYNC: dict[str, Any] = {"engine": "log", "durability": "fsync"}


def ended(text: str = CALM, *exits: Exit, promise: str = "mvr-sloppy", **config: Any) -> History:
    found = history(text, promise, **config)
    found.exits = list(exits) or [
        Exit(10 * MS, "n1", 2, last=["panic: nil map", "goroutine 1"], serves=20 * MS)
    ]
    return found


@pytest.mark.parametrize("promise", PROMISES)
def test_it_breaks_every_promise(promise: str) -> None:
    report = check(ended(promise=promise))
    assert report.verdict is Verdict.INVALID
    assert report.reason.startswith("crash: n1 ended by itself (code 2): panic: nil map")
    (violation,) = report.checks["crash"].finding.violations
    assert violation.nodes == ("n1",)
    assert violation.proof[1:3] == ("it said: panic: nil map", "it said: goroutine 1")


def test_a_plan_may_allow_it() -> None:
    report = check(ended(allow_exits=True))
    assert (report.checks["crash"].finding.verdict, report.checks["crash"].asserted) == (
        Verdict.INVALID,
        False,
    )
    assert report.checks["crash"].why == "measured: the plan allows nodes to end (`allow_exits`)"
    assert report.verdict is not Verdict.INVALID


def test_a_history_without_exits_says_nothing_of_crashes() -> None:
    assert check(history(CALM)).checks["crash"].finding.verdict is Verdict.NOT_APPLICABLE


def test_it_loses_data_where_a_kill_would() -> None:
    lost = "put1[1,2]; #heal[40]; #settle[41]; #final[60]; F{}[61]"
    two = [Exit(10 * MS, node, 1, serves=20 * MS) for node in ("n1", "n2")]
    durable = check(ended(lost, *two, allow_exits=True, settle_bound_s=0.01, **FSYNC))
    assert durable.checks["lost-write"].finding.verdict is Verdict.INVALID
    memory = check(ended(lost, *two, allow_exits=True, settle_bound_s=0.01, engine="memory"))
    assert memory.checks["lost-write"].finding.reason.startswith("2 nodes lost data (n1, n2)")


def test_reads_after_a_loss_are_not_judged() -> None:
    text = "put1[1,2]; b:get{}[11,12]; F{1}[99]"
    strict = {"promise": "mvr-strict", "allow_exits": True}
    gone = check(ended(text, Exit(10 * MS, "n1", 1, serves=15 * MS), **strict, engine="memory"))
    assert not gone.checks["mvr-regular"].asserted or not gone.checks["mvr-regular"].finding.violations
    kept = check(ended(text, Exit(10 * MS, "n1", 1, serves=15 * MS), **strict, **FSYNC))
    assert kept.checks["mvr-regular"].finding.verdict is Verdict.INVALID


@pytest.mark.parametrize(
    ("exit", "why"),
    [
        (Exit(45 * MS, "n1", 1, serves=50 * MS), "was active after settling began"),
        (Exit(10 * MS, "n1", 1), "was active after settling began"),
    ],
)
def test_the_store_settles_only_once_its_nodes_serve_again(exit: Exit, why: str) -> None:
    text = "put1[1,2]; #heal[40]; #settle[41]; #final[60]; F{1}[61]"
    report = check(ended(text, exit, allow_exits=True, settle_bound_s=0.01, **FSYNC))
    assert report.verdict is Verdict.UNKNOWN
    assert why in report.checks["lost-write"].finding.reason


def test_a_put_while_it_was_down_was_not_owed() -> None:
    text = "a@n1:put1[1,2]; b@n1:put2?[11,13]; #heal[40]; #settle[41]; #final[60]; F{1}[61]"
    targets = {"put_success_min": 1.0, "detect_ms": 1, "sloppy": True, "allow_exits": True, **FSYNC}
    found = ended(text, Exit(12 * MS, "n1", 1, alive=10 * MS, serves=20 * MS), **targets, settle_bound_s=0.01)
    assert check(found).checks["availability"].finding.verdict is Verdict.VALID
    found.exits = []
    assert check(found).checks["availability"].finding.verdict is Verdict.INVALID


def test_lines_are_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    told = ended(
        CALM, Exit(10 * MS, "n1", None, "SIGSEGV", ["boom"], 9 * MS, 20 * MS), Exit(30 * MS, "n2", 1)
    )
    write_jsonl.write(told, path)
    assert jsonl.read(path).exits == told.exits


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"kind":"exit","time":1}', "missing"),
        ('{"kind":"exit","time":1,"node":"n1","code":"x"}', "expected"),
        ('{"kind":"exit","type":"serves","time":1,"node":"n1"}', "`n1` had not ended"),
        ('{"kind":"exit","type":"maybe","time":1,"node":"n1"}', "`maybe` is unknown"),
    ],
)
def test_what_the_reader_refuses(tmp_path: Path, line: str, error: str) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"kind":"meta","version":1}\n' + line + "\n")
    with pytest.raises(HistoryError, match=error):
        jsonl.read(path)


def test_last_may_be_one_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"kind":"meta","version":1}\n{"kind":"exit","time":1,"node":"n1","last":"boom"}\n')
    assert jsonl.read(path).exits == [Exit(1, "n1", last=["boom"])]


def test_columns_keep_exits() -> None:
    columns = pytest.importorskip("checkers.formats.columnar.columns")
    told = ended()
    assert columns.of_history(told).history().exits == told.exits
