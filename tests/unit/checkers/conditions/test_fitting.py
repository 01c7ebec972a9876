"""A history without a promise names those that would fit what it records."""

from __future__ import annotations

import pytest

from checkers.conditions.fitting import fitting
from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.examples import counter, registers
from tests.histories.notation import history


@pytest.mark.parametrize(
    ("text", "config", "fits"),
    [
        ("put1; get{1}; put2{1}; F{2}", {}, ["mvr-sloppy", "mvr-paper"]),
        ("put1; get{1}; put2{1}; F{2}", {"sloppy": False}, ["mvr-strict", "mvr-sloppy"]),
        ("put1; get{1}; put2{1}; F{2}", {"sloppy": False, "r": 1}, ["mvr-sloppy", "mvr-paper"]),
        ("a:put1 ∥ b:put2; get{1,2}", {}, ["mvr-blind"]),
        ("put1; put2; get{2}", {}, ["lww", "mvr-blind"]),
        ("put1; get{1}", {"mode": "last-writer"}, ["lww"]),
        ("put1; get{1}; put2{1}", {"clock_limit": 3}, ["mvr-paper", "mvr-blind"]),
        ("add tea; members{tea}", {}, ["linearizable", "mvr-sloppy"]),
    ],
)
def test_by_what_it_records(text: str, config: dict[str, object], fits: list[str]) -> None:
    assert fitting(history(text, **config)) == fits


def test_single_values_and_counters() -> None:
    single, sums = history("put1; get{1}"), history("put1; get{1}")
    registers(single)
    counter(sums)
    assert fitting(single) == ["linearizable", "lww"]
    assert fitting(sums) == ["linearizable", "mvr-sloppy"]
    assert fitting(History({"version": 1})) == []


def test_the_same_of_columns() -> None:
    columns = pytest.importorskip("checkers.formats.columnar.columns")
    lazy = pytest.importorskip("checkers.formats.columnar.lazy")
    for text in ("put1; get{1}; put2{1}; F{2}", "a:put1 ∥ b:put2; get{1,2}", "put1; put2; get{2}"):
        told = history(text)
        assert fitting(lazy.ColumnHistory(columns.of_history(told))) == fitting(told)


def test_the_suite_says_so() -> None:
    told = history("a:put1 ∥ b:put2; get{1,2}")
    del told.meta["promise"]
    report = check(told)
    assert report.verdict is Verdict.UNKNOWN
    assert report.warnings[-1].endswith("none asserted; by what it records these would fit: mvr-blind")
