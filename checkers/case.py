"""A history prepared for judging: one view a key, each part made when a check first asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from checkers.conditions.ledger import Ledger
from checkers.conditions.promises import Terms, terms
from checkers.model.history import History, Op
from checkers.model.rounds import REMEDY, Round, rounds_of
from checkers.model.sessions import Session, sessions_of
from checkers.order.key_view import KeyView
from checkers.verdict import Finding, Verdict, Violation


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

    def __init__(
        self, history: History, promise: str | None = None, time_limit_s: float | None = None
    ) -> None:
        self.history = history
        self.time_limit_s = time_limit_s
        """How long a search may take, by the clock; None: as many steps as it has, on any machine."""
        self.promise = promise
        self.config = history.config

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
        """Why not every key can be judged to the end, or empty: some key has one value written twice."""
        return next((reason for view in self if (reason := self.repeat(view))), "")

    def repeat(self, view: KeyView) -> str:
        """Why this key cannot be judged to the end, or empty: one value of it is written twice."""
        if not view.repeated:
            return ""
        return f"key `{view.key}` has value {view.repeated[0]!r} written more than once"

    def as_far(self, finding: Finding, reason: str | None = None) -> Finding:
        """A finding of what could be told: valid only if nothing was left open (None: by repeated values)."""
        open = self.repeats if reason is None else reason
        if not open or finding.verdict is not Verdict.VALID:
            return finding
        return replace(finding, verdict=Verdict.UNKNOWN, reason=f"not all could be told: {open}")

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
            rounds = self.settled_rounds(view) if ask else view.judging_rounds
            if rounds:
                found.keys.append((view, rounds[-1]))
            elif view.acknowledged:
                found.reasons.append(
                    f"key `{view.key}` has no complete round of final reads{self._early(view)}: {REMEDY}"
                )
        return found

    def settled_rounds(self, view: KeyView) -> list[Round]:
        """The key's judging rounds that began once the store had had its time to settle."""
        since = self.ledger.settled_at
        return [round for round in view.judging_rounds if round.start >= since]

    def _early(self, view: KeyView) -> str:
        if view.last_round is None:
            return ""
        return " after settling" if view.judging_rounds else " after its last acknowledged write"
