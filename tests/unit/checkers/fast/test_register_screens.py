"""Single values: what zones over arrays clear is what the checks say, on random and on broken histories."""

from __future__ import annotations

from random import Random

import pytest

from checkers.case import Case
from checkers.chances.vacuity import chances
from checkers.model.history import OPEN, History, Op
from checkers.registry import checks

screens = pytest.importorskip("checkers.fast.screens")
columns = pytest.importorskip("checkers.formats.columnar.columns")

PROMISE = "linearizable"


def agree(history: History) -> list[str]:
    case = Case(history, PROMISE)
    of = screens.screens_of(case, columns.of_history(history))
    if of is None:
        return []
    cleared = []
    for name, check in checks().items():
        found = of.finding(name)
        if found is not None and case.terms(name).applies:
            assert found == check.judge(case), name
            cleared.append(name)
    if of.chances is not None:
        assert of.chances == chances(case)
    return cleared


def history(seed: int, stale: float) -> History:
    """Clients of up to three registers; a read returns the value of its moment, or with `stale` any value."""
    rng = Random(seed)
    held: dict[str, list[int | None]] = {f"k{i}": [None] for i in range(rng.randint(1, 3))}
    moments = sorted((rng.randint(1, 40), client) for client in range(3) for _ in range(rng.randint(1, 5)))
    ops: list[Op] = []
    free = dict.fromkeys(range(3), 0)
    for moment, client in moments:
        if moment < free[client]:
            continue
        key = rng.choice(sorted(held))
        inv, ret = rng.randint(free[client], moment), moment + rng.randint(0, 6)
        free[client] = ret + rng.randint(0, 1)
        op = Op(len(ops), client, rng.choice(("read", "write")), key, None, inv, ret, "ok")
        if op.f == "read":
            op.result = rng.choice(held[key]) if rng.random() < stale else held[key][-1]
        else:
            op.value = len(ops)
            op.type = rng.choice(("ok", "ok", "ok", "info", "fail"))
            if op.type != "fail":
                held[key].append(op.value)
            if op.type == "info":
                op.ret, op.gave_up = OPEN, rng.choice((None, ret))
                free[client] = 10**6
        ops.append(op)
    ops.sort(key=lambda op: op.inv)
    return History({"version": 1, "initial": None}, ops)


@pytest.mark.parametrize("stale", [0.0, 0.2])
def test_random_registers(stale: float) -> None:
    counts: dict[str, int] = {}
    for seed in range(400):
        for name in agree(history(seed, stale)):
            counts[name] = counts.get(name, 0) + 1
    assert counts["linearizable"] > 100
    assert counts["staleness"] > 100
    assert counts["linearizable"] < 390 or not stale


def test_zones_agree_with_the_plain_check_either_way() -> None:
    check, broken = checks()["linearizable"], 0
    for seed in range(400):
        case = Case(history(seed, 0.3), PROMISE)
        found = check.judge(case)
        of = screens.screens_of(case, columns.of_history(case.history))
        if of is not None and found.judged:
            assert (of.finding("linearizable") is None) == bool(found.violations)
            broken += bool(found.violations)
    assert broken > 20


def test_values_written_twice_and_first_values_are_left_to_the_check() -> None:
    twice = [Op(0, 0, "write", "x", 1, 1, 2, "ok"), Op(1, 0, "write", "x", 1, 3, 4, "ok")]
    assert agree(History({"version": 1}, twice)) == []
    assert agree(History({"version": 1, "initial": 1}, twice[:1])) == []
    read = Op(1, 0, "read", "x", None, 3, 4, "ok", 7)
    assert "linearizable" in agree(History({"version": 1, "initial": 7}, [read]))


def test_counts_are_the_same_with_and_without_a_compiler() -> None:
    np, window = pytest.importorskip("numpy"), pytest.importorskip("checkers.fast.window")
    rng = Random(5)
    for inclusive in (False, True):
        keys = np.array([rng.randint(0, 3) for _ in range(50)])
        first, times = window.by_key(keys, np.array([rng.randint(0, 9) for _ in range(50)]), 4)
        asked = np.array([rng.randint(0, 3) for _ in range(30)])
        moments = np.array([rng.randint(0, 9) for _ in range(30)])
        plain = [
            sum(t < m or (inclusive and t == m) for t in times[first[k] : first[k + 1]].tolist())
            for k, m in zip(asked.tolist(), moments.tolist(), strict=True)
        ]
        assert window._searched(first, times, asked, moments, inclusive).tolist() == plain
        assert window.counted(first, times, asked, moments, inclusive).tolist() == plain
