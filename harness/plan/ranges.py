"""The range of every number of a plan. Beyond them a slip of the finger is likelier than a wish.

The widest that still ends: a run whose numbers are all at their worst takes minutes, not for ever. Numbers of
a system's configuration and of extensions' options have ranges of their own, where they are read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.plan.document import Document
from harness.plan.schema import LanePlan, WorkloadPlan

DAY_S = 86_400.0
MOST_NAMES = 1_000_000
"""Names that the clients of one run may take while one fault lasts (each timeout can retire one)."""


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; in words for messages."""

    low: float
    high: float
    unit: str = ""
    or_zero: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies within. No infinite number does, and NaN does not."""
        return self.low <= value <= self.high or (self.or_zero and value == 0)

    def __str__(self) -> str:
        zero = "0, or " if self.or_zero else ""
        return f"{zero}from {_plain(self.low)} to {_plain(self.high)}{self.unit and ' ' + self.unit}"


NODES = Range(1, 100)
OPERATIONS = Range(1, 10_000_000)
KEYS = Range(1, 10_000)
CLIENTS = Range(1, 10_000)
RATE = Range(0.001, 1_000_000, "operations a second", or_zero=True)
TIMEOUT = Range(0.001, 60, "seconds")
SPAN = Range(0, 3600, "seconds")
SETTLE = Range(0.001, 3600, "seconds")
RATIO = Range(0, 1)
GAP = Range(0.000_001, DAY_S, "seconds")
LATENCY = Range(0.001, 86_400_000, "milliseconds")


def require(document: Document, at: str, value: float, range: Range) -> None:
    """Refuse a number that is out of its range, with the range."""
    if not range.holds(value):
        document.fail(at, f"must be {range}, is {shown(value)}")


def workload(document: Document, at: str, plan: WorkloadPlan) -> None:
    """The numbers of a workload, and how long they make it."""
    for name, range in (("operations", OPERATIONS), ("keys", KEYS), ("clients", CLIENTS),
                        ("rate_per_s", RATE), ("timeout_s", TIMEOUT)):  # fmt: skip
        require(document, f"{at}.{name}", getattr(plan, name), range)
    if plan.rate_per_s and plan.operations / plan.rate_per_s > DAY_S:
        seconds = plan.operations / plan.rate_per_s
        message = f"{plan.operations} operations take {shown(seconds)} s: at most a day ({DAY_S:g} s)"
        document.fail(f"{at}.rate_per_s", message)


def lane(document: Document, at: str, plan: LanePlan, workloads: Sequence[WorkloadPlan]) -> None:
    """The spans of a lane, also beside the timeouts of the workloads that it meets."""
    for name, span in (("quiet_s", plan.quiet_s), ("hold_s", plan.hold_s)):
        if not (SPAN.holds(span[0]) and SPAN.holds(span[1]) and span[0] <= span[1]):
            message = f"must be [from, to], each {SPAN}, and from <= to"
            document.fail(f"{at}.{name}", f"{message}, is [{shown(span[0])}, {shown(span[1])}]")
    for one in workloads:
        names = one.clients * (2 + math.ceil(plan.hold_s[1] / one.timeout_s))
        if names > MOST_NAMES:
            message = f"{one.clients} clients may take {names} names in {plan.hold_s[1]:g} s"
            fix = (
                f"at most {MOST_NAMES}: shorten it, or give the workload fewer clients or a longer timeout_s"
            )
            document.fail(f"{at}.hold_s", f"{message} at a timeout of {one.timeout_s:g} s: {fix}")


def shown(value: float) -> str:
    """A number for a message: as it was given, unless that is long."""
    text = str(value)
    return text if len(text) <= 24 else f"{value:.6g}" if abs(value) < 1e300 else f"{text[:20]}…"


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:f}".rstrip("0")
