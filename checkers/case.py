"""A history prepared for judging: one view a key, each part made when a check first asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from checkers.history import History, Op
from checkers.ledger import Ledger
from checkers.promises import Terms, terms
from checkers.rounds import Round, rounds_of
from checkers.sessions import Session, sessions_of
from checkers.sight import Sight
from checkers.verdict import Finding, Verdict, Violation
from checkers.versions import Mask, VersionOrder

if TYPE_CHECKING:
    from checkers.fast.screens import Screens

REGISTER_WRITES = frozenset({"put", "write", "cas"})
"""Functions that make a value which a read may return."""
LARGE = 20_000
"""Operations below which the checks themselves are as quick as any preparation."""


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

    def writer(self, value: Any) -> Op | None:
        """The (first) operation that wrote `value` on this key."""
        found = self.writers.get(value)
        return found[0] if found else None

    @cached_property
    def repeated(self) -> list[Any]:
        """Values that several operations write: only a foreign history has any."""
        return [value for value, writers in self.writers.items() if len(writers) > 1]

    @cached_property
    def order(self) -> VersionOrder:
        """What supersedes what."""
        return VersionOrder(self.ops, self._by_id)

    @cached_property
    def sight(self) -> Sight:
        """What its reads account for."""
        return Sight(self)

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
        for round in self.rounds:
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

    @property
    def last_round(self) -> Round | None:
        """The last complete round, settled or not."""
        return next((round for round in reversed(self.rounds) if round.complete), None)


_WRITING = REGISTER_WRITES | {"delete", "add", "remove", "incr"}


class Judgeable(NamedTuple):
    """Keys that a check of final reads can judge, each with its round, and why others cannot be."""

    keys: list[tuple[KeyView, Round]]
    reasons: list[str]

    @property
    def reason(self) -> str:
        """Why not all keys could be judged, in one line; empty if they could."""
        if not self.reasons:
            return ""
        more = f"; and {len(self.reasons) - 1} more keys" if len(self.reasons) > 1 else ""
        return self.reasons[0] + more

    def finding(self, count: int, violations: Iterable[Violation], **stats: Any) -> Finding:
        """Invalid if a judgeable key shows a violation, else unknown if some key could not be judged."""
        found = tuple(violations)
        verdict = Verdict.INVALID if found else Verdict.UNKNOWN if self.reasons else Verdict.VALID
        return Finding(verdict, count, found, self.reason, stats)


class Case:
    """One history under one promise (None: nothing is asserted). Views and ledger are made when asked for."""

    def __init__(self, history: History, promise: str | None = None) -> None:
        self.history = history
        self.promise = promise
        self.config = history.config

    @cached_property
    def screens(self) -> Screens | None:
        """What clears checks of a large history without making its operations; None of any other."""
        if getattr(self.history, "columns", None) is None and len(self.history.ops) < LARGE:
            return None
        if find_spec("numpy") is None:
            return None
        from checkers.fast.screens import screens_for  # numpy, and perhaps a compiler: only where it pays

        return screens_for(self)

    @cached_property
    def by_id(self) -> dict[int, Op]:
        """Operations by id."""
        return {op.id: op for op in self.history.ops}

    @cached_property
    def ledger(self) -> Ledger:
        """What the run's faults mean."""
        return Ledger(self.history)

    @cached_property
    def keys(self) -> dict[str, KeyView]:
        """Every key's view, in order of first appearance (operations, then final reads)."""
        views: dict[str, KeyView] = {}
        for op in self.history.ops:
            if op.key is not None:
                view = views.get(op.key)
                if view is None:
                    view = views[op.key] = KeyView(op.key, self.by_id)
                view.ops.append(op)
        for key, rounds in rounds_of(self.history.finals, self.config.get("n")).items():
            if key not in views:
                views[key] = KeyView(key, self.by_id)
            views[key].rounds = rounds
        return views

    def __iter__(self) -> Iterator[KeyView]:
        return iter(self.keys.values())

    @cached_property
    def sessions(self) -> list[Session]:
        """What each process did to registers, in its own order."""
        return sessions_of(self.history.ops)

    @cached_property
    def single_value(self) -> bool:
        """Whether this is a history of single-value registers."""
        return any(f in ("read", "write", "cas") for f in self.history.functions)

    @cached_property
    def single_winner(self) -> bool:
        """Whether versions replace each other whatever their contexts: single values, or last writer wins."""
        return self.single_value or self.promise == "lww" or self.config.get("mode") == "last-writer"

    @cached_property
    def repeats(self) -> str:
        """Why checks that need unique values are n/a, or empty: some key has one value written twice."""
        for view in self:
            if view.repeated:
                return f"key `{view.key}` has value {view.repeated[0]!r} written more than once"
        return ""

    def terms(self, check: str) -> Terms:
        """How the promise asserts this check, and under which conditions."""
        return terms(check, self.promise, self.config)

    def judgeable(self, check: str) -> Judgeable:
        """The keys whose final reads `check` may judge: those with a complete round, read once settled.

        Only an asserted check asks for settling; a measured one takes the last complete round as it is.
        A key with acknowledged writes and no such round is a reason for `unknown`; one without is left out.
        """
        found = Judgeable([], [])
        wanted = self.terms(check)
        ask = wanted.asserted and "settled" in wanted.conditions
        for view in self:
            rounds = self.settled_rounds(view) if ask else [r for r in view.rounds if r.complete]
            if rounds:
                found.keys.append((view, rounds[-1]))
            elif view.acknowledged:
                found.reasons.append(
                    f"key `{view.key}` has no complete round of final reads" + self._early(view)
                )
        return found

    def settled_rounds(self, view: KeyView) -> list[Round]:
        """The key's complete rounds that began once the store had had its time to settle."""
        since = self.ledger.settled_at
        return [round for round in view.rounds if round.complete and round.start >= since]

    def _early(self, view: KeyView) -> str:
        return " after settling" if view.last_round is not None else ""
