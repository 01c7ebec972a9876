"""What of a plan is run on a testbed: the plan itself, with what its variant for that testbed replaces."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.plan.document import Document
from harness.plan.schema import Plan

_REPLACED = ("systems", "workloads", "nemeses", "seeds_per_cell", "settle_s")


def on_testbed(plan: Plan, document: Document, name: str) -> tuple[Plan, Document]:
    """The plan as it is on the testbed `name`, without variants, and the document that its complaints name.

    What the variant says takes the place of what the plan says, with the lines where it is said.
    """
    variant = plan.variants.get(name)
    testbed = msgspec.structs.replace(plan.testbed, name=name)
    if name != plan.testbed.name:
        testbed = msgspec.structs.replace(testbed, options={})
    if variant is None:
        return msgspec.structs.replace(plan, testbed=testbed, variants={}), document
    said: dict[str, Any] = {
        field: value for field in _REPLACED if (value := getattr(variant, field)) is not None
    }
    lines = dict(document.lines)
    for field in said:
        lines = _moved(lines, f"$.variants.{name}.{field}", f"$.{field}")
    if variant.options is not None:
        testbed = msgspec.structs.replace(testbed, options=variant.options)
        lines = _moved(lines, f"$.variants.{name}.options", "$.testbed.options")
    chosen = msgspec.structs.replace(plan, testbed=testbed, variants={}, **said)
    return chosen, Document(document.path, document.data, lines)


def _moved(lines: dict[str, int], source: str, target: str) -> dict[str, int]:
    kept = {at: line for at, line in lines.items() if not _below(at, target)}
    return kept | {target + at[len(source) :]: line for at, line in lines.items() if _below(at, source)}


def _below(at: str, place: str) -> bool:
    return at == place or at.startswith((f"{place}.", f"{place}["))
