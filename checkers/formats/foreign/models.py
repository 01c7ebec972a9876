"""What a Jepsen history is a history of: told from its functions and values, and turned into our functions.

Registers (`read write cas`, one or many keys), registers as one-step transactions (Elle's rw-register), sets,
counters and mutexes. Anything else is refused with the reason: a model that we would have to guess is not
judged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from checkers.formats.foreign.edn_values import text_of
from checkers.formats.foreign.records import Call, Record, shown
from checkers.formats.foreign.shapes import Part, parts_of, scalar, with_answers
from checkers.formats.foreign.transactions import step_of, transaction
from checkers.model.values import is_number, name_of

ONE_KEY = "register"
"""The key's name where the history has only one thing."""
FREE, HELD = "free", "held"
_REGISTER = {"read": "read", "r": "read", "write": "write", "w": "write", "cas": "cas"}
_MUTEX = {"acquire": [FREE, HELD], "release": [HELD, FREE]}
_ELEMENTS, _TRANSACTIONS = frozenset({"add", "read"}), frozenset({"txn"})
_MODELS = (_REGISTER.keys(), _MUTEX.keys(), _ELEMENTS, _TRANSACTIONS)


class Step(NamedTuple):
    """One call in our terms: `f`, its key, what was asked, what came back."""

    f: str
    key: str
    value: Any
    result: Any


@dataclass(slots=True)
class Model:
    """What the calls of one history are in our terms, and what it may be taken to promise."""

    name: str
    steps: list[Step]
    """One for each call, in their order."""
    initial: Any = None
    promise: str = "linearizable"
    warnings: list[str] = field(default_factory=list)


def model_of(path: str, calls: list[Call]) -> Model:
    """The model that all calls fit. Raises HistoryError if there is none, naming the first that does not."""
    if not calls:
        return Model("register", [], warnings=["no client operations are recorded here"])
    functions = {call.start.f for call in calls}
    if functions <= _REGISTER.keys():
        return _registers(path, calls)
    if functions <= _MUTEX.keys():
        parts = parts_of(path, calls, "mutex", lambda _f, asked: not isinstance(asked, (list, dict)))
        return Model("mutex", [_mutex(path, part) for part in parts], FREE)
    if functions <= _ELEMENTS:
        return _set_or_counter(path, calls)
    if functions <= _TRANSACTIONS:
        steps = [Step(*transaction(path, call)) for call in calls]
        return Model("rw-register (one step a transaction)", steps)
    raise _no_model(path, calls[0].start, functions)


def refuse_early(path: str, record: Record, functions: set[str]) -> None:
    """Raise HistoryError on an invocation that fits no model, before the rest of a long file is read.

    `functions` are those seen before; this record's is added.
    """
    if record.f not in functions:
        functions.add(record.f)
        if not any(functions <= model for model in _MODELS):
            raise _no_model(path, record, functions)
    if record.f == "txn":
        if record.value is not None:
            step_of(path, record, record.value)
    elif record.f in _REGISTER and isinstance(record.value, dict):
        scalar(path, record, record.value)


def _registers(path: str, calls: list[Call]) -> Model:
    def fits(f: str, asked: Any) -> bool:
        return _from_to(asked) if f == "cas" else not isinstance(asked, (list, dict))

    parts = parts_of(path, calls, ONE_KEY, fits)
    for f in ("write", "w"):
        parts = list(with_answers(path, parts, f))
    keyed = len({part.key for part in parts}) > 1 or parts[0].key != ONE_KEY
    name = "register a key (independent)" if keyed else "register"
    return Model(name, [_register(path, part) for part in parts])


def _from_to(asked: Any) -> bool:
    return (
        isinstance(asked, list)
        and len(asked) == 2
        and not any(isinstance(one, (list, dict)) for one in asked)
    )


def _register(path: str, part: Part) -> Step:
    call, f = part.call, _REGISTER[part.call.start.f]
    if f == "cas":
        if not _from_to(part.asked):
            raise call.start.refused(path, f"a `cas` needs [from to], got {shown(part.asked)}", "value")
        return Step(f, part.key, part.asked, None)
    asked = scalar(path, call.start, part.asked)
    if f == "write":
        return Step(f, part.key, asked, None)
    _says_value(path, call)
    return Step(f, part.key, None, scalar(path, call.last, part.answer))


def _says_value(path: str, call: Call) -> None:
    if call.outcome == "ok" and not call.last.says_value:
        raise call.last.refused(path, "is missing: an ok read says what it read, be it nil", "value")


def _mutex(path: str, part: Part) -> Step:
    """A lock is a register that one holder at a time moves from free to held."""
    scalar(path, part.call.start, part.asked)
    return Step("cas", part.key, list(_MUTEX[part.call.start.f]), None)


def _set_or_counter(path: str, calls: list[Call]) -> Model:
    parts = parts_of(path, calls, "", lambda f, asked: f == "add" or asked is None)
    parts = list(with_answers(path, parts, "add"))
    reads = [part for part in parts if part.call.start.f == "read"]
    for part in reads:
        _says_value(path, part.call)
    for part in reads:
        if isinstance(part.asked, list) and part.asked and not isinstance(part.answer, list):
            scalar(path, part.call.start, part.asked)
    answers = [part.answer for part in reads if part.answer is not None]
    if any(isinstance(answer, list) for answer in answers):
        return Model("set", [_set(path, part) for part in parts])
    return Model("counter", [_counter(path, part) for part in parts], 0)


def _set(path: str, part: Part) -> Step:
    key = part.key or "set"
    if part.call.start.f == "add":
        if part.asked is None:
            raise part.call.start.refused(path, "is nil: an `add` says what it adds", "value")
        return Step("add", key, _element(part.asked), None)
    if part.answer is None:
        return Step("members", key, None, None)
    if not isinstance(part.answer, list):
        raise part.call.last.refused(
            path,
            f"expected a collection, as other reads of this set returned, got {shown(part.answer)}",
            "value",
        )
    return Step("members", key, None, sorted(map(_element, part.answer), key=name_of))


def _element(value: Any) -> Any:
    return text_of(value) if isinstance(value, (list, dict)) else value


def _counter(path: str, part: Part) -> Step:
    key, call = part.key or "counter", part.call
    if call.start.f == "add":
        if not is_number(part.asked):
            raise call.start.refused(
                path,
                f"`add` of {shown(part.asked)}: neither a set (no read returned a collection) nor a counter",
                "value",
            )
        return Step("incr", key, part.asked, None)
    if part.answer is not None and not is_number(part.answer):
        raise call.last.refused(
            path, f"expected a number, what a total is, got {shown(part.answer)}", "value"
        )
    return Step("total", key, None, part.answer)


def _no_model(path: str, record: Record, functions: set[str]) -> Exception:
    seen = ", ".join(sorted(functions))
    return record.refused(
        path,
        f"no model that Schism judges has the functions {shown(seen)}; it reads registers (read write cas), "
        "mutexes (acquire release), sets and counters (add read), and single-step transactions (txn)",
        "f",
    )
