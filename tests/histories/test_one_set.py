"""Sets under one copy against every order of their operations, on small random histories.

Nobody whose answers have an order is accused; and where nothing is removed, everybody else is.
"""

from __future__ import annotations

from random import Random

import pytest

from checkers.model.history import OPEN, History, Op
from checkers.suite import check
from checkers.verdict import Verdict

seeds = pytest.mark.parametrize(
    "seeds", [range(1500), pytest.param(range(1500, 30_000), marks=pytest.mark.slow)], ids=["some", "many"]
)


def history(rng: Random, removes: bool, operations: int = 7) -> History:
    """Operations on a set of a, b and c, each acting at a moment of its own; then some answers are spoilt."""
    found = History({"version": 1, "promise": "linearizable", "nodes": ["n1"], "config": {"n": 1}})
    kinds = ("add", "add", "members", "members", *(["remove"] if removes else []))
    moments: list[tuple[float, Op]] = []
    time = 0
    for id in range(operations):
        time += rng.randint(0, 2)
        op = Op(id, id, rng.choice(kinds), "s", None, time, time + rng.randint(0, 5), "ok")
        if op.f != "members":
            op.value = rng.choice("abc")
        moments.append((rng.uniform(op.inv, op.ret), op))
        found.ops.append(op)
    held: set[str] = set()
    for _, op in sorted(moments, key=lambda one: one[0]):
        outcome = "ok" if op.f == "members" else rng.choice(("ok", "ok", "ok", "info", "fail"))
        acts = outcome == "ok" or (outcome == "info" and rng.random() < 0.5)
        op.type, op.ret = outcome, OPEN if outcome == "info" else op.ret
        if op.f == "add":
            held |= {op.value} if acts else set()
        elif op.f == "remove":
            op.result = sorted(held & {op.value}) if outcome == "ok" else None
            held -= {op.value} if acts else set()
        else:
            op.result = sorted(held)
            if rng.random() < 0.25:
                op.result = sorted(set(op.result) ^ {rng.choice("abc")})
    return found


def has_order(found: History) -> bool:
    """Whether some order of the operations, agreeing with their times, explains every answer."""
    ops = [op for op in found.ops if op.type != "fail"]
    seen: set[tuple[frozenset[int], frozenset[str]]] = set()

    def go(left: frozenset[int], held: frozenset[str]) -> bool:
        if all(ops[i].type == "info" for i in left):
            return True
        if (left, held) in seen:
            return False
        seen.add((left, held))
        first_end = min(ops[i].ret for i in left)
        for i in sorted(left):
            op = ops[i]
            if op.inv > first_end:
                continue
            if op.f == "members" and frozenset(op.result) != held:
                continue
            if op.f == "remove" and op.ok and (op.value in held) != bool(op.result):
                continue
            after = held | {op.value} if op.f == "add" else held - {op.value} if op.f == "remove" else held
            if go(left - {i}, after):
                return True
        return False

    return go(frozenset(range(len(ops))), frozenset())


def accused(found: History) -> bool:
    reports = check(found).checks
    return any(reports[name].finding.verdict is Verdict.INVALID for name in ("set", "set-resurfaced"))


@seeds
def test_where_nothing_is_removed_the_answers_have_an_order_or_are_accused(seeds: range) -> None:
    judged = [0, 0]
    for seed in seeds:
        found = history(Random(seed), removes=False)
        if any(op.f == "add" for op in found.ops):
            ordered = has_order(found)
            judged[ordered] += 1
            assert accused(found) != ordered, seed
    assert min(judged) > 100


@seeds
def test_whose_answers_have_an_order_is_never_accused(seeds: range) -> None:
    caught = missed = 0
    for seed in seeds:
        found = history(Random(seed), removes=True)
        is_accused = accused(found)
        if has_order(found):
            assert not is_accused, seed
        elif is_accused:
            caught += 1
        else:
            missed += 1
    assert caught > 3 * missed
