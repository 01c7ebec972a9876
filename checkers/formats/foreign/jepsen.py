"""Operations as Jepsen records them, in whatever syntax: joins both ends, tells the model, makes a history.

A record is one end of one operation: `{:process 3, :type :invoke, :f :write, :value 4}`. Records stand in the
order in which the controller saw them, and that order counts: times are kept where they agree with it, and
moved up (by nanoseconds) where they do not, or where there are none.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Any

from checkers.formats.foreign.last_reads import finals_of
from checkers.formats.foreign.models import Model, model_of, refuse_early
from checkers.formats.foreign.records import Call, Record, shown, word
from checkers.model.history import History, Op

TYPES = ("invoke", "ok", "fail", "info")
_MAX_TIME = 2**62


def assemble(path: str, records: Iterable[Record], failed_cas_saw: bool = False) -> History:
    """The history of these records. Raises HistoryError, naming file, line and field.

    `failed_cas_saw`: a failed cas saw another value than it expected (the text log of etcd's tests), instead
    of the mere "did nothing" that `:fail` means to Jepsen.
    """
    history = History(meta={"version": 1}, source=path)
    calls: list[Call] = []
    running: dict[int, Call] = {}
    functions: set[str] = set()
    now = latest = -1
    back: Record | None = None
    for record in records:
        if record.type not in TYPES:
            raise record.refused(path, f"`{record.type}` is unknown; known: {' '.join(TYPES)}", "type")
        time = _time(path, record)
        if record.time is not None:
            back, latest = back or (record if time < latest else None), max(latest, time)
        now = max(now + 1, time)
        if not record.is_client:
            history.notes.append(_note(record, now))
        elif record.type == "invoke":
            refuse_early(path, record, functions)
            _invoke(path, record, now, running, calls)
        else:
            _complete(path, record, now, running)
    if back is not None:
        where = f"line {back.line}" if back.line else f"operation {back.number}"
        history.warnings.append(f"times run backwards at {where}: the order of the lines counts instead")
    model = model_of(path, calls)
    _fill(history, model, calls, failed_cas_saw)
    return history


def _time(path: str, record: Record) -> int:
    time = record.time
    if time is None:
        return 0
    if isinstance(time, bool) or not isinstance(time, int):
        raise record.refused(path, f"expected nanoseconds (an integer), got {shown(time)}", "time")
    if not -_MAX_TIME < time < _MAX_TIME:
        raise record.refused(path, f"{shown(time)} is no time in nanoseconds", "time")
    return time


def _note(record: Record, now: int) -> dict[str, Any]:
    """What a nemesis did: shown on the timeline, never judged."""
    value = "" if record.value is None else f" {word(record.value)}"
    return {"time": now, "text": f"{record.process} {record.type} {record.f or 'nil'}{value}"}


def _invoke(path: str, record: Record, now: int, running: dict[int, Call], calls: list[Call]) -> None:
    before = running.get(record.process)
    if before is not None:
        where = f" (line {before.start.line})" if before.start.line else ""
        raise record.refused(
            path,
            f"process {record.process} invokes `{record.f}` before its `{before.start.f}`{where} has ended: "
            "a process does one thing at a time",
            "process",
        )
    call = running[record.process] = Call(record, now)
    calls.append(call)


def _complete(path: str, record: Record, now: int, running: dict[int, Call]) -> None:
    call = running.pop(record.process, None)
    if call is None:
        raise record.refused(
            path,
            f"process {record.process} completes `{record.f or 'something'}`, which it did not invoke before",
            "process",
        )
    record.f = record.f or call.start.f
    if call.start.f != record.f:
        raise record.refused(
            path, f"`{record.f}` completes a `{call.start.f}` of process {record.process}", "f"
        )
    call.end, call.ret = record, now


def _fill(history: History, model: Model, calls: list[Call], failed_cas_saw: bool) -> None:
    history.meta.update(system=f"jepsen ({model.name})", promise=model.promise, initial=model.initial)
    history.warnings += model.warnings
    if model.promise:
        history.warnings.append(
            f"a {model.name} history declares no promise: `{model.promise}` is taken for it "
            "(--promise names another)"
        )
    for number, (call, step) in enumerate(zip(calls, model.steps, strict=True)):
        op = Op(number, call.start.process, step.f, step.key, step.value, call.inv)
        if call.end is not None:
            op.error = None if call.end.error is None else str(word(call.end.error))
            if call.outcome == "info" or (step.f in ("members", "total") and _answers_nil(call)):
                op.gave_up = call.ret
            else:
                assert call.ret is not None, "an operation that ended has a time"
                op.type, op.ret, op.result = call.outcome, call.ret, step.result
            if failed_cas_saw and step.f == "cas" and call.outcome == "fail" and op.error is None:
                op.error = "mismatch"
        history.ops.append(op)
    history.finals, n = finals_of(
        history.ops,
        [call.final for call in calls],
        [_answers_nil(call) for call in calls],
    )
    if n is not None:
        history.meta["config"] = {"n": n}
    _from_the_start(history)


def _from_the_start(history: History) -> None:
    """A hint: Jepsen's histories do not say what registers held before any write."""
    if history.meta["initial"] is not None:
        return
    written = {op.value[1] if op.f == "cas" else op.value for op in history.ops if op.f in ("write", "cas")}
    reads = (op for op in history.ops if op.f == "read" and op.ok and op.result is not None)
    read = next((op for op in reads if op.result not in written), None)
    if read is not None:
        history.warnings.append(
            f"operation {read.id} read {read.result!r}, which was never written: if registers held that from "
            f"the start, say so (--initial {_argument(read.result)})"
        )


def _argument(value: Any) -> str:
    """A value as the command line takes it: JSON, or a bare word that is no JSON."""
    text = str(value)
    if isinstance(value, str):
        try:
            json.loads(text)
            text = json.dumps(text)  # bare, it would be something else than text
        except ValueError:
            pass
    return shlex.quote(text)


def _answers_nil(call: Call) -> bool:
    """An ok nil is no answer of a set or counter: it read nothing, which is not the empty set."""
    return call.outcome == "ok" and call.answer is None
