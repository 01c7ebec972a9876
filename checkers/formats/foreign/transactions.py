"""Transactions of one step: a read or a write of one register, as Elle's rw-register has them."""

from __future__ import annotations

from typing import Any

from checkers.formats.foreign.records import Call, Record, shown, word
from checkers.formats.foreign.shapes import scalar
from checkers.model.values import name_of

_STEPS = {"r": "read", "read": "read", "w": "write", "write": "write"}


def transaction(path: str, call: Call) -> tuple[str, str, Any, Any]:
    """(function, key, value, result) of a call. Raises HistoryError if it is more than one read or write."""
    f, key, asked = step_of(path, call.start, call.asked)
    if call.outcome != "ok":
        return f, key, asked if f == "write" else None, None
    answered, answered_key, answer = step_of(path, call.last, call.answer)
    if (answered, answered_key) != (f, key):
        raise call.last.refused(
            path, f"answers a {answered} of `{answered_key}` to what was invoked as a {f} of `{key}`", "value"
        )
    if f == "write":
        return f, key, answer if asked is None else asked, None
    return f, key, None, answer


def step_of(path: str, record: Record, steps: Any) -> tuple[str, str, Any]:
    """(function, key, value) of a transaction's only step. Raises HistoryError with the reason."""
    if not isinstance(steps, list) or not all(
        isinstance(step, list) and len(step) in (2, 3) for step in steps
    ):
        raise record.refused(path, f"a `txn` is a list of [f key value], got {shown(steps)}", "value")
    names = [str(word(step[0])) for step in steps]
    if len(steps) != 1 or names[0] not in _STEPS:
        raise record.refused(
            path,
            f"a transaction of {len(steps)} steps ({shown(', '.join(names))}): Schism judges transactions "
            "only if each is a single `r` or `w`; Elle judges the rest",
            "value",
        )
    f, step = _STEPS[names[0]], steps[0]
    if len(step) == 2 and f == "write":
        raise record.refused(path, f"a write needs [w key value], got {shown(step)}", "value")
    value = step[2] if len(step) == 3 else None
    if isinstance(value, (list, dict)):
        raise record.refused(
            path, f"`{shown(step)}`: a register holds one scalar; Elle judges lists (list-append)", "value"
        )
    return f, name_of(scalar(path, record, step[1])), value
