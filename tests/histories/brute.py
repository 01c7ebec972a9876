"""The definitions of the checks, written as they are defined and slowly: sets, closures, loops over loops.

Nothing here is shared with the checkers: tests compare the two on small histories. Each function gives the
set of accused values (or of (get, value) pairs), for one key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checkers.model.history import History, Op


class Brute:
    """One key of a history. Final values are those of round 1."""

    def __init__(self, history: History, key: str = "x") -> None:
        self.ops = [op for op in history.ops if op.key == key]
        self.by_id = {op.id: op for op in self.ops}
        self.puts = {op.value: op for op in self.ops if op.f == "put"}
        self.gets = [op for op in self.ops if op.f == "get" and op.ok]
        self.deletes = [op for op in self.ops if op.f == "delete" and op.type != "fail"]
        self.finals = {f.node: f.values for f in history.finals if f.key == key}
        self.held = {value for values in self.finals.values() for value in values or ()}

    def context(self, op: Op) -> set[Any]:
        """C(op): the values that its context stood for."""
        sources = op.context if isinstance(op.context, list) else [op.context]
        return {value for source in sources if source is not None for value in self.by_id[source].result}

    def down(self, values: Iterable[Any]) -> set[Any]:
        """These values and all that they supersede, by closure."""
        below = set(values)
        while True:
            more = {v for value in below if value in self.puts for v in self.context(self.puts[value])}
            if more <= below:
                return below
            below |= more

    def under(self, value: Any) -> set[Any]:
        """What a value supersedes, itself left out."""
        return self.down(self.context(self.puts[value])) if value in self.puts else set()

    def deletable(self, before: int | None = None) -> set[Any]:
        """Del(k, t): what ok or info deletes invoked before t may hide; equal times are concurrent."""
        deletes = [op for op in self.deletes if before is None or op.inv <= before]
        return {value for op in deletes for value in self.down(self.context(op))}

    def determined(self) -> set[Any]:
        """Values that certainly took effect: acknowledged, seen, or below one that was seen."""
        seen = self.held | {value for get in self.gets for value in get.result}
        return {value for value, op in self.puts.items() if op.ok} | self.down(seen)

    def lost(self) -> set[Any]:
        """Acknowledged, and neither held at the end nor covered by what is, nor by a delete."""
        gone = set(self.puts) - self.down(self.held) - self.deletable()
        return {value for value in gone if self.puts[value].ok}

    def root_losses(self) -> set[Any]:
        """Losses that no lost write supersedes."""
        lost = self.lost()
        return {value for value in lost if not any(value in self.under(other) for other in lost)}

    def unstable(self) -> set[Any]:
        """Took effect without an acknowledgement, and gone as in `lost`."""
        gone = self.determined() & set(self.puts) - self.down(self.held) - self.deletable()
        return {value for value in gone if self.puts[value].type == "info"}

    def false_siblings(self) -> set[tuple[Any, Any, Any]]:
        """(read, v, u): both returned by one read (a get's id, or a final's node), though u supersedes v."""
        reads: list[tuple[Any, list[Any]]] = [(get.id, get.result) for get in self.gets]
        reads += [(node, values) for node, values in self.finals.items() if values]
        return {
            (read, v, u)
            for read, values in reads
            for u in values
            for v in values
            if u != v and v in self.under(u) and not self.retried(v)
        }

    def duplicates(self) -> set[tuple[int, Any]]:
        """(get, v): returned twice by a get, though sent once."""
        return {
            (get.id, v)
            for get in self.gets
            for v in get.result
            if get.result.count(v) > 1 and not self.retried(v)
        }

    def retried(self, value: Any) -> bool:
        """Sent more than once: it may have two dots."""
        return value in self.puts and self.puts[value].attempts > 1

    def zombies(self) -> set[Any]:
        """Held at the end, though an acknowledged delete covered it."""
        deleted = {v for op in self.deletes if op.ok for v in self.down(self.context(op))}
        return {value for value in self.held & deleted if not self.retried(value)}

    def resurrected(self) -> set[Any]:
        """Held at the end, though an acknowledged put supersedes it."""
        acked = [value for value, op in self.puts.items() if op.ok]
        return {v for v in self.held if not self.retried(v) and any(v in self.under(u) for u in acked)}

    def irregular(self) -> set[tuple[int, Any]]:
        """(get, w): w was acknowledged before the get began, and the get does not account for it."""
        return {
            (get.id, value)
            for get in self.gets
            for value, put in self.puts.items()
            if put.ok and put.ret < get.inv
            if value not in self.down(get.result) | self.deletable(get.ret)
        }
