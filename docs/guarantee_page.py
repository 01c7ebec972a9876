"""The generated part of docs/guarantees.md: each check in words, two drawn histories, who promises it."""

from __future__ import annotations

from collections.abc import Iterator

from checkers.conditions.promises import CONDITIONS, table
from checkers.registry import Check, checks
from tests.histories.examples import EXAMPLES, MEASURED
from tests.histories.timeline import drawn
from tests.planted.bugs import BUGS

_EXAMPLES = {example.check: example for example in EXAMPLES}


_NOT_DRAWN = (
    "not said yet, and no history is drawn: `tests/histories/examples.py` wants one that is kept, one broken."
)
"""Of a check that is new: the page can be made, and a test asks for the example."""


def guarantees() -> str:
    """One section a check, in the order in which they report."""
    return "\n" + "\n".join("\n".join(_section(one)) for one in checks().values()) + "\n"


def _section(one: Check) -> Iterator[str]:
    yield f"### `{one.name}`\n"
    yield f"**{one.guarantee}**\n"
    yield f"*Asks:* {one.question} [Definition](checks.md#{one.name}). *Source:* {one.source}.\n"
    example = _EXAMPLES.get(one.name)
    if example is None:
        yield f"*What it means:* {MEASURED.get(one.name, _NOT_DRAWN)}\n"
    else:
        yield f"Kept:\n\n```text\n{drawn(example.history(False))}{_beside(example, False)}```\n"
        yield f"Broken:\n\n```text\n{drawn(example.history(True))}{_beside(example, True)}```\n"
        yield f"*What a violation means:* {example.means}\n"
    yield f"*Promised by:* {_promised(one.name)}\n"
    if bugs := [bug for bug in BUGS if one.name in bug.checks]:
        told = ", ".join(f"{bug.number} ({bug.what})" for bug in bugs)
        yield f"*Planted bugs that it finds:* {told}.\n"


def _beside(example: object, broken: bool) -> str:
    """What a picture cannot show: clocks, reports of nodes, targets."""
    history = example.history(broken)  # type: ignore[attr-defined]
    clocks = [f"op {op.id}: {op.clock['vector']}" for op in history.ops if op.clock]
    lines = [f"clocks:  {'  '.join(clocks)}\n"] if clocks else []
    if history.states:
        hints = "  ".join(f"{state.node} {state.facts['hints']}" for state in history.states)
        lines.append(f"hints left:  {hints}\n")
    lines += [f"{one.node} ended, {one.how}:  {'  '.join(one.last)}\n" for one in history.exits]
    if target := history.config.get("put_success_min"):
        lines.append(f"target:  {target:.0%} of puts succeed\n")
    return "".join(lines)


def _promised(name: str) -> str:
    by_promise = table().get(name, {})
    told = []
    for promise, terms in by_promise.items():
        if terms.asserted:
            conditions = "; ".join(CONDITIONS[condition] for condition in terms.conditions)
            told.append(f"`{promise}`" + (f" (if {conditions})" if conditions else ""))
    return ", ".join(told) + "." if told else "none; it is measured everywhere."


def bugs() -> str:
    """Which planted bug makes which check fire, a row a check."""
    lines = ["| check | planted bugs | hand-made or mutated history |", "| --- | --- | --- |"]
    for name in checks():
        found = ", ".join(bug.number for bug in BUGS if name in bug.checks)
        example = "above" if name in _EXAMPLES else "only measures" if name in MEASURED else "not yet"
        lines.append(f"| `{name}` | {found or '–'} | {example} |")
    return "\n".join(lines) + "\n"
