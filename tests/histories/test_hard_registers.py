"""Searches of compare-and-set: right against every order, whatever is dropped, and not at a loss where it is
hard."""

from __future__ import annotations

from random import Random

import pytest

from checkers.registers import frontier, register_search
from checkers.registers.actions import actions
from checkers.registers.register_search import Out, Search
from tests.histories import brute_registers as brute
from tests.histories.hard_registers import Hard, hard
from tests.histories.random_registers import cas_history, chain_history

seeds = pytest.mark.parametrize(
    "seeds", [range(300), pytest.param(range(300, 6_300), marks=pytest.mark.slow)], ids=["some", "many"]
)
ALL = 1 << 60


@seeds
@pytest.mark.parametrize(
    "walks", [((1, 1), (3, 2), (ALL, ALL)), ((ALL, ALL),)], ids=["narrow ones first", "one of everything"]
)
def test_search_against_all_orders(
    seeds: range, walks: tuple[tuple[int, int], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when every two configurations are compared, and when a walk keeps a single one of each value."""
    monkeypatch.setattr(register_search, "WALKS", walks)
    orderly = 0
    for seed in seeds:
        monkeypatch.setattr(frontier, "COMPARED", 8 * (seed % 2))
        rng = Random(seed)
        for draw in (cas_history, chain_history):
            history = draw(rng, 6 + seed % 3, rng.choice([0.05, 0.15, 0.4]))
            found = Search(10**6).linearizable(actions(history.ops), [history.meta["initial"]])
            assert found == brute.atomic(history), (draw.__name__, seed)
            orderly += found
    assert 0.3 < orderly / len(seeds) / 2 < 0.95, "the histories must be of both sorts"


@pytest.mark.parametrize(
    "shape",
    [Hard(300, 50), Hard(300, 50, values=3), Hard(300, 50, unanswered=0.1), Hard(5_000, 20, unanswered=0.02)],
    ids=lambda shape: f"{shape.operations} by {shape.clients}, {shape.unanswered:.0%} unanswered",
)
def test_an_order_of_a_hard_history_is_found(shape: Hard) -> None:
    assert Search(4_000_000).linearizable(actions(hard(shape, 1).ops), [0])


def test_a_late_violation_among_two_thousand_is_found_where_it_is() -> None:
    found = hard(Hard(2_000, 20, values=20, late=True), 1)
    search = Search(4_000_000)
    assert not search.linearizable(actions(found.ops), [0])
    assert search.stuck is not None
    assert search.stuck.inv > found.ops[1_700].inv


def test_a_walk_of_many_configurations_ends_with_its_budget() -> None:
    search = Search(1_000)
    with pytest.raises(Out):
        search.linearizable(actions(hard(Hard(300, 50), 1).ops), [0])
    assert search.states < 10_000


def test_a_time_limit_ends_a_search_and_none_is_asked_for_by_default() -> None:
    found = actions(hard(Hard(300, 50), 1).ops)
    ticks = iter(range(10**6))
    search = Search(10**9, until=3.0, clock=lambda: float(next(ticks)))
    with pytest.raises(Out):
        search.linearizable(found, [0])
    assert Search(10**9, clock=lambda: pytest.fail("nobody asked for the time")).linearizable(found, [0])
