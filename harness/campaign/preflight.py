"""What only the registries can say of a plan, said before anything runs.

Names of systems, workloads, nemeses, testbeds and promises; their options; whether a testbed can do a
fault; whether a quorum tolerates the data loss that a fault brings. Everything wrong is one UsageError
that names file, line and field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from checkers.conditions.promises import PROMISES
from harness import registry
from harness.errors import UsageError
from harness.plan.document import Document
from harness.plan.load import Loaded
from harness.plan.options import OptionError
from harness.plan.schema import NemesisPlan, Plan, SystemPlan, TestbedPlan, WorkloadPlan
from harness.plan.suggest import did_you_mean
from harness.plan.variants import on_testbed
from harness.run.loss import lossy_faults


def check_names(loaded: Loaded) -> None:
    """Raise UsageError for the first thing in a plan or run that no extension knows or can do."""
    document, value = loaded.document, loaded.value
    testbed = _testbed(document, value.testbed)
    if isinstance(value, Plan):
        systems = [(f"$.systems[{i}]", entry) for i, entry in enumerate(value.systems)]
        workloads = [(f"$.workloads[{i}]", entry) for i, entry in enumerate(value.workloads)]
        nemeses = [(f"$.nemeses[{i}]", entry) for i, entry in enumerate(value.nemeses)]
    else:
        systems, workloads = [("$.system", value.system)], [("$.workload", value.workload)]
        nemeses = [("$.nemesis", value.nemesis)]
    for at, system in systems:
        _system(document, at, system, value.testbed)
    for at, workload in workloads:
        _workload(document, at, workload)
    for at, nemesis in nemeses:
        _nemesis(document, at, nemesis, testbed, value.testbed.name)
        _bearable(document, at, nemesis, [system for _, system in systems])
    _tolerable(document, systems, nemeses)


def check_variants(loaded: Loaded) -> None:
    """Raise UsageError for a variant of no testbed, or of one that it names wrongly in any part.

    All variants of a plan are checked, whichever is run: a slip of one would show only on its testbed.
    """
    document, value = loaded.document, loaded.value
    if not isinstance(value, Plan):
        return
    for name in value.variants:
        registry.find("testbeds", name, document.place(f"$.variants.{name}"))
        check_names(Loaded(*on_testbed(value, document, name)))


def _testbed(document: Document, plan: TestbedPlan) -> Any:
    found = registry.find("testbeds", plan.name, document.place("$.testbed.name"))
    _options(document, "$.testbed.options", found, plan.options)
    with _at(document, "$.testbed.options"):
        _own_check(found, plan)
    return found


def _own_check(extension: Any, *given: Any) -> None:
    """What the extension itself has to say of its part of the plan, where it has a `check`."""
    check = getattr(extension, "check", None)
    if check is not None:
        check(*given)


def _system(document: Document, at: str, plan: SystemPlan, testbed: TestbedPlan) -> None:
    found = registry.find("systems", plan.system, document.place(f"{at}.system"))
    if testbed.name not in found.testbeds:
        runs_on = ", ".join(found.testbeds)
        document.fail(
            f"{at}.system", f"`{plan.system}` does not run on `{testbed.name}` (it runs on {runs_on})"
        )
    _options(document, f"{at}.config", found, plan.config)
    with _at(document, f"{at}.config", plan.config):
        own = found.promise(plan.config)
        _own_check(found, plan.config, testbed)
    promise = own if plan.promise is None else plan.promise
    if promise not in PROMISES:
        document.fail(f"{at}.promise", f"unknown promise `{promise}`{did_you_mean(promise, PROMISES)}")
    if plan.config.get("clock_limit") and promise not in ("mvr-paper", "mvr-blind"):
        message = f"truncated clocks keep mvr-paper at most, not {promise}: leave it out or use mvr-paper"
        document.fail(f"{at}.config.clock_limit", message)


def _workload(document: Document, at: str, plan: WorkloadPlan) -> None:
    found = registry.find("workloads", plan.workload, document.place(f"{at}.workload"))
    _options(document, f"{at}.options", found, plan.options)
    with _at(document, f"{at}.options"):
        found.script(plan.options, Random(0))


def _bearable(document: Document, at: str, plan: NemesisPlan, systems: list[SystemPlan]) -> None:
    """Every system can be given every fault."""
    for index, lane in enumerate(plan.lanes):
        needs = registry.find("nemeses", lane.nemesis, "").needs
        for system in systems:
            lacks: frozenset[str] = getattr(registry.find("systems", system.system, ""), "lacks", frozenset())
            if missing := sorted(needs & lacks):
                message = f"`{lane.nemesis}` needs {', '.join(missing)}, which system `{system.system}` lacks"
                document.fail(f"{at}.lanes[{index}].nemesis", message)


def _nemesis(document: Document, at: str, plan: NemesisPlan, testbed: Any, testbed_name: str) -> None:
    for index, lane in enumerate(plan.lanes):
        place = f"{at}.lanes[{index}]"
        found = registry.find("nemeses", lane.nemesis, document.place(f"{place}.nemesis"))
        _options(document, f"{place}.options", found, lane.options)
        with _at(document, f"{place}.options"):
            found.check(lane.options)
        missing = sorted(found.needs - getattr(testbed, "capabilities", found.needs))
        if missing:
            message = f"`{lane.nemesis}` needs {', '.join(missing)}, which `{testbed_name}` cannot do"
            document.fail(f"{place}.nemesis", message)


def _tolerable(
    document: Document, systems: Sequence[tuple[str, SystemPlan]], nemeses: Sequence[tuple[str, NemesisPlan]]
) -> None:
    """W = 1 tolerates the loss of no node: a cell with a fault that loses data could never run it."""
    for at, system in systems:
        if system.config.get("w") != 1:
            continue
        lossy = lossy_faults(system.config)
        for where, nemesis in nemeses:
            if losing := sorted({lane.nemesis for lane in nemesis.lanes} & lossy):
                message = (
                    f"W = 1 tolerates no loss of data, but {where.removeprefix('$.')} brings `{losing[0]}`"
                )
                document.fail(f"{at}.config.w", f"{message}: use w: 2")


def _options(document: Document, at: str, extension: Any, given: dict[str, Any]) -> None:
    """Unknown options, where the extension documents its own."""
    known = getattr(extension, "options", None)
    for name in given:
        if known is not None and name not in known:
            document.fail(f"{at}.{name}", f"unknown option{did_you_mean(name, known)}")


class _at:
    """Puts file, line and field before whatever an extension says of its options."""

    def __init__(self, document: Document, at: str, given: Mapping[str, Any] | None = None) -> None:
        """`given`: options of which the message may name one."""
        self.document = document
        self.at = at
        self.given = given or {}

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: Any, error: BaseException | None, _traceback: Any) -> None:
        if isinstance(error, OptionError):
            self.document.fail(f"{self.at}.{error.option}", str(error))
        if isinstance(error, UsageError):
            named = next((word for word in re.findall(r"\w+", str(error)) if word in self.given), None)
            self.document.fail(self.at if named is None else f"{self.at}.{named}", str(error))
