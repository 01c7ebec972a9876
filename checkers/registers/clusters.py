"""Clusters of one key of a single-value register: a write of a unique value, and the reads that returned
it.

All questions about atomicity with unique writes are about two times of each cluster: `first_end`, its
earliest return, and `last_start`, its latest invocation. The initial value is a write that ended before
time began. A write that nobody answered and nobody read is left out; one that was read never ends, so its
reads bound it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from checkers.case import Case
from checkers.model.history import OPEN, Op
from checkers.order.key_view import KeyView

BEGINNING = -1
"""The initial write ended then: before any operation of a history."""


@dataclass(slots=True)
class Cluster:
    """A write (None: the initial value) and its reads."""

    value: Any
    write: Op | None
    reads: list[Op] = field(default_factory=list)

    @property
    def write_inv(self) -> int:
        """When the write began."""
        return self.write.inv if self.write else BEGINNING

    @property
    def first_end(self) -> int:
        """The earliest return of its operations."""
        own = self.write.ret if self.write else BEGINNING
        return min(own, min((read.ret for read in self.reads), default=OPEN))

    @property
    def last_start(self) -> int:
        """The latest invocation of its operations."""
        return max(self.write_inv, max((read.inv for read in self.reads), default=BEGINNING))

    @property
    def ops(self) -> list[Op]:
        """Its operations, the write first."""
        return [*([self.write] if self.write else []), *self.reads]

    @property
    def in_words(self) -> str:
        """Its value, for a proof."""
        return "the initial value" if self.write is None else f"{self.value}"


@dataclass(slots=True)
class Clusters:
    """One key's clusters. With `why_not` they are not exact, and must not be judged."""

    key: str
    all: list[Cluster] = field(default_factory=list)
    unwritten: list[Op] = field(default_factory=list)
    """Reads of values that no write which may have happened wrote."""
    why_not: str = ""

    @property
    def operations(self) -> int:
        """How many operations they hold."""
        return sum(len(cluster.ops) for cluster in self.all) + len(self.unwritten)


def single_values(case: Case) -> str:
    """Why the history cannot be judged as one of single values; empty if it can."""
    for view in case:
        for get in view.gets:
            if len(get.result) > 1:
                return f"op {get.id} returned {len(get.result)} values at once: siblings, not a single value"
    return ""


def answer(op: Op) -> tuple[bool, Any]:
    """(whether there was a value, the value) of a read."""
    values = op.result if isinstance(op.result, list) else [op.result]
    return (True, values[0]) if values else (False, None)


def reads_of(view: KeyView) -> list[Op]:
    """Everything that read the key's single value, in order of invocation."""
    return [op for op in view.ops if op.type == "ok" and (op.f == "read" or op.returned_values is not None)]


def clusters_of(case: Case, view: KeyView) -> Clusters:
    """The clusters of one key, in order of their writes."""
    initial = case.history.meta.get("initial")
    found = Clusters(view.key, why_not=_why_not(view, initial))
    if found.why_not:
        return found
    first = Cluster(initial, None)
    by_value = {
        op.value: Cluster(op.value, op) for op in view.ops if op.f in ("put", "write") and op.type != "fail"
    }
    for read in reads_of(view):
        there, value = answer(read)
        cluster = by_value.get(value) if there else None
        if cluster is not None:
            cluster.reads.append(read)
        elif not there or value == initial:
            first.reads.append(read)
        else:
            found.unwritten.append(read)
    found.all = [first] if first.reads else []
    found.all += [
        one for one in by_value.values() if one.reads or (one.write is not None and one.write.type == "ok")
    ]
    return found


def _why_not(view: KeyView, initial: Any) -> str:
    if view.repeated:
        return f"key `{view.key}` has value {view.repeated[0]!r} written more than once"
    for op in view.ops:
        if op.f == "cas" and (op.type != "fail" or op.error == "mismatch"):
            return f"key `{view.key}` has compare-and-set operations"
        if op.type == "fail":
            continue
        if op.f == "delete":
            return f"key `{view.key}` has deletes (op {op.id})"
        if op.f in ("put", "write"):
            if op.attempts > 1:
                return f"op {op.id} on key `{view.key}` was sent {op.attempts} times: it may have acted twice"
            if op.body:
                return f"op {op.id} on key `{view.key}` both wrote and read"
            if op.value is None or op.value == initial:
                return f"op {op.id} on key `{view.key}` writes the initial value"
    return ""


def backwards(clusters: Iterable[Cluster]) -> list[tuple[Cluster, Op]]:
    """Reads that ended before their write began."""
    return [(cluster, read) for cluster in clusters for read in cluster.reads if read.ret < cluster.write_inv]
