"""One key of a history: its operations, versions and final reads; each part made when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from checkers.model.history import Op
from checkers.model.rounds import Round
from checkers.model.sessions import REGISTER
from checkers.order.sight import Sight
from checkers.order.versions import Mask, VersionOrder

REGISTER_WRITES = frozenset({"put", "write", "cas"})
"""Functions that make a value which a read may return."""
_WRITING = REGISTER_WRITES | {"delete", "add", "remove", "incr"}


class Observation(NamedTuple):
    """Values that somebody read: a client's operation, or one replica's final read (`op` is None)."""

    values: list[Any]
    until: int
    """When the answer was there (ns)."""
    op: Op | None
    node: str | None

    @property
    def where(self) -> str:
        """Its name in a proof."""
        return f"op {self.op.id} ({self.op.f})" if self.op else f"the final read of {self.node}"

    @property
    def op_ids(self) -> tuple[int, ...]:
        """Its operation, if it is one."""
        return (self.op.id,) if self.op else ()

    @property
    def nodes(self) -> tuple[str, ...]:
        """Its replica, if it is a final read."""
        return () if self.op or self.node is None else (self.node,)


class KeyView:
    """One key: its operations (inner ones with parents included), its versions, its final reads."""

    def __init__(self, key: str, by_id: Mapping[int, Op]) -> None:
        self.key = key
        self.ops: list[Op] = []
        """All operations on this key, in order of invocation."""
        self.rounds: list[Round] = []
        """Rounds of final reads, by number."""
        self._by_id = by_id

    @cached_property
    def is_register(self) -> bool:
        """Whether its final reads are values that puts and writes made, not elements or sums.

        A set or counter that the store itself keeps has no operations on registers.
        """
        return not self.ops or any(op.f in REGISTER for op in self.ops)

    @cached_property
    def puts(self) -> list[Op]:
        """Puts of any outcome."""
        return [op for op in self.ops if op.f == "put"]

    @cached_property
    def deletes(self) -> list[Op]:
        """Deletes of any outcome."""
        return [op for op in self.ops if op.f == "delete"]

    @cached_property
    def acked_puts(self) -> list[Op]:
        """Acknowledged puts."""
        return [op for op in self.puts if op.type == "ok"]

    @cached_property
    def gets(self) -> list[Op]:
        """Reads of the register that returned values: ok gets, and ok writes with a body."""
        return [op for op in self.ops if op.returned_values is not None]

    @cached_property
    def writers(self) -> dict[Any, list[Op]]:
        """Value -> the puts, writes and cas that would make it, in order of invocation."""
        found: dict[Any, list[Op]] = {}
        for op in self.ops:
            if op.f in REGISTER_WRITES:
                found.setdefault(op.value[1] if op.f == "cas" else op.value, []).append(op)
        return found

    def able(self, value: Any) -> list[Op]:
        """The operations that may have written `value` on this key: all but those that failed."""
        return [op for op in self.writers.get(value, ()) if op.type != "fail"]

    def writer(self, value: Any) -> Op | None:
        """The (first) operation that may have written `value` on this key; a failed one if there is no
        other."""
        found = self.able(value) or self.writers.get(value)
        return found[0] if found else None

    @cached_property
    def repeated(self) -> list[Any]:
        """Values that several operations may have written: only a foreign history has any."""
        return [value for value in self.writers if len(self.able(value)) > 1]

    @cached_property
    def order(self) -> VersionOrder:
        """What may supersede what: a repeated value stands for all of its puts, so this is the most.

        What it does not explain, nothing explains: good for accusing of what is missing.
        """
        return VersionOrder(self.ops, self._by_id)

    @cached_property
    def certain(self) -> VersionOrder:
        """What certainly supersedes what: repeated values stand for nothing, so this is the least.

        Good for accusing of what is there. The same as `order` where no value is repeated; the same bits.
        """
        return VersionOrder(self.ops, self._by_id, without=self.repeated) if self.repeated else self.order

    @cached_property
    def sight(self) -> Sight:
        """What its reads account for."""
        return Sight(self.order, self.certain, self.puts, self.deletes)

    @cached_property
    def deleted(self) -> Mask:
        """Del(k, forever): what any ok or info delete may hide."""
        return self.order.deleted() if self.deletes else 0

    @cached_property
    def observations(self) -> list[Observation]:
        """Everything that anybody read: clients in order of invocation, then replicas round by round."""
        found = [Observation(op.result, op.ret, op, op.node) for op in self.gets]
        found += [
            Observation([op.result], op.ret, op, op.node)
            for op in self.ops
            if op.f == "read" and op.type == "ok" and op.result is not None
        ]
        for round in self.rounds if self.is_register else ():
            found += [
                Observation(final.values, final.time, None, final.node)
                for final in round.finals
                if final.values is not None
            ]
        return found

    @cached_property
    def observed(self) -> Mask:
        """The puts that some ok read or final read returned, and all below them: facts."""
        mask = 0
        for seen in self.observations:
            mask |= self.order.mask(seen.values)
        return self.order.down(mask)

    @cached_property
    def determined(self) -> Mask:
        """E: the puts that certainly happened: acknowledged, or observed."""
        return self.observed | self.order.mask_of(self.acked_puts)

    @property
    def acknowledged(self) -> bool:
        """Whether any write of this key was acknowledged."""
        return any(op.type == "ok" and op.f in _WRITING for op in self.ops)

    @cached_property
    def judging_rounds(self) -> list[Round]:
        """The complete rounds that began when every acknowledged write had ended, settled or not.

        What an earlier round lacks may have been written after it.
        """
        written = max((op.ret for op in self.ops if op.type == "ok" and op.f in _WRITING), default=-1)
        return [round for round in self.rounds if round.complete and round.start > written]

    @property
    def last_round(self) -> Round | None:
        """The last complete round, settled or not."""
        return next((round for round in reversed(self.rounds) if round.complete), None)
