"""Which key an operation of Jepsen's is on, and its values without the key.

Independent keys come in two shapes: `[key value]` tuples in every operation (jepsen.independent), or a field
`:key`. A history has one of them or none. What is left has to be a scalar, or what the model says: a list,
set or map where a register's value should be would make a judgement of something else, so it is refused with
the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from checkers.formats.foreign.edn_values import text_of
from checkers.formats.foreign.records import Call, Record, shown
from checkers.model.values import name_of

_STEPS = frozenset({":r", ":w", ":read", ":write", ":append", "r", "w", "append"})


class Part(NamedTuple):
    """A call on one key, with its values bare. `answer` is None unless it was acknowledged."""

    call: Call
    key: str
    asked: Any
    answer: Any


def parts_of(path: str, calls: list[Call], only: str, fits: Callable[[str, Any], bool]) -> list[Part]:
    """Every call with its key taken off. `only`: the key's name where there is but one. `fits`: whether the
    second of a pair may be what a call of this function asks. Raises HistoryError where keys are mixed up.
    """
    if any(call.start.key is not None for call in calls):
        return [_by_field(path, call) for call in calls]
    if all(_is_keyed(call, fits) for call in calls):
        return [_by_tuple(path, call) for call in calls]
    return [Part(call, only, call.asked, call.answer) for call in calls]


def scalar(path: str, record: Record, value: Any) -> Any:
    """`value` if it is a scalar. Raises HistoryError with the reason if not."""
    if not isinstance(value, (list, dict)):
        return value
    raise record.refused(path, f"{_what(record.f, value)}: {shown(value)}", "value")


def with_answers(path: str, parts: list[Part], f: str) -> Iterator[Part]:
    """The same, where a write's value may come with its answer: asked is nil, the ok says what was written.

    If so, an unanswered write with nothing asked may have written anything: it is refused if some read is of
    a value that nobody is known to have written, which might be its.
    """
    late = {part.key for part in parts if part.call.start.f == f and _comes_late(part)}
    strange = _strange(parts) if late else set()
    for part in parts:
        if part.call.start.f != f or part.asked is not None:
            yield part
            continue
        if part.key in late and part.key in strange and part.call.outcome == "info":
            raise part.call.start.refused(
                path,
                f"what this `{f}` wrote is not said, and it was never answered: a read of a value that "
                "nobody else wrote may be of it, so this history cannot be judged",
                "value",
            )
        yield part._replace(asked=part.answer)


def _comes_late(part: Part) -> bool:
    return part.asked is None and part.answer is not None


def _strange(parts: list[Part]) -> set[str]:
    """Keys of which something was read that nobody is known to have written."""
    written: set[tuple[str, str]] = set()
    seen: set[tuple[str, str]] = set()
    for part in parts:
        is_read = part.call.start.f in ("read", "r")
        for value in (part.asked, part.answer):
            many = value if isinstance(value, list) else [value]
            (seen if is_read else written).update((part.key, text_of(one)) for one in many if one is not None)
    return {key for key, _ in seen - written}


def _what(f: str, value: Any) -> str:
    if isinstance(value, dict):
        return f"a map under `{f}`, whose value has to be a scalar"
    steps = value if value and all(isinstance(one, list) for one in value) else [value]
    if steps and all(step and isinstance(step[0], str) and step[0] in _STEPS for step in steps):
        return f"micro-operations under `{f}`: a transaction's `:f` is `:txn`"
    return (
        f"a list or set under `{f}`, whose value has to be a scalar ([key value] tuples of independent keys "
        "stand in every operation, also in a read's invocation)"
    )


def _is_keyed(call: Call, fits: Callable[[str, Any], bool]) -> bool:
    asked = call.asked
    return _pair(asked) and not isinstance(asked[0], (list, dict)) and fits(call.start.f, asked[1])


def _pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2


def _by_tuple(path: str, call: Call) -> Part:
    key, asked = call.asked
    name = _named(path, call.start, key)
    answer = None
    if call.end is not None:
        answer = _without_key(path, call.end, name)
    ok = call.outcome == "ok"
    if asked is None and not ok and not isinstance(answer, (list, dict)):
        asked = answer
    return Part(call, name, asked, answer if ok else None)


def _without_key(path: str, end: Record, name: str) -> Any:
    value: Any = end.value
    if _pair(value) and not isinstance(value[0], (list, dict)):
        if name_of(value[0]) != name:
            raise _other(path, end, name_of(value[0]), name)
        return value[1]
    if end.type == "ok" and value is not None:
        wrong = f"expected [{name} value], as it was invoked, got {shown(value)}"
        raise end.refused(path, wrong, "value")
    return None


def _by_field(path: str, call: Call) -> Part:
    if call.start.key is None:
        raise call.start.refused(path, "is missing: other operations of this history name a key", "key")
    name = _named(path, call.start, call.start.key)
    if call.end is not None and call.end.key is not None:
        other = _named(path, call.end, call.end.key)
        if other != name:
            raise _other(path, call.end, other, name)
    return Part(call, name, call.asked, call.answer)


def _named(path: str, record: Record, key: Any) -> str:
    if key is None or isinstance(key, (list, dict)):
        raise record.refused(path, f"expected a scalar, got {shown(key)}", "key")
    return name_of(key)


def _other(path: str, record: Record, answered: str, invoked: str) -> Exception:
    return record.refused(path, f"answers for key `{answered}` what was invoked on key `{invoked}`", "value")
