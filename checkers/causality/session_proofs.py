"""How a broken session guarantee is told: the fewest operations, and a sentence for each step."""

from __future__ import annotations

from checkers.causality.session_walk import Past, Reading, shown_by
from checkers.evidence.chains import told
from checkers.model.history import Op
from checkers.model.words import at, values, what
from checkers.verdict import Violation


def _violation(
    name: str, read: Reading, ops: list[Op], lines: list[str], message: str, lost: Op
) -> Violation:
    ids = tuple(dict.fromkeys(op.id for op in ops))
    return Violation(
        name, read.view.key, ids, message, tuple(lines), (), {"value": lost.value, "get": ids[-1]}
    )


def _sight(read: Reading, lost: Op) -> str:
    get = read.get
    return (
        f"op {get.id} returned {values(get.result)} at {at(get.ret)}: neither {lost.value} nor anything that "
        f"superseded it, and no delete that could hide it had begun"
    )


def not_own(read: Reading) -> Violation:
    """A put of the session that it does not see, or a value that it had deleted."""
    name, get, view = "read-your-writes", read.get, read.view
    if read.unseen_own:
        put = next(view.order.ops(read.unseen_own))
        lines = [
            f"{what(put)} on key `{view.key}` was acknowledged at {at(put.ret)}",
            f"process {get.process}, which had written it, then read the key (op {get.id})",
            _sight(read, put),
        ]
        return _violation(
            name, read, [put, get], lines, f"op {get.id} does not show {put.value}, its own", put
        )
    put = next(view.order.ops(read.back_own))
    delete = next(op for op in read.session if op.f == "delete" and op.ok and _covers(read, op, put))
    cited, lines = told(view, put, delete)
    lines.append(f"process {get.process} had deleted it and then read {values(get.result)} (op {get.id})")
    message = f"op {get.id} shows {put.value}, which its own process had deleted"
    return _violation(name, read, [*cited, get], lines, message, put)


def _covers(read: Reading, delete: Op, put: Op) -> bool:
    return delete.key == read.view.key and read.view.certain.covers(delete, put)


def turned_back(read: Reading) -> Violation:
    """A value that an earlier read of the session had returned."""
    get, view = read.get, read.view
    put = next(view.order.ops(read.unseen_read))
    first = _read_by(read, get, put)
    lines = [
        _was_there(first, put),
        f"process {get.process} read the key again (op {get.id})",
        _sight(read, put),
    ]
    message = f"op {get.id} no longer shows {put.value}, which its process had read before"
    return _violation("monotonic-reads", read, [put, first, get], lines, message, put)


def _above(read: Reading, wanted: list[Op]) -> tuple[Op, list[Op], list[str]]:
    """The nearest put among `wanted` that the read shows, and how it shows it."""
    order = read.view.order
    way = shown_by(read, order.mask_of(wanted))
    cited, lines = told(read.view, way[0], way[-1]) if len(way) > 1 else ([way[0]], [])
    return way[0], cited, lines[1:]


def out_of_order(read: Reading) -> Violation:
    """A write that is seen without an earlier put, or beside what an earlier delete covered."""
    view, pasts, get = read.view, _pasts(read), read.get
    order = view.order
    if read.unseen_before:
        put = next(order.ops(read.unseen_before))
        later, cited, lines = _above(read, [op for op, past in pasts if past.wrote & order.bit(put)])
        proof = [
            f"process {put.process} wrote {put.value} (op {put.id}), acknowledged at {at(put.ret)}",
            f"and then {later.value} (op {later.id})",
            *lines,
            _sight(read, put),
        ]
        message = (
            f"op {get.id} shows {later.value} and not {put.value}, written before it by the same process"
        )
        return _violation("monotonic-writes", read, [put, *cited, get], proof, message, put)
    put = next(order.ops(read.back_before))
    later, cited, lines = _above(read, [op for op, past in pasts if past.deleted & order.bit(put)])
    session = read.walk.session_of[later.id]
    delete = next(op for op in session if op.f == "delete" and op.ok and _covers(read, op, put))
    chain, steps = told(view, put, delete)
    proof = [
        *steps,
        f"process {delete.process} then wrote {later.value} (op {later.id})",
        *lines,
        f"op {get.id} returned {values(get.result)} at {at(get.ret)}: {put.value} is back",
    ]
    message = f"op {get.id} shows {later.value} and {put.value}, deleted before it by the same process"
    return _violation("monotonic-writes", read, [*chain, *cited, get], proof, message, put)


def not_followed(read: Reading) -> Violation:
    """A write that is seen without what its session had read before."""
    view, get = read.view, read.get
    order = view.order
    put = next(order.ops(read.unseen_followed))
    later, cited, lines = _above(read, [op for op, past in _pasts(read) if past.read & order.bit(put)])
    first = _read_by(read, later, put)
    proof = [
        _was_there(first, put),
        f"process {later.process}, having read it, wrote {later.value} (op {later.id})",
        *lines,
        _sight(read, put),
    ]
    message = f"op {get.id} shows {later.value} and not {put.value}, which its writer had read before"
    return _violation("writes-follow-reads", read, [put, first, *cited, get], proof, message, put)


def _read_by(read: Reading, until: Op, put: Op) -> Op:
    """The last read of the session before `until` that returned the put."""
    session = read.session if until is read.get else read.walk.session_of[until.id]
    before = reversed(session[: session.index(until)])
    return next(op for op in before if op.key == put.key and put.value in (op.returned_values or ()))


def _was_there(first: Op, put: Op) -> str:
    shown = f"op {first.id} returned {values(first.result)} at {at(first.ret)}"
    return f"{shown}: {put.value} (op {put.id}) was there"


def _pasts(read: Reading) -> list[tuple[Op, Past]]:
    """The puts of the key whose session had done something to it before."""
    pasts = read.walk.pasts
    return [(op, pasts[op.id]) for op in read.view.order.writes if op.id in pasts]
