"""A value that several operations wrote: what is accused of it would be accused under any names.

Values are only labels. Whoever gives some of a history's values one common label takes knowledge away, and
adds none: a check that accuses the relabelled history must accuse the true one too, and a correct store stays
correct.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.model.history import History
from checkers.suite import check
from checkers.verdict import Verdict
from tests.histories.correct_store import run
from tests.histories.notation import history as notated
from tests.histories.random_registers import history as registers
from tests.histories.random_sessions import history as sessions
from tests.histories.strategies import histories
from tests.histories.test_properties import quickly


def relabelled(history: History, rng: Random, share: float = 0.5) -> History:
    """The same history, some of its values under one common name for each key."""
    found = deepcopy(history)
    names: dict[tuple[str | None, Any], Any] = {}

    def name(key: str | None, value: Any) -> Any:
        if value is None:
            return None
        if (key, value) not in names:
            names[key, value] = f"same{rng.randrange(2)}" if rng.random() < share else value
        return names[key, value]

    for op in found.ops:
        if op.f in ("put", "write"):
            op.value = name(op.key, op.value)
    for op in found.ops:
        if isinstance(op.result, list):
            op.result = [name(op.key, value) for value in op.result]
        elif op.f == "read":
            op.result = name(op.key, op.result)
    for final in found.finals:
        if final.values is not None:
            final.values[:] = [name(final.key, value) for value in final.values]
    return found


def accused(history: History, promise: str | None = None) -> set[str]:
    reports = check(history, promise)
    assert not reports.failures
    found = {name for name, one in reports.checks.items() if one.finding.verdict is Verdict.INVALID}
    # What a failed write left behind may, beside another write of the same value, look like anything.
    return set(reports.checks) if "aborted-read" in found else found


@quickly
@given(histories(), st.integers(0, 2**32))
def test_of_versions_nothing_is_accused_that_was_right_under_true_names(history: History, seed: int) -> None:
    alike = relabelled(history, Random(seed))
    for promise in ("mvr-strict", "lww"):
        assert accused(alike, promise) <= accused(history, promise), promise


@pytest.mark.parametrize("seed", range(150))
def test_nor_over_sessions_and_keys(seed: int) -> None:
    history = sessions(Random(seed))
    assert accused(relabelled(history, Random(seed))) <= accused(history)


@pytest.mark.parametrize("seed", range(150))
def test_nor_of_single_values(seed: int) -> None:
    history = registers(Random(seed))
    assert accused(relabelled(history, Random(seed))) <= accused(history)


@quickly
@given(st.integers(0, 2**32), st.sampled_from([(2, 2), (1, 1), (2, 3)]))
def test_a_correct_store_whose_clients_repeat_themselves_is_never_accused(
    seed: int, quorums: tuple[int, int]
) -> None:
    report = check(relabelled(run(seed, *quorums), Random(seed)))
    assert report.verdict is not Verdict.INVALID, report.reason


def test_another_key_is_judged_as_ever() -> None:
    report = check(notated("put x1; put x1; put y2; F x{1}; F y{}"))
    assert report.verdict is Verdict.INVALID
    assert [(one.key, one.ops) for one in report.checks["lost-write"].finding.violations] == [("y", (2,))]


def test_a_value_of_which_no_write_is_left_is_lost() -> None:
    (first, second) = check(notated("put1; put1; F{}")).checks["lost-write"].finding.violations
    assert (first.ops, second.ops) == ((0,), (1,))


def test_what_cannot_be_told_is_unknown_and_never_green() -> None:
    report = check(notated("put1; put1; F{1}"))
    assert report.verdict is Verdict.UNKNOWN
    assert report.checks["lost-write"].asserted
    assert "written more than once" in report.checks["lost-write"].finding.reason
