"""Whatever a screen clears, the check itself says to the letter; and what a check finds, no screen clears."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from checkers.case import Case
from checkers.chances.vacuity import chances
from checkers.model.history import Final, History, Op
from checkers.registry import checks
from tests.histories.correct_store import run
from tests.histories.strategies import histories

screens = pytest.importorskip("checkers.fast.screens")
columns = pytest.importorskip("checkers.formats.columnar.columns")


def agree(history: History, promise: str | None = "mvr-sloppy") -> list[str]:
    """The checks that were cleared; asserts that each says the same by itself."""
    case = Case(history, promise)
    of = screens.screens_of(case, columns.of_history(history))
    if of is None:
        return []
    cleared = []
    for name, check in checks().items():
        found = of.finding(name)
        if found is not None:
            assert found == check.judge(case), name
            cleared.append(name)
    if of.chances is not None:
        assert of.chances == chances(case)
    return cleared


@settings(max_examples=120, deadline=None)
@given(histories())
def test_broken_histories(history: History) -> None:
    agree(history)


@settings(max_examples=120, deadline=None)
@given(histories(agreeing=True))
def test_broken_histories_whose_replicas_agree(history: History) -> None:
    agree(history)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, derandomize=True)
@given(histories() | histories(agreeing=True))
def test_ten_thousand_histories(history: History) -> None:
    agree(history)


@pytest.mark.parametrize("quorums", [(1, 1), (2, 2), (1, 3)])
def test_a_correct_store_of_one_key(quorums: tuple[int, int]) -> None:
    counts: dict[str, int] = {}
    for seed in range(80):
        for name in agree(run(seed, *quorums, operations=14 + seed % 30)):
            counts[name] = counts.get(name, 0) + 1
    for name in (
        "phantom",
        "false-sibling",
        "lost-write",
        "resurrection",
        "mvr-regular",
        "causal",
        "siblings",
    ):
        assert counts[name] > (5 if quorums != (1, 1) else 0), name


def test_several_keys_and_sessions_that_hand_on_contexts() -> None:
    for seed in range(60):
        agree(_woven(seed))


def _woven(seed: int) -> History:
    """Four one-key histories side by side, so that sessions meet on several keys."""
    parts = [run(seed * 4 + i, 2, 2, operations=12) for i in range(4)]
    history = History({**parts[0].meta})
    for i, part in enumerate(parts):
        for op in part.ops:
            op.key, op.id = f"k{i}", op.id * 4 + i
            op.value = None if op.value is None else f"{i}:{op.value}"
            op.result = None if op.result is None else [f"{i}:{value}" for value in op.result]
            if isinstance(op.context, int):
                op.context = op.context * 4 + i
            if seed % 2:
                op.process = op.process * 4 + i
            history.ops.append(op)
        history.finals += [
            Final(final.time, final.node, f"k{i}", [f"{i}:{value}" for value in final.values or ()])
            for final in part.finals
        ]
    history.ops.sort(key=lambda op: op.inv)
    history.finals.sort(key=lambda final: final.time)
    return history


def put(id: int, process: int, value: str, inv: int, ret: int, context: int | None = None) -> Op:
    return Op(id, process, "put", "x", value, inv, ret, "ok", context=context)


def get(id: int, process: int, values: list[str], inv: int, ret: int) -> Op:
    return Op(id, process, "get", "x", None, inv, ret, "ok", values)


def cleared(*ops: Op, finals: list[str] | None = None, **config: Any) -> list[str]:
    history = History({"version": 1, "config": {"n": 1, **config}}, list(ops))
    if finals is not None:
        history.finals = [Final(1000, "n1", "x", finals)]
    return agree(history)


def test_a_stale_read_is_cleared_of_nothing_that_it_breaks() -> None:
    names = cleared(put(0, 0, "a", 1, 2), get(1, 0, [], 3, 4), finals=["a"])
    assert "lost-write" in names
    assert {"mvr-regular", "read-your-writes", "pram", "causal"}.isdisjoint(names)


def test_a_lost_write_is_not_cleared() -> None:
    assert "lost-write" not in cleared(put(0, 0, "a", 1, 2), finals=[])


def test_siblings_that_are_none_are_not_cleared() -> None:
    ops = [put(0, 0, "a", 1, 2), get(1, 0, ["a"], 3, 4), put(2, 0, "b", 5, 6, 1), get(3, 1, ["a", "b"], 7, 8)]
    assert {"false-sibling", "siblings"}.isdisjoint(cleared(*ops, finals=["b"]))


def test_what_happened_on_another_key_is_seen() -> None:
    ops = [put(0, 0, "a", 1, 2), put(1, 0, "b", 3, 4), get(2, 1, ["b"], 5, 6), get(3, 1, [], 7, 8)]
    ops[1].key = ops[2].key = "y"
    names = cleared(*ops)
    assert {"causal", "pram", "mvr-regular"}.isdisjoint(names)


def test_kinds_of_history_that_screens_leave_alone() -> None:
    assert cleared(put(0, 0, "a", 1, 2), put(1, 0, "a", 3, 4), finals=["a"]) == []
    assert cleared(Op(0, 0, "write", "x", "a", 1, 2, "ok")) == []
    assert cleared(put(0, 0, "a", 1, 2), get(1, 1, ["a"], 1, 1), finals=["a"], mode="last-writer") == []
