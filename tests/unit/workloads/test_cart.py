"""The shopping cart: what its operations record, on a perfect store and where the store does not answer."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from checkers import check
from checkers.model.cart import tags_of
from harness.errors import Refused, Unanswered, UsageError
from tests.perfect import PerfectStore, perform, run_of
from workloads.cart import Cart, encode


class Only(Cart):
    """A cart that is used in some ways only."""

    def __init__(self, *functions: str, **options: Any) -> None:
        self._given = {"functions": list(functions), "swarm": False, **options}

    def script(self, options: dict[str, Any], rng: Random) -> Any:
        return super().script(self._given, rng)


ALL = Only("add", "remove", "members")


def history_of(
    directory: Path, workload: Cart, seed: int = 1, operations: int = 60, store: PerfectStore | None = None
) -> list[dict[str, Any]]:
    ended, events = perform(run_of(seed=seed, operations=operations), directory, workload, store=store)
    assert ended.failure is None
    return [event for event in events if event["kind"] == "op"]


def spans(
    ops: list[dict[str, Any]], f: str
) -> list[tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]]:
    """Each operation of this f: its invocation, its completion, the invocations inside."""
    done = {op["op"]: op for op in ops if op["type"] != "invoke"}
    asked = [op for op in ops if op["type"] == "invoke"]
    return [
        (op, done[op["op"]], [inner for inner in asked if inner.get("parent") == op["op"]])
        for op in asked
        if op["f"] == f
    ]


def test_an_add_reads_and_writes_its_tag_under_itself(tmp_path: Path) -> None:
    adds = spans(history_of(tmp_path, Only("add", stale=0)), "add")
    assert len(adds) == 60
    for add, done, (get, put) in adds:
        assert done["type"] == "ok"
        assert (get["f"], put["f"]) == ("get", "put")
        assert put["context"] == get["op"]
        assert put["items"] == [add["value"]]
        assert add["value"] in tags_of(put["value"])
        assert "due" in add
        assert "due" not in get
        assert "due" not in put
    assert len({add["value"] for add, _, _ in adds}) == 60
    assert len({put["value"] for _, _, (_, put) in adds}) == 60


def test_a_remove_says_which_tags_it_observed_and_removes(tmp_path: Path) -> None:
    removes = spans(history_of(tmp_path, ALL, operations=250), "remove")
    took = [(remove, done, inner) for remove, done, inner in removes if done["value"]]
    assert len(took) > 10
    for remove, done, inner in took:
        assert done["value"] == [remove["value"]] == inner[-1]["items"]
        assert remove["value"] not in tags_of(inner[-1]["value"])
    for _, done, inner in removes:
        if not done["value"]:
            assert "put" not in [op["f"] for op in inner], "what is not there is not removed"


def test_members_are_the_union_of_all_siblings(tmp_path: Path) -> None:
    ops = history_of(tmp_path, ALL, operations=250)
    done = {op["op"]: op for op in ops if op["type"] == "ok"}
    seen = [(members, done[inner[0]["op"]]["value"]) for _, members, inner in spans(ops, "members")]
    assert any(len(values) > 1 for _, values in seen), "siblings were met"
    for members, values in seen:
        assert members["value"] == sorted({tag for value in values for tag in tags_of(value)})


def test_an_add_is_never_refused_because_the_cart_cannot_be_read(tmp_path: Path) -> None:
    store = PerfectStore(answers={0: Unanswered("timeout")})
    [(add, done, (_, put))] = spans(history_of(tmp_path, Only("add"), operations=1, store=store), "add")
    assert done["type"] == "ok"
    assert "context" not in put
    assert tags_of(put["value"]) == (add["value"],)


def test_an_add_ends_as_its_write_did(tmp_path: Path) -> None:
    info = PerfectStore(answers={1: Unanswered("timeout")})
    [(add, done, _)] = spans(history_of(tmp_path / "info", Only("add"), operations=1, store=info), "add")
    assert (done["type"], done["process"]) == ("info", add["process"])
    fail = PerfectStore(answers={call: Refused("down") for call in range(1, 6)})
    [(_, done, _)] = spans(history_of(tmp_path / "fail", Only("add"), operations=1, store=fail), "add")
    assert done["type"] == "fail"


def test_a_customer_with_an_old_tab_writes_with_an_old_context(tmp_path: Path) -> None:
    adds = spans(history_of(tmp_path, Only("add", stale=1)), "add")
    late = [inner for _, _, inner in adds if len(inner) == 1]
    assert len(late) > 20
    assert all(put["context"] < put["parent"] for (put,) in late)


@pytest.mark.parametrize("seed", range(4))
def test_a_perfect_store_keeps_its_promise_and_the_run_had_chances_to_fail(tmp_path: Path, seed: int) -> None:
    history_of(tmp_path, Cart(), seed, operations=250)
    results = check(tmp_path / "history.jsonl").to_json()
    accused = [name for name, found in results["checks"].items() if found["verdict"] == "invalid"]
    assert not set(accused) - {"set-resurfaced"}, (
        "a union cart lets removed items come back, and nothing else"
    )
    assert results["chances"]["conflicts"] >= 15


def test_values_encode_their_elements() -> None:
    assert tags_of(encode("3:1", ["a", "b"])) == ("a", "b")
    assert tags_of(encode("3:1", [])) == ()


def test_options() -> None:
    drawn = {Cart().script({}, Random(seed)).functions for seed in range(20)}
    assert drawn == {("add", "remove", "members"), ("add", "members")}
    with pytest.raises(UsageError, match="workload `cart`: `stale` is 3: give a number from 0 to 1"):
        Cart().script({"stale": 3}, Random(1))
