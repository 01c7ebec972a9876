"""What a Jepsen history is a history of: told from its functions and values, and turned into our functions.

Registers (`read write cas`, one or many keys), registers as one-step transactions (Elle's rw-register), sets,
counters and mutexes. Anything else is refused with the reason: a model that we would have to guess is not
judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from checkers.formats.records import Call
from checkers.model.values import name_of, value_of

ONE_KEY = "register"
"""The key's name where the history has only one thing."""
FREE, HELD = "free", "held"
_REGISTER = {"read": "read", "r": "read", "write": "write", "w": "write", "cas": "cas"}
_MUTEX = {"acquire": [FREE, HELD], "release": [HELD, FREE]}


class Step(NamedTuple):
    """One call in our terms: `f`, its key, what was asked, what came back."""

    f: str
    key: str
    value: Any
    result: Any


@dataclass(slots=True)
class Model:
    """How to read the calls of one history, and what it may be taken to promise."""

    name: str
    step: Callable[[Call], Step]
    promise: str | None = None
    initial: Any = None
    warnings: list[str] = field(default_factory=list)


def model_of(path: str, calls: list[Call]) -> Model:
    """The model that all calls fit. Raises HistoryError if there is none, naming the first that does not."""
    if not calls:
        return Model(
            "register", _register, "linearizable", warnings=["no client operations are recorded here"]
        )
    functions = {call.start.f for call in calls}
    if functions <= _REGISTER.keys():
        return _registers(path, calls)
    if functions <= _MUTEX.keys():
        return Model("mutex", _mutex, "linearizable", FREE)
    if functions <= {"add", "read"}:
        return _set_or_counter(path, calls)
    if functions <= {"txn"}:
        return _transactions(path, calls)
    return _refuse(path, calls)


def scalar(value: Any) -> Any:
    """A value as the contract has it: a JSON scalar; anything else as its JSON text."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value_of(value)
    return json.dumps(value, sort_keys=True, default=str)


def _pair(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2


def _registers(path: str, calls: list[Call]) -> Model:
    for call in calls:
        keyed = call.asked[1] if _pair(call.asked) else None
        if call.start.f == "cas" and not _pair(call.asked):
            raise call.start.refused(path, f"a `cas` needs [from to], got {call.asked!r}", "value")
        if not (_pair(call.asked) and (call.start.f != "cas" or _pair(keyed))):
            return Model("register", _register, "linearizable")
    return Model("register a key (independent)", _keyed_register, "linearizable")


def _register(call: Call) -> Step:
    return _on(ONE_KEY, call.start.f, call.asked, call.answer)


def _keyed_register(call: Call) -> Step:
    key, asked = call.asked
    answer = call.answer[1] if _pair(call.answer) else call.answer
    return _on(name_of(scalar(key)), call.start.f, asked, answer)


def _on(key: str, name: str, asked: Any, answer: Any) -> Step:
    f = _REGISTER[name]
    if f == "cas":
        return Step(f, key, [scalar(asked[0]), scalar(asked[1])], None)
    return Step(f, key, None, scalar(answer)) if f == "read" else Step(f, key, scalar(asked), None)


def _mutex(call: Call) -> Step:
    """A lock is a register that one holder at a time moves from free to held."""
    return Step("cas", "mutex", list(_MUTEX[call.start.f]), None)


def _set_or_counter(path: str, calls: list[Call]) -> Model:
    answers = [call.answer for call in calls if call.start.f == "read" and call.outcome == "ok"]
    if any(isinstance(answer, (list, tuple, frozenset, set)) for answer in answers):
        return Model("set", _set, "linearizable")
    for call in calls:
        if call.start.f == "add" and (
            isinstance(call.asked, bool) or not isinstance(call.asked, (int, float))
        ):
            raise call.start.refused(
                path,
                f"`add` of {call.asked!r}: neither a set (no read returned a collection) nor a counter",
                "value",
            )
    return Model("counter", _counter, "linearizable", 0)


def _set(call: Call) -> Step:
    if call.start.f == "add":
        return Step("add", "set", scalar(call.asked), None)
    members = [scalar(item) for item in call.answer or ()] if call.outcome == "ok" else None
    return Step("members", "set", None, sorted(members, key=name_of) if members is not None else None)


def _counter(call: Call) -> Step:
    if call.start.f == "add":
        return Step("incr", "counter", call.asked, None)
    return Step("total", "counter", None, call.answer)


def _transactions(path: str, calls: list[Call]) -> Model:
    for call in calls:
        steps = call.asked
        if not isinstance(steps, (list, tuple)) or not all(
            isinstance(step, (list, tuple)) and len(step) == 3 for step in steps
        ):
            raise call.start.refused(path, "a `txn` is a list of [f key value]", "value")
        if len(steps) != 1 or str(steps[0][0]) not in ("r", "w"):
            raise call.start.refused(
                path,
                f"a transaction of {len(steps)} steps ({', '.join(str(step[0]) for step in steps)}): Schism "
                "judges transactions only if each is a single `r` or `w`; Elle judges the rest",
                "value",
            )
    return Model("rw-register (one step a transaction)", _transaction, "linearizable")


def _transaction(call: Call) -> Step:
    name, key, asked = call.asked[0]
    answer = call.answer[0][2] if call.outcome == "ok" and call.answer else None
    return _on(name_of(scalar(key)), str(name), asked, answer)


def _refuse(path: str, calls: list[Call]) -> Model:
    known = {*_REGISTER, *_MUTEX, "add", "txn"}
    odd = next((call for call in calls if call.start.f not in known), calls[0])
    seen = ", ".join(sorted({call.start.f for call in calls}))
    raise odd.start.refused(
        path,
        f"no model that Schism judges has the functions {seen}; it reads registers (read write cas), "
        "mutexes (acquire release), sets and counters (add read), and single-step transactions (txn)",
        "f",
    )
