"""crash: a node's process that ended though nobody ended it.

Whatever a store promises, its nodes are to go on running: one that dies of a message, of a full disk or of
its own log is down when it is needed, and its supervisor hides that it happens. Judged from `exit` events
(docs/history.md); a plan may allow them. O(exits).
"""

from __future__ import annotations

from checkers.case import Case
from checkers.model.history import Exit, History
from checkers.model.words import at
from checkers.registry import check
from checkers.verdict import Finding, Violation, judged, not_applicable

NAME = "crash"


@check(
    NAME,
    question="Did a node end by itself?",
    guarantee="A node ends only when somebody ends it.",
    source="docs/promises.md (Nodes that end by themselves)",
)
def crash(case: Case) -> Finding:
    """Every exit is a violation. `judged` counts them: a history without any says nothing of crashes."""
    exits = case.history.exits
    if not exits:
        return not_applicable("the history tells of no node that ended by itself")
    counts: dict[str, int] = {}
    for exit in exits:
        counts[exit.node] = counts.get(exit.node, 0) + 1
    found = [_violation(case.history, exit) for exit in exits]
    return judged(len(exits), found, exits=counts)


def _violation(history: History, exit: Exit) -> Violation:
    why = exit.last[0] if exit.last else "it left no word"
    active = [fault for fault in history.faults if fault.requested <= exit.time <= fault.end]
    lines = [
        f"{exit.node} ended at {at(exit.time)} with {exit.how}; no fault had ended it",
        *(f"it said: {line}" for line in exit.last),
        *(f"meanwhile: {fault.fault} `{fault.id}` of {', '.join(fault.nodes)}" for fault in active),
    ]
    lines.append(
        "it was not seen to serve again"
        if exit.serves is None
        else f"started again, it served at {at(exit.serves)}"
    )
    data = {"time": exit.time, "code": exit.code, "signal": exit.signal, "last": exit.last}
    message = f"{exit.node} ended by itself ({exit.how}): {why}"
    return Violation(NAME, None, (), message, tuple(lines), (exit.node,), data)
