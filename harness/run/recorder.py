"""Writes a run's history: one JSON line an event, in the order in which the controller saw it.

The file is version 1 of docs/history.md. Lines leave for the operating system whole, at least every
`FLUSH_EVERY` events and at each phase, so that even SIGKILL leaves a prefix that can be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import SchismError
from harness.testbeds.testbed import Exited

FLUSH_EVERY = 200
"""Events that may be lost to SIGKILL, at most."""


class Unwritable(SchismError):
    """The history cannot be written; the message names its file."""


class _Event(msgspec.Struct, tag_field="kind", tag="op", omit_defaults=True, gc=False):
    """What both lines of an operation begin with."""

    type: str
    op: int
    time: int
    process: int
    f: str
    key: str


class _Invocation(_Event, tag="op"):
    value: Any = None
    context: int | None = None
    node: str | None = None
    due: int | None = None
    items: Sequence[str] | None = None
    parent: int | None = None


class _Completion(_Event, tag="op"):
    value: Any = None
    error: str | None = None
    node: str | None = None
    attempts: int | None = None
    clock: dict[str, Any] | None = None


class _Final(msgspec.Struct, tag_field="kind", tag="final", gc=False):
    time: int
    node: str
    key: str
    values: list[str] | None
    round: int


class Recorder:
    """One history file, open for appending. `now` gives the time of every event (ns).

    Raises Unwritable once, naming the file, when it cannot be written; from then on events are dropped, so
    that the run can still be ended in order.
    """

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self.path = path
        self._now = now
        self._encode = msgspec.json.Encoder().encode
        self._lines: list[bytes] = []
        self._broken = False
        try:
            if path.is_symlink():
                path.unlink()  # a link of that name is replaced, never written through
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error

    def invoke(
        self,
        op: int,
        process: int,
        f: str,
        key: str,
        value: Any = None,
        context: int | None = None,
        node: str | None = None,
        due: int | None = None,
        items: Sequence[str] | None = None,
        parent: int | None = None,
    ) -> None:
        """A client asks."""
        self._append(
            _Invocation("invoke", op, self._now(), process, f, key, value, context, node, due, items, parent)
        )

    def complete(
        self,
        type: str,
        op: int,
        process: int,
        f: str,
        key: str,
        value: Any = None,
        error: str | None = None,
        node: str | None = None,
        attempts: int | None = None,
        clock: dict[str, Any] | None = None,
    ) -> None:
        """The answer: `ok`, `fail` or `info`; `attempts` if it was sent more than once."""
        time = self._now()
        self._append(_Completion(type, op, time, process, f, key, value, error, node, attempts, clock))

    def final(self, node: str, key: str, values: list[str] | None, round: int) -> None:
        """What one replica holds; None: it could not be read."""
        self._append(_Final(self._now(), node, key, values, round))

    def meta(self, **fields: Any) -> None:
        """The first line."""
        self._append({"kind": "meta", "version": 1, **fields})
        self.flush()

    def phase(self, name: str) -> None:
        """A phase begins; what came before is on its way to the disk."""
        self._append({"kind": "phase", "time": self._now(), "name": name})
        self.flush()

    def fault(self, type: str, id: str, fault: str, nodes: Sequence[str], details: dict[str, Any]) -> None:
        """One moment of one fault: `requested`, `effective`, `verified` or `healed`."""
        moment = {"kind": "fault", "type": type, "time": self._now(), "id": id, "fault": fault}
        assert not details.keys() & (moment.keys() | {"nodes"}), f"{fault}: details may not rename a fault"
        self._append({**moment, "nodes": list(nodes), **details})

    def state(self, node: str, facts: dict[str, Any]) -> None:
        """White-box facts that a node reported."""
        self._append({"kind": "state", "time": self._now(), "node": node, **facts})

    def exit(self, exited: Exited) -> None:
        """A node's process ended by itself; on its way to the disk at once."""
        said = {"code": exited.code, "signal": exited.signal, "alive": exited.alive}
        event = {"kind": "exit", "time": self._now(), "node": exited.node, "last": list(exited.last)}
        self._append(event | {name: value for name, value in said.items() if value is not None})
        self.flush()

    def serves(self, node: str) -> None:
        """A node that had ended by itself serves again."""
        self._append({"kind": "exit", "type": "serves", "time": self._now(), "node": node})

    def note(self, text: str) -> None:
        """Something worth seeing on the timeline; never judged."""
        self._append({"kind": "note", "time": self._now(), "text": text})

    def harness(self, where: str, error: str, op: int | None = None) -> None:
        """Our own failure, on its way to the disk at once."""
        event = {"kind": "harness", "time": self._now(), "where": where, "error": error}
        self._append(event if op is None else {**event, "op": op})
        self.flush()

    def flush(self) -> None:
        """Hand every whole line to the operating system."""
        if not self._lines:
            return
        chunk = memoryview(b"\n".join([*self._lines, b""]))
        self._lines.clear()
        if self._broken:
            return
        try:
            while chunk:
                chunk = chunk[self._file.write(chunk) or 0 :]
        except OSError as error:
            self._broken = True
            raise self._unwritable(error) from error

    def close(self) -> None:
        """Flush and close; may be called twice."""
        if not self._file.closed:
            try:
                self.flush()
            finally:
                self._file.close()

    def _append(self, event: Any) -> None:
        self._lines.append(self._encode(event))
        if len(self._lines) >= FLUSH_EVERY:
            self.flush()

    def _unwritable(self, error: OSError) -> Unwritable:
        reason = error.strerror or str(error)
        return Unwritable(
            f"{self.path}: cannot write the history: {reason}; free space or choose another --store"
        )
