"""The version order against its definition: a transitive closure by brute force on small histories."""

from __future__ import annotations

from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.model.history import Op
from checkers.order.versions import VersionOrder
from tests.histories.notation import MS, history


def order_of(text: str) -> tuple[VersionOrder, list[Op]]:
    ops = history(text).ops
    return VersionOrder(ops, {op.id: op for op in ops}), ops


def test_a_context_supersedes_what_its_read_returned_and_all_below() -> None:
    order, (one, _, two, _, three) = order_of("put1; get{1}; put2{1}; get{2}; put3{2}")
    assert list(order.ops(order.below(three))) == [one, two]
    assert order.covers(three, one)
    assert not order.covers(one, three)
    assert order.path(one, three) == [one, two, three]


def test_blind_writes_are_concurrent() -> None:
    order, (one, two) = order_of("put1; put2")
    assert order.below(one) == order.below(two) == 0
    assert order.path(one, two) == []


def test_the_shortest_chain_is_told() -> None:
    order, (one, *_, three) = order_of("put1; get{1}; put2{1}; get{1,2}; put3{1,2}")
    assert order.path(one, three) == [one, three]


def test_a_delete_hides_what_its_context_covered_and_excuses_from_its_invocation_on() -> None:
    order, (one, _, delete) = order_of("put1[1,2]; get{1}[3,4]; del{1}[5,6]")
    assert order.deleted() == order.bit(one)
    assert order.deleted(before=5 * MS) == order.bit(one)
    assert order.deleted(before=4 * MS) == 0
    assert order.below(delete) == order.bit(one)
    assert not order.hidden(one, [], before=5 * MS)
    assert order.hidden(one, [], before=4 * MS)


def test_a_delete_that_failed_excuses_nothing_and_one_without_answer_does() -> None:
    assert order_of("put1; get{1}; del{1}!")[0].deleted() == 0
    assert order_of("put1; get{1}; del{1}?")[0].deleted() != 0


def test_a_list_of_contexts_covers_all_of_them() -> None:
    h = history("put1; put2; a:get{1}; b:get{2}; put3")
    *_, three = h.ops
    three.context = [2, 3]
    order = VersionOrder(h.ops, {op.id: op for op in h.ops})
    assert [op.value for op in order.ops(order.below(three))] == ["1", "2"]


def test_a_write_with_a_body_is_a_source() -> None:
    h = history("put1; put2; put3")
    one, two, three = h.ops
    two.body, two.result, three.context = True, ["1", "2"], two.id
    order = VersionOrder(h.ops, {op.id: op for op in h.ops})
    assert list(order.ops(order.below(three))) == [one, two]


def test_a_value_written_twice_stands_for_both_writes() -> None:
    order, ops = order_of("put1; put1")
    assert order.mask(["1"]) == order.mask_of(ops)


def test_a_read_of_the_future_does_not_confuse_the_order() -> None:
    # The read returned 3 before it was written, and 3 carries the context of that read: a circle.
    h = history("get{3}; put3{3}; get{3}; put4{3}")
    order = VersionOrder(h.ops, {op.id: op for op in h.ops})
    three, four = order.writes
    assert order.covers(three, three)
    assert order.covers(four, three)
    assert not order.covers(three, four)


@st.composite
def key_histories(draw: st.DrawFn) -> list[Op]:
    """Up to 12 operations on one key; reads return any values, even later ones; contexts name any read."""
    size = draw(st.integers(1, 12))
    ops: list[Op] = []
    for id in range(size):
        f = draw(st.sampled_from(["put", "get", "get", "delete"]))
        op = Op(id, 0, f, "x", f"v{id}" if f == "put" else None, inv=id * 10, ret=id * 10 + 5, type="ok")
        reads = [other.id for other in ops if other.f == "get"]
        if f == "get":
            op.result = draw(st.lists(st.sampled_from([f"v{other}" for other in range(size)]), max_size=3))
        elif reads:
            op.context = draw(
                st.one_of(st.none(), st.sampled_from(reads), st.lists(st.sampled_from(reads), max_size=2))
            )
        ops.append(op)
    return ops


def closure(ops: list[Op]) -> set[tuple[int, int]]:
    """Straight from the definition: pairs (w, u) with w <s u, by Warshall."""
    by_id = {op.id: op for op in ops}
    writes = [op for op in ops if op.f != "get"]
    pairs = set()
    for upper in writes:
        sources = upper.context if isinstance(upper.context, list) else [upper.context]
        named = [value for id in sources if id is not None for value in by_id[id].result]
        pairs |= {(lower.id, upper.id) for lower in writes if lower.f == "put" and lower.value in named}
    for middle, low, high in product(writes, repeat=3):
        if (low.id, middle.id) in pairs and (middle.id, high.id) in pairs:
            pairs.add((low.id, high.id))
    return pairs


@settings(max_examples=150, deadline=None)
@given(key_histories())
def test_agrees_with_the_closure_by_brute_force(ops: list[Op]) -> None:
    order, pairs = VersionOrder(ops, {op.id: op for op in ops}), closure(ops)
    for low, high in product(order.writes, repeat=2):
        assert order.covers(high, low) == ((low.id, high.id) in pairs)
        chain = order.path(low, high)
        assert bool(chain) == ((low.id, high.id) in pairs)
        for before, after in pairwise(chain):
            assert order.parents(after) & order.bit(before)
