"""Real processes on this machine's loopback addresses, with a proxy on every directed link."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from harness.errors import UsageError
from harness.plan.options import OptionError
from harness.plan.schema import TestbedPlan
from harness.testbeds.local.testbed import LocalTestbed


class Local:
    """Makes testbeds of local processes."""

    name = "local"
    summary = "processes on loopback, a seeded proxy on each link, real time; needs no root"
    capabilities = LocalTestbed.capabilities
    options: Mapping[str, str] = {
        "latency_ms": "[least, most] that a proxy adds to each way of a plain link (default [0, 0])",
    }
    jobs = 1
    """Runs at once on one machine, unless the user says otherwise: timings need processors that are free."""

    def check(self, plan: TestbedPlan) -> None:
        """Raises UsageError on a bad option, before anything runs."""
        if "latency_ms" in plan.options:
            _span(plan.options["latency_ms"])

    def create(self, seed: int, plan: TestbedPlan) -> LocalTestbed:
        """A testbed with `plan.nodes` nodes n1, n2, ... Raises UsageError on a bad option."""
        if sys.platform == "win32":
            raise UsageError("testbed `local` needs the signals and process groups of Unix: use `sim`")
        nodes = [f"n{index + 1}" for index in range(plan.nodes)]
        for name in plan.options:
            if name not in self.options:
                known = ", ".join(self.options)
                raise UsageError(f"testbed.options: unknown option `{name}` (known: {known})")
        return LocalTestbed(seed, nodes, _span(plan.options.get("latency_ms", [0.0, 0.0])))


def _span(value: Any) -> tuple[float, float]:
    match value:
        case [int() | float() as least, int() | float() as most] if 0 <= least <= most <= 10_000:
            if not isinstance(least, bool) and not isinstance(most, bool):
                return (least, most)
    expected = "expected [least, most] in milliseconds, at most 10000"
    raise OptionError(f"testbed `local`: `latency_ms`: {expected}, got {str(value)[:60]}", "latency_ms")


TESTBEDS = (Local(),)
