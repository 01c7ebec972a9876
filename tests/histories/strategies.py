"""Random small histories for Hypothesis: one key, a few clients, anything that a broken store may answer.

Reads return any values whose put was invoked before the read returned (broken stores do), contexts come from
any earlier read, outcomes are ok, fail or info, puts may be sent twice, and times collide.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from checkers.model.history import OPEN, Final, History, Op

NODES = ["n1", "n2", "n3"]


@st.composite
def histories(draw: st.DrawFn, agreeing: bool = False) -> History:
    """A history of key `x` on three nodes. `agreeing`: the final reads of all replicas are the same."""
    history = History({"version": 1, "nodes": NODES, "config": {"n": 3, "r": 2, "w": 2}})
    free = dict.fromkeys(range(3), 1)
    process = {client: client for client in range(3)}
    for id in range(draw(st.integers(2, 12))):
        client = draw(st.integers(0, 2))
        inv = max(free[client] + draw(st.integers(0, 2)), history.ops[-1].inv if history.ops else 0)
        ret = inv + draw(st.integers(0, 4))
        op = Op(
            id,
            process[client],
            draw(st.sampled_from(("get", "get", "put", "put", "put", "delete"))),
            "x",
            None,
            inv,
        )
        op.type = draw(st.sampled_from(("ok", "ok", "ok", "info", "fail")))
        op.ret = ret if op.type != "info" else OPEN
        free[client] = ret
        if op.type == "info" and op.f != "get":
            process[client] += 3
        _fill(draw, history, op)
        history.ops.append(op)
    _answer(draw, history)
    written = [op.value for op in history.ops if op.f == "put"]
    held = st.lists(st.sampled_from(written), unique=True, max_size=3) if written else st.just([])
    first: list[Any] = draw(held)
    end = max(free.values()) + 1
    history.phases = [(end, "final")]
    history.finals = [Final(end, node, "x", list(first) if agreeing else draw(held)) for node in NODES]
    return history


def _fill(draw: st.DrawFn, history: History, op: Op) -> None:
    if op.f == "get":
        return
    if op.f == "put":
        op.value = f"v{op.id}"
        op.attempts = draw(st.sampled_from((1, 1, 1, 2)))
    reads = [get.id for get in history.ops if get.f == "get" and get.ok and get.ret <= op.inv]
    op.context = draw(st.sampled_from([None, *reads])) if op.f == "put" else None
    if op.f == "delete":
        if reads:
            op.context = draw(st.sampled_from(reads))
        else:
            op.f = "get"


def _answer(draw: st.DrawFn, history: History) -> None:
    """What gets returned: drawn last, when all puts that began before they returned are known."""
    for get in history.ops:
        if get.f == "get" and get.ok:
            seen = [put.value for put in history.ops if put.f == "put" and put.inv < get.ret]
            get.result = draw(st.lists(st.sampled_from(seen), max_size=3)) if seen else []


@st.composite
def set_histories(draw: st.DrawFn) -> History:
    """A history of a plain set `x` (no inner operations): adds, removes that observed some tags, members."""
    history = History({"version": 1, "nodes": NODES, "config": {"n": 3, "r": 2, "w": 2}})
    tags: list[str] = []
    for id in range(draw(st.integers(1, 12))):
        op = Op(id, id, draw(st.sampled_from(("add", "add", "remove", "members"))), "x", None, 2 * id)
        op.type = draw(st.sampled_from(("ok", "ok", "ok", "info", "fail")))
        op.ret = 2 * id + draw(st.integers(0, 6)) if op.type != "info" else OPEN
        if op.f == "add":
            op.value = f"t{id}"
            op.attempts = draw(st.sampled_from((1, 1, 1, 2)))
            tags.append(op.value)
        elif op.f == "remove":
            op.value = draw(st.sampled_from(tags or ["none"]))
        if op.ok and op.f in ("remove", "members"):
            op.result = draw(st.lists(st.sampled_from(tags), unique=True)) if tags else []
        history.ops.append(op)
    history.phases = [(100, "final")]
    held = st.lists(st.sampled_from([*tags, "stray"]), unique=True)
    history.finals = [Final(100, node, "x", draw(held)) for node in NODES]
    return history
