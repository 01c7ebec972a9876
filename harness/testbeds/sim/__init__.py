"""The simulation: one thread, virtual time, one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import UsageError
from harness.plan.schema import TestbedPlan
from harness.testbeds.sim.testbed import SimTestbed


class Sim:
    """Makes simulated testbeds."""

    name = "sim"
    summary = "objects in one thread, virtual time, one seed; needs nothing"
    capabilities = SimTestbed.capabilities
    options: Mapping[str, str] = {
        "latency_ms": "[least, most] one-way latency of a plain link (default [0.3, 1.5])",
        "sync_ms": "[least, most] time of one disk sync (default [0.2, 1.0])",
    }

    def create(self, seed: int, plan: TestbedPlan) -> SimTestbed:
        """A testbed with `plan.nodes` nodes n1, n2, ... Raises UsageError on a bad option."""
        nodes = [f"n{index + 1}" for index in range(plan.nodes)]
        return SimTestbed(seed, nodes, **{name: _span(name, value) for name, value in plan.options.items()})


def _span(name: str, value: Any) -> tuple[float, float]:
    if name not in Sim.options:
        raise UsageError(f"testbed.options: unknown option `{name}` (known: {', '.join(Sim.options)})")
    match value:
        case [int() | float() as least, int() | float() as most] if 0 <= least <= most:
            return (least, most)
    raise UsageError(f"testbed.options.{name}: expected [least, most] in milliseconds, got {value!r}")


TESTBEDS = (Sim(),)
