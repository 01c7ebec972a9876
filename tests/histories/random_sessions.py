"""Small histories of several clients and keys, from a seed: about half of them causally consistent.

Every client has a replica of its own, which now and then takes over all that another one knows; reads
return the maxima of what it knows. Then some answers are spoilt. Outcomes are ok, info or fail; contexts
may be those of any earlier read of the key.
"""

from __future__ import annotations

from random import Random
from typing import Any

from checkers.model.history import OPEN, History, Op

KEYS = ("x", "y")


def history(rng: Random, deletes: bool = False, spoilt: float = 0.5, operations: int = 9) -> History:
    """One history. `spoilt`: how often an answer is replaced by any values written so far."""
    found = History({"version": 1, "nodes": ["n1"], "config": {"n": 1}})
    clients = [_Client(process) for process in range(3)]
    seen: dict[int, Any] = {}
    time = 0
    for id in range(operations):
        time += rng.randint(0, 2)
        client = rng.choice(clients)
        if rng.random() < 0.5:
            client.knows |= rng.choice(clients).knows
        op = Op(id, client.process, _kind(rng, deletes), rng.choice(KEYS), None, time)
        time += rng.randint(0, 2)
        op.type, op.ret = "ok", time
        _act(rng, found, client, op, spoilt, seen)
        if op.f != "get" and op.type == "info":
            op.ret = OPEN
            client.process += 3
        found.ops.append(op)
    return found


def single_values(rng: Random, operations: int = 8) -> History:
    """Likewise where the last writer wins: no contexts, no deletes, at most one value a read."""
    found = history(rng, operations=operations)
    found.meta["config"] = {"n": 1, "mode": "last-writer"}
    for op in found.ops:
        op.context = None
        if op.f == "get":
            op.result = op.result[-1:]
    return found


class _Client:
    def __init__(self, process: int) -> None:
        self.process = process
        self.knows: frozenset[Op] | Any = _Set()


class _Set(dict[int, Op]):
    """Operations by id, joined by `|`, in order of arrival."""

    def __or__(self, other: Any) -> Any:
        return _Set({**self, **other})

    __ior__ = __or__  # type: ignore[assignment]


def _kind(rng: Random, deletes: bool) -> str:
    kinds = ["get"] * 5 + ["put"] * 5 + (["delete"] * 2 if deletes else [])
    return rng.choice(kinds)


def _act(rng: Random, found: History, client: _Client, op: Op, spoilt: float, seen: dict[int, Any]) -> None:
    """`seen`: what each read knew, which whoever carries its context then knows, too."""
    reads = [read for read in found.ops if read.key == op.key and read.returned_values is not None]
    by_id = {read.id: read for read in found.ops}
    if op.f == "delete" and not reads:
        op.f = "get"
    if op.f == "get":
        op.result, seen[op.id] = _maxima(client.knows, by_id, op.key), client.knows
        written = [put.value for put in found.ops if put.f == "put" and put.key == op.key]
        if rng.random() < spoilt and written:
            op.result = rng.sample(written, rng.randint(0, min(2, len(written))))
        return
    op.type = rng.choice(("ok", "ok", "ok", "ok", "info", "fail"))
    if reads and (op.f == "delete" or rng.random() < 0.6):
        op.context = rng.choice(reads).id
        client.knows |= seen[op.context]
    if op.f == "put":
        op.value = f"v{op.id}"
        op.attempts = 1
    if op.type == "ok" or (op.type == "info" and rng.random() < 0.5):
        client.knows |= {op.id: op}


def _maxima(knows: dict[int, Op], by_id: dict[int, Op], key: str | None) -> list[Any]:
    here = [op for op in knows.values() if op.key == key]
    covered = {value for op in here if op.context is not None for value in by_id[op.context].result}
    return [op.value for op in here if op.f == "put" and op.value not in covered]
