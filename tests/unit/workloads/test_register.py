"""What the register workload provokes, seen in the histories that it makes on a perfect store."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from checkers import check
from harness import registry
from harness.errors import UsageError
from harness.plan.schema import LanePlan
from tests.perfect import perform, run_of
from workloads.register import KINDS, Register

SEEDS = range(6)


def history_of(directory: Path, seed: int, **options: Any) -> list[dict[str, Any]]:
    class Fixed(Register):
        def script(self, _options: dict[str, Any], rng: Random) -> Any:
            return super().script(options, rng)

    ended, events = perform(run_of(seed=seed, operations=250), directory / str(seed), Fixed())
    assert ended.failure is None
    return events


def invocations(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == "op" and event["type"] == "invoke"]


def test_every_step_is_one_operation_and_every_value_is_written_once(tmp_path: Path) -> None:
    ops = invocations(history_of(tmp_path, 1))
    assert len(ops) == 250
    values = [op["value"] for op in ops if op["f"] == "put"]
    assert len(values) == len(set(values))
    assert all(op["value"].split(":")[0] == str(op["process"]) for op in ops if op["f"] == "put")


def test_contexts_are_fresh_stale_moved_and_missing(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        ops = invocations(history_of(tmp_path, seed, swarm=False))
        by_id = {op["op"]: op for op in ops}
        for op in ops:
            if op["f"] != "put":
                continue
            if "context" not in op:
                seen["blind"] += 1
                continue
            read = by_id[op["context"]]
            assert (read["f"], read["key"]) == ("get", op["key"])
            moved = read["process"] != op["process"]
            later = [
                other
                for other in ops
                if other["f"] == "get"
                and other["key"] == op["key"]
                and other["process"] == op["process"]
                and read["op"] < other["op"] < op["op"]
            ]
            seen["moved" if moved else "stale" if later else "fresh"] += 1
            seen["other coordinator"] += read["node"] != op["node"]
    assert min(seen[kind] for kind in ("fresh", "stale", "moved", "blind", "other coordinator")) > 20, seen


def test_two_clients_write_stale_contexts_through_one_coordinator(tmp_path: Path) -> None:
    """The case of the dotted version vectors: puts of one context, by two processes, at one node."""
    meetings = 0
    for seed in SEEDS:
        puts: Counter[tuple[Any, ...]] = Counter()
        for op in invocations(history_of(tmp_path, seed, swarm=False)):
            if op["f"] == "put" and "context" in op:
                puts[op["key"], op["context"], op["node"]] += 1
        meetings += sum(count > 1 for count in puts.values())
    assert meetings > 5


def test_deletes_cover_something(tmp_path: Path) -> None:
    for seed in SEEDS:
        events = history_of(tmp_path, seed, swarm=False)
        result = {event["op"]: event.get("value") for event in events if event.get("type") == "ok"}
        deletes = [op for op in invocations(events) if op["f"] == "delete"]
        assert deletes
        assert all(result[op["context"]] for op in deletes)


def test_a_seed_switches_kinds_off_and_says_which_functions_are_left(tmp_path: Path) -> None:
    drawn = set()
    for seed in range(12):
        events = history_of(tmp_path, seed)
        functions = events[0]["config"]["functions"]
        assert set(functions) == {op["f"] for op in invocations(events)}
        drawn.add(tuple(functions))
    assert drawn == {("get", "put"), ("get", "put", "delete")}


def test_puts_go_to_a_node_that_has_just_come_back(tmp_path: Path) -> None:
    wipe = registry.find("nemeses", "wipe", "here")
    lane = LanePlan("wipe", quiet_s=(0.5, 1.0), hold_s=(0.2, 0.4))
    _, events = perform(run_of(lane, operations=150), tmp_path, Register(), wipe)
    back, aimed, puts = {}, 0, 0
    for event in events:
        if event["kind"] == "fault" and event["type"] == "healed":
            back = dict.fromkeys(event["nodes"], event["time"])
        if event["kind"] == "op" and event["type"] == "invoke" and event["f"] == "put":
            fresh = [node for node, time in back.items() if event["time"] - time < 2_000_000_000]
            puts += bool(fresh)
            aimed += event["node"] in fresh
    assert aimed > puts / 2 > 5


@pytest.mark.parametrize("seed", SEEDS)
def test_a_perfect_store_keeps_its_promise_and_the_run_had_chances_to_fail(tmp_path: Path, seed: int) -> None:
    history_of(tmp_path, seed)
    results = check(tmp_path / str(seed) / "history.jsonl").to_json()
    assert not [name for name, found in results["checks"].items() if found["verdict"] == "invalid"]
    assert results["chances"]["conflicts"] >= 15


def test_options() -> None:
    script = Register().script({"kinds": ["get", "put-blind"]}, Random(3))
    assert script.functions[0] == "get"
    assert set(Register().script({"swarm": False}, Random(1)).functions) == {"get", "put", "delete"}
    with pytest.raises(
        UsageError, match=r"workload `register`: `kinds` has 'put-blnd': did you mean `put-blind`"
    ):
        Register().script({"kinds": ["put-blnd"]}, Random(1))
    assert abs(sum(KINDS.values()) - 1) < 0.1
