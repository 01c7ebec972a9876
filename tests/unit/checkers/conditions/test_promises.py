"""The table of promises, and who is held to what."""

from __future__ import annotations

import pytest

from checkers.conditions.promises import CONDITIONS, PROMISES, asserted_by, effective, known, table, terms
from checkers.errors import PromiseError
from checkers.registry import ORDER


def test_every_check_of_the_contract_has_its_row() -> None:
    assert sorted(table()) == sorted(ORDER)
    assert all(list(row) == list(PROMISES) for row in table().values())


def test_every_condition_is_named() -> None:
    used = {name for row in table().values() for found in row.values() for name in found.conditions}
    assert used == set(CONDITIONS)


@pytest.mark.parametrize(
    ("check", "promise", "asserted", "conditions"),
    [
        ("phantom", "mvr-paper", True, ()),
        ("false-sibling", "mvr-sloppy", True, ("once",)),
        ("false-sibling", "mvr-paper", False, ()),
        ("lost-write", "mvr-sloppy", True, ("tolerable", "settled")),
        ("lost-write", "lww", False, ()),
        ("unstable-read", "mvr-strict", True, ("no-loss", "settled")),
        ("mvr-regular", "mvr-sloppy", False, ()),
        ("mvr-regular", "mvr-strict", True, ("before-loss",)),
        ("lww-inversion", "lww", True, ("tolerable", "settled", "once", "clock-bound")),
        ("convergence", "linearizable", True, ("settled", "finals")),
        ("availability", "mvr-paper", True, ()),
        ("convergence", "mvr-paper", True, ("settled", "repairing")),
        ("unreplaced", "mvr-blind", True, ("tolerable", "settled")),
        ("duplicate-sibling", "mvr-blind", True, ("once",)),
        ("false-sibling", "mvr-blind", False, ()),
        ("lost-write", "mvr-blind", False, ()),
        ("availability", "linearizable", False, ()),
        ("siblings", "mvr-sloppy", False, ()),
    ],
)
def test_rows_of_the_table(check: str, promise: str, asserted: bool, conditions: tuple[str, ...]) -> None:
    found = terms(check, promise, {})
    assert (found.asserted, found.conditions) == (asserted, conditions)


def test_some_checks_have_no_meaning_for_some_promises() -> None:
    assert not terms("lost-write", "linearizable", {}).applies
    assert terms("phantom", "linearizable", {}).applies


def test_strict_without_overlapping_quorums_is_sloppy_and_says_so() -> None:
    promise, note = effective("mvr-strict", {"n": 3, "r": 1, "w": 2})
    assert promise == "mvr-sloppy"
    assert note == "R+W = 3 does not exceed N = 3: judged as mvr-sloppy, not mvr-strict"
    assert effective("mvr-strict", {"n": 3, "r": 2, "w": 2}) == ("mvr-strict", "")
    assert "mvr-regular" in asserted_by("mvr-strict", {"n": 3, "r": 2, "w": 2})
    assert "mvr-regular" not in asserted_by("mvr-strict", {"n": 3, "r": 1, "w": 2})


def test_without_a_promise_nothing_is_asserted() -> None:
    assert asserted_by(None, {}) == []


def test_a_check_that_no_promise_knows_is_measured() -> None:
    assert not terms("of-a-plugin", "mvr-sloppy", {}).asserted


def test_a_misspelt_promise_is_an_error_with_a_hint() -> None:
    assert known("lww") == "lww"
    with pytest.raises(PromiseError, match="unknown promise `mvr-slopy`: did you mean `mvr-sloppy`"):
        known("mvr-slopy")
    with pytest.raises(PromiseError, match="known: mvr-sloppy, mvr-strict"):
        known("???")
