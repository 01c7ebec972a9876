"""What judging one history says: every check's finding, the top verdict, and the chances it had to fail."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from checkers.model.values import plain
from checkers.verdict import Finding, Verdict, Violation

SHOWN = 100
"""Violations of one check that a report carries; the rest are counted."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check on one history."""

    name: str
    finding: Finding
    """As reported: `unknown` where a condition of the promise does not hold."""
    asserted: bool
    """Whether the finding counts for the top verdict."""
    why: str
    """Why it is asserted, measured or n/a."""
    seconds: float
    raw: Verdict
    """What the check said before the conditions."""
    failure: dict[str, Any] | None = None
    """The event of our own failure, if the check raised."""

    def to_json(self, timings: bool = True) -> dict[str, Any]:
        """As in docs/history.md, Judging."""
        found = self.finding
        report: dict[str, Any] = {"verdict": str(found.verdict), "asserted": self.asserted}
        if timings:
            report["seconds"] = round(self.seconds, 6)
        report["judged"] = found.judged
        if found.reason:
            report["reason"] = found.reason
        if self.why:
            report["why"] = self.why
        if self.raw != found.verdict:
            report["raw"] = str(self.raw)
        report["violations"] = [_violation(one) for one in found.violations[:SHOWN]]
        if len(found.violations) > SHOWN:
            report["violations_left_off"] = len(found.violations) - SHOWN
        report["stats"] = plain(found.stats)
        return report


def _violation(violation: Violation) -> dict[str, Any]:
    fields: dict[str, Any] = asdict(violation)
    fields["data"] = plain(fields["data"])
    del fields["always"]  # how it was folded, not what was found
    for name in ("ops", "proof", "nodes"):
        fields[name] = list(fields[name])
    return fields


@dataclass(slots=True)
class Report:
    """The whole of one judgement. `verdict` is that of a run on its own, minima of non-vacuity included."""

    verdict: Verdict
    reason: str
    before_minima: Verdict
    """The fold of what is asserted, before the minima: what a campaign pools (checkers.chances.vacuity)."""
    promise: str | None
    """What is promised: by the caller's word, else the history's."""
    judged_by: str | None
    """The promise whose checks were asserted: another where the configuration cannot keep that one."""
    ops: dict[str, int]
    """Top-level operations by outcome: ok, fail, info."""
    checks: dict[str, CheckReport]
    not_built: list[str]
    """Checks that the promise asserts and that do not exist yet: listed, not folded."""
    chances: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    """Failures of our own, recorded in the history or of a check: with any, the exit code is 3 unless 1."""

    @property
    def exit(self) -> int:
        """0 valid, 1 invalid, 2 unknown, 3 the harness itself failed (1 outranks 3, 3 outranks 2)."""
        if self.verdict is Verdict.INVALID:
            return 1
        if self.failures:
            return 3
        return 0 if self.verdict is Verdict.VALID else 2

    @property
    def violations(self) -> list[Violation]:
        """The violations of asserted checks, in the order of the checks."""
        return [one for check in self.checks.values() if check.asserted for one in check.finding.violations]

    def to_json(self, timings: bool = True) -> dict[str, Any]:
        """One JSON object; without `timings` it depends on nothing but the history and the promise."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "before_minima": str(self.before_minima),
            "promise": self.promise,
            "judged_by": self.judged_by,
            "ops": self.ops,
            "checks": {name: check.to_json(timings) for name, check in self.checks.items()},
            "not_built": self.not_built,
            "chances": self.chances,
            "warnings": self.warnings,
            "failures": self.failures,
        }

    def summary(self) -> dict[str, Any]:
        """The small part that a campaign keeps of every run and pools: see `checkers.chances.pooling`."""
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "before_minima": str(self.before_minima),
            "failure": self.failures[0]["error"] if self.failures else None,
            "chances": self.chances,
        }
