"""Verdicts: what a check found, and how findings fold into one answer.

A finding is `valid`, `invalid` with evidence, `unknown` with its reason, or `n/a` where the history
cannot contain the pattern. The top verdict is the worst asserted one: invalid > unknown > valid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """The answer of one check, or of a whole run."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "n/a"


_WORST_FIRST = (Verdict.INVALID, Verdict.UNKNOWN, Verdict.VALID)


def fold(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; `n/a` is left out, and nothing at all is `unknown`."""
    seen = set(verdicts)
    return next((verdict for verdict in _WORST_FIRST if verdict in seen), Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Violation:
    """One contradiction, small enough to read.

    `ops` are the operations that show it, by id, in the order of the argument: remove any one and the
    claim no longer follows. `proof` is the argument, a sentence a line, ending in the contradiction.
    `nodes` are the replicas whose final reads it cites; `data` is what a report draws (times in ns).
    `always`: no promise and no fault excuses it, so it counts whatever the conditions of its check.
    """

    kind: str
    key: str | None
    ops: tuple[int, ...]
    message: str
    proof: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    always: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of one history.

    `judged` counts what was looked at (reads, writes, keys: the check says which in `stats`); zero means
    that the check had nothing to judge. `reason` is set on `unknown` and `n/a`, and may explain the rest.
    `unconditional` counts what could show violations that are asserted `always`.
    """

    verdict: Verdict
    judged: int = 0
    violations: tuple[Violation, ...] = ()
    reason: str = ""
    stats: dict[str, Any] = field(default_factory=dict)
    unconditional: int = 0


def valid(judged: int, **stats: Any) -> Finding:
    """Nothing bad was found among `judged` chances."""
    return Finding(Verdict.VALID, judged, stats=stats)


def invalid(judged: int, violations: Iterable[Violation], **stats: Any) -> Finding:
    """The pattern was found: at least one violation."""
    found = tuple(violations)
    assert found, "an invalid finding needs a violation"
    return Finding(Verdict.INVALID, judged, found, stats=stats)


def judged(count: int, violations: Iterable[Violation], **stats: Any) -> Finding:
    """Invalid if there is a violation, else valid."""
    found = tuple(violations)
    return invalid(count, found, **stats) if found else valid(count, **stats)


def unknown(reason: str, judged: int = 0, **stats: Any) -> Finding:
    """The history does not tell; `reason` says what is missing."""
    return Finding(Verdict.UNKNOWN, judged, reason=reason, stats=stats)


def not_applicable(reason: str) -> Finding:
    """The check has no meaning here."""
    return Finding(Verdict.NOT_APPLICABLE, reason=reason)
