"""Whether a violation names operations that really show it, looked up in the history by hand."""

from __future__ import annotations

from collections.abc import Callable

from checkers.model.history import History, Op
from checkers.verdict import Violation

Shown = Callable[[History, Violation], bool]


def cited(history: History, violation: Violation) -> list[Op]:
    """The operations that it names, which must exist and be of its key."""
    by_id = {op.id: op for op in history.ops}
    found = [by_id[op] for op in violation.ops]
    assert all(violation.key in (None, op.key) for op in found)
    return found


def held_last(history: History, key: str | None) -> dict[str, list]:
    """node -> what it held of the key in the last round of finals."""
    finals = [final for final in history.finals if final.key == key]
    last = max(final.round for final in finals)
    return {final.node: final.values or [] for final in finals if final.round == last}


def lost(history: History, violation: Violation) -> bool:
    """An acknowledged put that no replica holds any more."""
    put = cited(history, violation)[0]
    return (
        put.f == "put"
        and put.ok
        and all(put.value not in held for held in held_last(history, put.key).values())
    )


def false_sibling(history: History, violation: Violation) -> bool:
    """A get that returned a value beside one that superseded it; or a final that holds both."""
    both = {violation.data["superseded"], violation.data["by"]}
    reads = [op.returned_values for op in cited(history, violation) if op.returned_values]
    reads += [held_last(history, violation.key)[node] for node in violation.nodes]
    puts = {op.value for op in cited(history, violation) if op.f == "put"}
    return both <= puts and any(both <= set(values) for values in reads)


def duplicate_sibling(history: History, violation: Violation) -> bool:
    """A get that returned one value more than once; or a final that holds it so."""
    value = violation.data["value"]
    reads = [op.returned_values for op in cited(history, violation) if op.returned_values]
    reads += [held_last(history, violation.key)[node] for node in violation.nodes]
    return any(values.count(value) > 1 for values in reads)


def phantom(history: History, violation: Violation) -> bool:
    """A value that nobody wrote to this key."""
    value = violation.data["value"]
    written = [op.value for op in history.ops if op.f == "put" and op.key == violation.key]
    reads = [op.returned_values for op in cited(history, violation) if op.returned_values]
    reads += [held_last(history, violation.key)[node] for node in violation.nodes]
    return value not in written and any(value in values for values in reads)


def apart(history: History, violation: Violation) -> bool:
    """Two replicas of which each was read, and which hold something else."""
    one, other = (sorted(held_last(history, violation.key)[node]) for node in violation.nodes)
    return one != other


def restless(history: History, violation: Violation) -> bool:
    """A node that reported it itself."""
    told = {state.node for state in history.states}
    return bool(violation.nodes) and told.issuperset(violation.nodes)


def stale(history: History, violation: Violation) -> bool:
    """A get that began after a put was acknowledged and did not return it."""
    put, get = cited(history, violation)
    return put.ok and put.ret < get.inv and put.value not in (get.returned_values or [])


def unavailable(history: History, violation: Violation) -> bool:
    """Writes that were refused or never answered."""
    found = cited(history, violation)
    return bool(found) and all(not op.ok for op in found)


SHOWN: dict[str, Shown] = {
    "lost-write": lost,
    "false-sibling": false_sibling,
    "duplicate-sibling": duplicate_sibling,
    "phantom": phantom,
    "convergence": apart,
    "quiescence": restless,
    "mvr-regular": stale,
    "availability": unavailable,
}
