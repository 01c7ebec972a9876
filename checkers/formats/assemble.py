"""Puts a history together, line by line: joins both ends of operations and the moments of faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from checkers.formats.events import (
    ABSENT,
    NEEDS_VALUE,
    Clock,
    ExitEvent,
    FaultEvent,
    FinalEvent,
    HarnessEvent,
    MetaEvent,
    NoteEvent,
    OpEvent,
    PhaseEvent,
    StateEvent,
)
from checkers.formats.scalars import SCALARS, Refusal, all_scalars, fields_of, named_kind, typed
from checkers.model.history import Exit, Fault, Final, History, Op, State
from checkers.model.values import is_number, name_of, value_of

VERSION = 1
_ANSWERS = frozenset({"get", "members", "remove", "total", "read"})
_ANSWERS_LIST = frozenset({"get", "members", "remove"})
_CARRIES_CONTEXT = frozenset({"put", "delete"})


class Assembler:
    """Takes decoded lines in order; `history` is valid after each of them."""

    def __init__(self, source: str) -> None:
        self.history = History(meta={}, source=source)
        self._started = self._unordered = False
        self._ops: dict[int, Op] = {}
        self._done: set[int] = set()
        self._faults: dict[str, Fault] = {}
        self._names: dict[Any, str] = {}
        self._latest: dict[int, int] = {}
        self._overlaps = 0
        self._take: dict[type, Callable[[Any, bytes], None]] = {
            FaultEvent: self._fault,
            PhaseEvent: self._phase,
            FinalEvent: self._final,
            StateEvent: self._state,
            ExitEvent: self._exit,
            NoteEvent: self._plain,
            HarnessEvent: self._plain,
        }

    def take(self, event: Any, line: bytes) -> None:
        """Add one event; `line` is its text. Raises Refusal if it cannot follow what came before."""
        kind: type = type(event)
        if kind is OpEvent and self._started:
            self._op(event)
            return
        if kind is MetaEvent:
            self._meta(event, line)
            return
        if not self._started:
            raise Refusal("the first line must be `meta`, with `version`: 1")
        self._take[kind](event, line)

    def finish(self) -> History:
        """The history, its operations in order of invocation: lines that were merged may be in another."""
        if self._unordered:
            self.history.ops.sort(key=lambda op: op.inv)
            self.history.warnings.append("lines are not in order of time: operations were put in order")
        return self.history

    def _meta(self, event: MetaEvent, line: bytes) -> None:
        if self._started:
            raise Refusal("a second `meta` line: a history has one, its first", "kind")
        if event.version != VERSION:
            raise Refusal(f"{event.version} is unknown; this reader knows version {VERSION}", "version")
        self.history.meta = fields_of(line)
        if "initial" in self.history.meta:
            initial = self.history.meta["initial"] = value_of(self.history.meta["initial"])
            if not isinstance(initial, SCALARS):
                raise Refusal(f"expected a JSON scalar, got {named_kind(initial)}", "initial")
        self._started = True

    def _op(self, event: OpEvent) -> None:
        if event.time < 0:
            raise Refusal("is negative: nanoseconds on one monotonic clock", "time")
        if event.type == "invoke":
            self._invoke(event)
        else:
            self._complete(event)

    def _invoke(self, event: OpEvent) -> None:
        if event.op in self._ops:
            raise Refusal(f"{event.op} was invoked before; ids are unique", "op")
        value = None if event.value is ABSENT else typed(event.value)
        f = event.f
        if (value is None and f in NEEDS_VALUE) or (f == "write" and event.value is ABSENT):
            raise Refusal(f"is missing: a `{f}` says what it writes", "value")
        if f == "cas":
            if not isinstance(value, list) or len(value) != 2 or not all_scalars(value):
                raise Refusal("a `cas` needs [from, to], both JSON scalars", "value")
        elif not isinstance(value, SCALARS):
            raise Refusal(f"expected a JSON scalar, got {named_kind(value)}", "value")
        elif f == "incr" and not is_number(value):
            raise Refusal("expected a number: how much an `incr` adds", "value")
        if event.items is not None and not all_scalars(typed(event.items)):
            raise Refusal("expected JSON scalars in the list", "items")
        if f in _CARRIES_CONTEXT and event.context is not None:
            self._sources(event)
        op = Op(
            id=event.op,
            process=event.process,
            f=f,
            key=self._name(event.key),
            value=value,
            inv=event.time,
            context=event.context,
            node=event.node,
            due=event.due,
            attempts=event.attempts or 1,
            reaches=event.reaches,
            items=event.items,
            parent=event.parent,
        )
        self._ops[op.id] = op
        if self.history.ops and op.inv < self.history.ops[-1].inv:
            self._unordered = True
        if op.parent is None:
            self._latest[op.process] = op.id
        self.history.ops.append(op)

    def _name(self, key: Any) -> str:
        value = typed(key)
        name = self._names.get(value)
        if name is None:
            name = self._names[value] = name_of(value)
        return name

    def _sources(self, event: OpEvent) -> None:
        """A context stands for values that its source returned: without them nothing could be judged."""
        key = self._name(event.key)
        for source in event.context if isinstance(event.context, list) else [event.context]:
            op = self._ops.get(source) if source is not None else None
            if op is None:
                raise Refusal(f"operation {source} was never invoked before this line", "context")
            if op.returned_values is None:
                raise Refusal(
                    f"operation {source} returned no values: a source is an ok get, or a write with `body`",
                    "context",
                )
            if op.key != key:
                raise Refusal(f"operation {source} read key `{op.key}`, not `{key}`", "context")

    def _complete(self, event: OpEvent) -> None:
        op = self._ops.get(event.op)
        if op is None:
            raise Refusal(f"{event.op} was never invoked: a completion needs its invocation before it", "op")
        if event.op in self._done:
            raise Refusal(f"{event.op} was completed before", "op")
        for name, was, now in (
            ("f", op.f, event.f),
            ("process", op.process, event.process),
            ("key", op.key, self._name(event.key)),
        ):
            if was != now:
                raise Refusal(f"`{now}` is not what operation {op.id} was invoked with (`{was}`)", name)
        if event.time < op.inv:
            raise Refusal(f"operation {op.id} completes before its invocation ({op.inv})", "time")
        self._done.add(op.id)
        if op.parent is None and self._latest[op.process] != op.id:
            self._overlap(op)
        op.type, op.error = event.type, event.error
        op.attempts = max(op.attempts, event.attempts or 1)
        if event.node is not None:
            op.node = event.node
        if event.type == "info":
            op.gave_up = event.time
            return
        op.ret = event.time
        if event.type == "ok":
            self._answer(op, event)

    def _overlap(self, op: Op) -> None:
        """A process does one thing at a time; checks of sessions trust that, so say where it is not so."""
        self._overlaps += 1
        if self._overlaps == 1:
            later = self._latest[op.process]
            self.history.warnings.append(
                f"process {op.process} invoked operation {later} before its operation {op.id} had ended: "
                "a process does one thing at a time, and sessions are told by it"
            )

    def _answer(self, op: Op, event: OpEvent) -> None:
        value = typed(event.value)
        op.body, op.order = bool(event.body), event.order
        if op.f not in _ANSWERS and not op.body:
            return
        if value is ABSENT:
            raise Refusal(f"is missing: an ok `{op.f}` says what came back", "value")
        if op.f in _ANSWERS_LIST or op.body:
            if not isinstance(value, list) or not all_scalars(value):
                got = "a list with others" if isinstance(value, list) else named_kind(value)
                raise Refusal(f"expected a list of JSON scalars, got {got}", "value")
        elif not isinstance(value, SCALARS):
            raise Refusal(f"expected a JSON scalar, got {named_kind(value)}", "value")
        elif op.f == "total" and value is not None and not is_number(value):
            raise Refusal("expected a number, or null: what a `total` is", "value")
        op.result = value
        if event.clock is not None:
            self._clock(op, event.clock)

    def _clock(self, op: Op, clock: Clock) -> None:
        """What was decoded is kept as plain JSON; `dots` stand beside the values, one each."""
        if clock.dots is not None and (not isinstance(op.result, list) or len(clock.dots) != len(op.result)):
            raise Refusal("`dots` needs one entry, or null, for each value that came back", "clock")
        op.clock = msgspec.to_builtins(clock)

    def _fault(self, event: FaultEvent, line: bytes) -> None:
        known = ("kind", "type", "time", "id", "fault", "nodes")
        details = {name: value for name, value in fields_of(line).items() if name not in known}
        id = str(event.id)
        fault = self._faults.get(id)
        if event.type == "requested":
            if fault is not None:
                raise Refusal(f"fault `{id}` was requested before; ids are unique", "id")
            fault = Fault(id, event.fault, list(event.nodes), event.time, details=details)
            self._faults[id] = fault
            self.history.faults.append(fault)
            return
        if fault is None:
            raise Refusal(
                f"fault `{id}` was never requested: `{event.type}` needs `requested` before it", "id"
            )
        if fault.fault != event.fault:
            raise Refusal(f"`{event.fault}` is not what `{id}` was requested as (`{fault.fault}`)", "fault")
        setattr(fault, event.type, event.time)
        fault.nodes += [node for node in event.nodes if node not in fault.nodes]
        largest = fault.details.get("max_offset_ms")
        fault.details.update(details)
        if largest is not None:
            fault.details["max_offset_ms"] = max(largest, fault.details["max_offset_ms"] or 0)

    def _phase(self, event: PhaseEvent, _line: bytes) -> None:
        self.history.phases.append((event.time, event.name))

    def _final(self, event: FinalEvent, _line: bytes) -> None:
        values = typed(event.values)
        if values is not None and not all_scalars(values):
            raise Refusal("expected JSON scalars in the list", "values")
        key = self._name(event.key)
        self.history.finals.append(Final(event.time, event.node, key, values, event.round))

    def _state(self, event: StateEvent, line: bytes) -> None:
        facts = fields_of(line)
        for name in ("kind", "time", "node"):
            del facts[name]
        self.history.states.append(State(event.time, event.node, facts))

    def _exit(self, event: ExitEvent, _line: bytes) -> None:
        before = [exit for exit in self.history.exits if exit.node == event.node and exit.serves is None]
        if event.type == "serves":
            if not before:
                raise Refusal(f"`{event.node}` had not ended: `serves` needs its `exit` before it", "node")
            for exit in before:
                exit.serves = event.time
            return
        last = [event.last] if isinstance(event.last, str) else event.last or []
        self.history.exits.append(
            Exit(event.time, event.node, event.code, event.signal, list(last), event.alive)
        )

    def _plain(self, event: NoteEvent | HarnessEvent, line: bytes) -> None:
        fields = fields_of(line)
        del fields["kind"]
        into = self.history.notes if isinstance(event, NoteEvent) else self.history.failures
        into.append(fields)
