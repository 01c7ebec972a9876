"""Faults in words: what each did to whom, and on which side of a wall each node was."""

from __future__ import annotations

from collections.abc import Sequence

from checkers.model.history import OPEN, Fault
from harness.report.model.words import clock, listing

_DONE = {
    "kill": "killed",
    "pause": "paused",
    "restart": "restarted",
    "power-cut": "lost power",
    "wipe": "wiped: killed, disk erased, started",
    "truncate": "had its log cut short",
    "bitflip": "had bits flipped on disk",
    "disk-full": "out of disk",
    "freeze": "frozen, clock and all",
    "join": "joined",
    "leave": "left",
}
DOWN = frozenset({"kill", "restart", "power-cut", "wipe", "pause", "freeze"})
"""Faults while which a node does not answer."""


def sides(fault: Fault, nodes: Sequence[str]) -> list[list[str]]:
    """Groups of nodes that can still talk both ways, largest first; one group: there is no wall."""
    blocked = {(a, b) for a, b in fault.details.get("blocked") or []}
    groups: list[list[str]] = []
    left = list(nodes)
    while left:
        group, frontier = [], [left.pop(0)]
        while frontier:
            node = frontier.pop(0)
            group.append(node)
            near = [n for n in left if (node, n) not in blocked and (n, node) not in blocked]
            left = [n for n in left if n not in near]
            frontier += near
        groups.append(sorted(group, key=list(nodes).index))
    return sorted(groups, key=lambda group: -len(group))


def one_way(fault: Fault, nodes: Sequence[str]) -> list[tuple[str, str]]:
    """Links between nodes that are blocked in this direction only."""
    blocked = [(a, b) for a, b in fault.details.get("blocked") or [] if a in nodes and b in nodes]
    return [(a, b) for a, b in blocked if (b, a) not in blocked]


def side_words(fault: Fault, nodes: Sequence[str]) -> str:
    """`n1 n2 | n3 n4 n5`, `n5 ↛ n1`, or what a shaped link does."""
    groups = sides(fault, nodes)
    if len(groups) > 1:
        return " | ".join(" ".join(group) for group in groups)
    links = one_way(fault, nodes)
    if links:
        shown = ", ".join(f"{a} ↛ {b}" for a, b in links[:3])
        return shown + (f" and {len(links) - 3} more" if len(links) > 3 else "")
    shape = fault.details.get("shape")
    if isinstance(shape, dict):
        parts = [
            f"{name.removesuffix('_ms')} {_amount(name, value)}" for name, value in shape.items() if value
        ]
        return ", ".join(parts) or "shaped"
    pairs = [(a, b) for a, b in fault.details.get("blocked") or [] if a in nodes and b in nodes and a < b]
    return ", ".join(f"{a} ≁ {b}" for a, b in pairs[:3]) + (
        f" and {len(pairs) - 3} more" if len(pairs) > 3 else ""
    )


def _amount(name: str, value: object) -> str:
    if not isinstance(value, int | float):
        return str(value)
    if name.endswith("_ms"):
        return f"{_three_digits(value)} ms"
    return f"{100 * value:.3g} %" if value <= 1 else _three_digits(value)


def _three_digits(value: float) -> str:
    """Three significant digits, and every digit before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def short(fault: Fault, nodes: Sequence[str]) -> str:
    """A label that fits over its shade."""
    who = " ".join(fault.nodes)
    if fault.fault in ("partition", "link"):
        words = side_words(fault, nodes)
        if len(words) > 44:
            words = words[:44].rpartition(",")[0] + " …"
        return f"{fault.fault}: {words}"
    return f"{fault.fault} {who}".strip()


def told(fault: Fault, nodes: Sequence[str]) -> str:
    """One clause of the table of operations: when, whom, what."""
    ended = f"–{clock(fault.healed, 1)}" if fault.healed is not None else ", never healed"
    when = clock(fault.effective if fault.effective is not None else fault.requested, 1) + ended
    who = listing(fault.nodes)
    if fault.fault in ("partition", "link"):
        what = f"{fault.fault}: {side_words(fault, nodes)}"
    elif fault.fault == "skew":
        most = fault.details.get("max_offset_ms")
        what = f"{who}: clock off" + (
            f" by up to {_three_digits(most)} ms" if isinstance(most, int | float) else ""
        )
    else:
        what = f"{who} {_DONE.get(fault.fault, fault.fault)}"
    return f"{when} {what}" + ("" if fault.verified is not None else " (not verified)")


def interval(fault: Fault, end: int) -> tuple[int, int]:
    """From effect to healing, in ns; what never ended lasts to `end`."""
    start = fault.effective if fault.effective is not None else fault.requested
    return start, end if fault.end == OPEN else fault.end


def in_effect(faults: Sequence[Fault], start: int, end: int) -> bool:
    """Whether any fault was in effect at some time from `start` to `end`."""
    return any(f.effective is not None and f.effective <= end and start <= f.end for f in faults)
