"""Checks in several processes: the same findings in the same order, failures of our own included."""

from __future__ import annotations

from checkers import check
from checkers.registry import Check, checks
from checkers.verdict import Finding
from tests.histories.correct_store import run


def judged(jobs: int, only: dict[str, Check] | None = None) -> dict[str, object]:
    return check(run(11, 1, 1, operations=40), only=only, jobs=jobs).to_json(timings=False)


def test_the_same_report_whatever_the_jobs() -> None:
    alone, shared = judged(1), judged(3)
    assert shared == alone
    assert list(shared["checks"]) == list(alone["checks"])  # type: ignore[call-overload]


def test_a_check_that_fails_elsewhere_is_unknown_here() -> None:
    def fail(_: object) -> Finding:
        raise ValueError("on purpose")

    broken = Check("phantom", "?", "!", "nowhere", fail)
    only = {**dict(list(checks().items())[:3]), "phantom": broken}
    alone, shared = judged(1, only), judged(2, only)
    assert shared == alone
    assert "phantom: ValueError: on purpose" in str(shared["failures"])
