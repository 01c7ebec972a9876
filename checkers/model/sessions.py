"""Sessions: what each process did to registers, in its own order.

A session is known, not inferred: a process does one operation at a time. Inner operations of a set or cart
are exempt from that rule, so where two of them overlap, the later one begins a session of its own: what it
owes to the others is then not asked for. Nothing follows an unanswered write in its session; an unanswered
read and a failed operation carry no evidence and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checkers.model.history import Op

REGISTER = frozenset({"get", "put", "delete", "read", "write", "cas"})
_READS = ("get", "read")

Session = list[Op]
"""Operations of one process, each after the one before."""


def sessions_of(ops: Iterable[Op]) -> list[Session]:
    """The sessions among `ops` (which are in order of invocation), by their first operation."""
    found: list[Session] = []
    of_process: dict[int, list[Session]] = {}
    for op in ops:
        if op.f not in REGISTER or op.type == "fail" or (op.type == "info" and op.f in _READS):
            continue
        mine = of_process.setdefault(op.process, [])
        for session in mine:
            if _follows(session[-1], op):
                session.append(op)
                break
        else:
            mine.append([op])
            found.append(mine[-1])
    return found


def _follows(before: Op, after: Op) -> bool:
    """Whether `after` began once `before` had ended. At equal times, two inner ones may be concurrent."""
    if before.ret != after.inv or after.parent is None or before.parent != after.parent:
        return before.ret <= after.inv
    return before.id in _context(after.context)


def _context(context: Any) -> list[int]:
    return context if isinstance(context, list) else [context]
