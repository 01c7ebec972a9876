"""The simulation: one thread, virtual time, one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import UsageError
from harness.plan.options import OptionError
from harness.plan.schema import TestbedPlan
from harness.testbeds.sim.testbed import SimTestbed

MOST_MS = 10_000
"""Slower links and disks than that make a run that waits and does nothing else."""


class Sim:
    """Makes simulated testbeds."""

    name = "sim"
    summary = "objects in one thread, virtual time, one seed; needs nothing"
    capabilities = SimTestbed.capabilities
    options: Mapping[str, str] = {
        "latency_ms": "[least, most] one-way latency of a plain link (default [0.3, 1.5])",
        "sync_ms": "[least, most] time of one disk sync (default [0.2, 1.0])",
    }

    def check(self, plan: TestbedPlan) -> None:
        """Raises UsageError on a bad option, before anything runs."""
        for name, value in plan.options.items():
            _span(name, value)

    def create(self, seed: int, plan: TestbedPlan) -> SimTestbed:
        """A testbed with `plan.nodes` nodes n1, n2, ... Raises UsageError on a bad option."""
        nodes = [f"n{index + 1}" for index in range(plan.nodes)]
        return SimTestbed(seed, nodes, **{name: _span(name, value) for name, value in plan.options.items()})


def _span(name: str, value: Any) -> tuple[float, float]:
    if name not in Sim.options:
        raise UsageError(f"testbed.options: unknown option `{name}` (known: {', '.join(Sim.options)})")
    match value:
        case [int() | float() as least, int() | float() as most] if 0 <= least <= most <= MOST_MS:
            if not isinstance(least, bool) and not isinstance(most, bool):
                return (least, most)
    expected = f"expected [least, most] in milliseconds, at most {MOST_MS}"
    raise OptionError(f"testbed `sim`: `{name}`: {expected}, got {str(value)[:60]}", name)


TESTBEDS = (Sim(),)
