"""One view a key: what a check is given to judge."""

from __future__ import annotations

from checkers.case import Case
from tests.histories.notation import history


def case(text: str, **config: object) -> Case:
    return Case(history(text, **config), "mvr-sloppy")


def test_keys_come_in_order_of_first_appearance_finals_last() -> None:
    assert list(case("put b1; put a2; F c{}; F a{2}").keys) == ["b", "a", "c"]


def test_a_view_sorts_its_operations_by_what_they_do() -> None:
    view = case("put1; put2?; get{1}; get{}?; del{1}; F{}").keys["x"]
    assert [op.id for op in view.puts] == [0, 1]
    assert [op.id for op in view.acked_puts] == [0]
    assert [op.id for op in view.gets] == [2]
    assert [op.id for op in view.deletes] == [4]


def test_inner_operations_are_register_operations() -> None:
    view = case("a:add x t; ^a:get{}; ^a:put 0:0|t{}; F{0:0|t}").keys["x"]
    assert [op.value for op in view.puts] == ["0:0|t"]


def test_determined_is_acknowledged_or_observed_and_all_below() -> None:
    view = case("put1?; get{1}; put2{1}?; b:get{2}; put3; put4?; F{2}").keys["x"]
    assert [op.value for op in view.order.ops(view.determined)] == ["1", "2", "3"]


def test_a_round_is_complete_with_n_readable_finals() -> None:
    rounds = case("put1; F{1}|-|{1}; F{1}|{1}|{1}; F{1}|{1}|-").keys["x"].rounds
    assert [(round.number, round.complete) for round in rounds] == [(1, False), (2, True), (3, False)]


def test_the_last_complete_round_counts() -> None:
    last = case("put1; F{1}|-|{1}; F{1}; F{}|{}|-").keys["x"].last_round
    assert last is not None
    assert (last.number, last.values, last.nodes) == (2, ["1"], ("n1", "n2", "n3"))


def test_without_n_every_node_that_has_a_final_counts() -> None:
    h = history("put1; F{1}|{1}|-")
    del h.config["n"]
    assert Case(h).keys["x"].last_round is None
    del h.finals[2]
    assert Case(h).keys["x"].last_round is not None


def test_differing_replicas_are_named() -> None:
    last = case("put1; F{1}|{1}|{}").keys["x"].last_round
    assert last is not None
    assert last.differing is not None
    assert [final.node for final in last.differing] == ["n1", "n3"]


def test_values_written_twice_are_found() -> None:
    assert case("put1; put2").repeats == ""
    assert case("put1; put1").repeats == "key `x` has value '1' written more than once"
    assert case("put x1; put y1").repeats == ""
