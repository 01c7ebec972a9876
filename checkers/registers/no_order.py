"""Why operations on one register have no order, in words: who found what, and that nobody made it then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from checkers.model.history import OPEN, Op
from checkers.model.words import at, ids, outcome, what
from checkers.registers.actions import ANY, Action
from checkers.registers.shrink import Core

FREE, HELD = "free", "held"
NAMED = 3
"""Of other operations that made a value, so many are told of one by one."""


class Told(NamedTuple):
    """A contradiction in words."""

    ops: list[Op]
    lines: list[str]
    message: str


def told(core: Core, everything: Iterable[Op], key: str, initial: Any) -> Told:
    """What is cited, the argument line by line, and it all in one sentence. `everything` is all that was done
    to the key."""
    start = [initial] if core.from_start else []
    lines: list[str] = []
    first = min(core.needed, key=lambda one: one.ret)
    asked = [one for one in core.needed if core.from_start or one is not first]
    for value in dict.fromkeys(_asked(asked)):
        if value in start or any(one.makes == value for one in core.needed):
            continue
        makers = [one for one in core.others if one.makes == value]
        if len(makers) > NAMED:
            lines.append(
                f"{_shown(value)} was made by {ids(one.op for one in makers)}: not when it was needed"
            )
            continue
        lines += [
            f"op {one.op.id} can have made {_shown(value)} only where it found {_shown(one.wants)}"
            for one in makers
            if one.wants is not ANY
        ]
    ops = [one.op for one in core.needed]
    is_lock = _is_lock(everything)
    listed = [_line(op, is_lock) for op in ops]
    if core.from_start:
        listed.insert(0, f"key `{key}` was {'free' if is_lock else f'initially {_shown(initial)}'}")
    message = _reason(core, is_lock, everything)
    end = "whatever the other operations did, " if core.others else ""
    lines.append(message)
    lines.append(f"{end}no order of these agrees with their times and their answers")
    return Told(ops, listed + lines, f"key `{key}`: {message}")


def _reason(core: Core, is_lock: bool, everything: Iterable[Op]) -> str:
    last = max(core.needed, key=lambda one: (one.ret, one.inv))
    if len(core.needed) == 1 and core.from_start:
        return f"{_found(last)}, but nobody had made {_shown(last.wants)}"
    if is_lock:
        return _lock(core, everything)
    left = core.needed[0]
    if len(core.needed) == 2 and left.ret < last.inv and last.wants is not ANY and _end(left) is not ANY:
        then = f"{what(left.op)} had {_left(left)} by {at(left.ret)}"
        if last.differs and _end(left) == last.wants and not left.differs:
            return f"{_found(last)}, but {then}, and nobody can have changed it in between"
        if not last.differs and (left.differs or _end(left) != last.wants):
            makers = [one for one in core.others if one.makes == last.wants]
            named = f"{ids(one.op for one in makers)} cannot have" if makers else "nobody"
            return f"{_found(last)}, but {then}, and {named} made {_shown(last.wants)} after that"
    if len(core.needed) == 2 and not left.changes and not last.changes and not (left.differs or last.differs):
        return (
            f"{_found(left)} and {_found(last)}: whichever came first, nobody can have made what the other "
            "one found after that"
        )
    rest = ids(one.op for one in core.needed if one is not last)
    if last.wants is ANY:
        return f"{what(last.op)} has no place: before what was found by some of {rest}, or after"
    return f"{_found(last)}, which it cannot have found after {rest} as these were answered"


def _end(one: Action) -> Any:
    """The value that was there when it had taken effect."""
    return one.wants if one.makes is ANY else one.makes


def _found(one: Action) -> str:
    if one.differs:
        return f"{what(one.op)} found another value than {_shown(one.wants)}"
    if one.op.f == "cas":
        return f"{what(one.op)} succeeded, so it found {_shown(one.wants)}"
    return f"op {one.op.id} read {_shown(one.wants)}"


def _left(one: Action) -> str:
    if one.makes is not ANY:
        return f"left {_shown(one.makes)}"
    return f"found {'another value than ' if one.differs else ''}{_shown(one.wants)}"


def _lock(core: Core, everything: Iterable[Op]) -> str:
    """The mutex in its own words."""
    taken = [one for one in core.needed if one.makes == HELD]
    released = [one for one in core.needed if one.makes == FREE]
    if len(taken) > 1 and not released:
        first, second = taken[0], taken[-1]
        since = f"process {first.op.process} held it from {at(first.ret)}"
        ends = [op for op in everything if op.process == first.op.process and op.value == [HELD, FREE]]
        end = min((op.ret for op in ends if op.inv > first.ret and op.type == "ok"), default=OPEN)
        tail = " on" if end == OPEN else f" to {at(end)}"
        return (
            f"process {second.op.process} acquired the lock (op {second.op.id}) while {since}{tail} "
            f"(op {first.op.id})"
        )
    if len(released) == 1 and not taken:
        return (
            f"op {released[0].op.id}: process {released[0].op.process} released the lock, which nobody held"
        )
    if len(released) > 1 and not taken:
        return (
            f"the lock was released {len(released)} times ({ids(one.op for one in released)}), and not "
            "acquired in between"
        )
    return (
        f"{ids(one.op for one in taken)} acquired the lock, {ids(one.op for one in released)} released it: "
        "in no order is it free before each of those and held before each of these"
    )


def _is_lock(ops: Iterable[Op]) -> bool:
    return all(op.f == "cas" and op.value in ([FREE, HELD], [HELD, FREE]) for op in ops)


def _asked(actions: Iterable[Action]) -> Iterator[Any]:
    return (one.wants for one in actions if one.wants is not ANY and not one.differs)


def _line(op: Op, is_lock: bool) -> str:
    if op.f in ("get", "read"):
        return f"op {op.id} read {_shown(_answer(op))}, from {at(op.inv)} to {at(op.ret)}"
    if is_lock:
        name = "acquire" if op.value[1] == HELD else "release"
        return f"op {op.id} ({name} by process {op.process}) was invoked at {at(op.inv)}; {outcome(op)}"
    if op.type == "fail":
        return f"{what(op)} failed, having found another value, from {at(op.inv)} to {at(op.ret)}"
    return f"{what(op)} was invoked at {at(op.inv)}; {outcome(op)}"


def _answer(op: Op) -> Any:
    if isinstance(op.result, list):
        return op.result[0] if op.result else None
    return op.result


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"{value}"
