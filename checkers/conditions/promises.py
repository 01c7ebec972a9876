"""Promises: which checks a system answers for, and under which named conditions.

The table is that of docs/promises.md, which is the contract: A = asserted, m = measured (shown, never folded
into the verdict), n/a = without meaning there. The words after A are the conditions; = is as before it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from checkers.errors import PromiseError

PROMISES = ("mvr-sloppy", "mvr-strict", "mvr-paper", "mvr-blind", "lww", "linearizable")

_TABLE = """
phantom aborted-read future-read | A | A | A | A | A | A
duplicate-sibling | A once | A once | m | A once | A once | n/a
false-sibling | A once | A once | m | m | A once | n/a
lost-write | A tolerable settled | A tolerable settled | m | m | m | n/a
unreplaced | m | m | A tolerable settled | A tolerable settled | A tolerable settled | n/a
zombie resurrection | A tolerable settled once unreaped | = | m | m | m | n/a
lww-inversion | m | m | m | m | A tolerable settled once clock-bound | n/a
unstable-read | A no-loss settled | A no-loss settled | m | m | m | n/a
convergence | A settled repairing | = | = | = | = | A settled finals
quiescence | A settled repairing | = | = | = | = | n/a
mvr-regular read-your-writes | m | A before-loss | m | m | m | n/a
monotonic-reads monotonic-writes | m | m | m | m | m | n/a
writes-follow-reads pram causal | m | m | m | m | m | n/a
safe lww-regular clock-audit | m | m | m | m | m | n/a
linearizable | m | m | m | m | m | A
k-atomicity delta-atomicity | m | m | m | m | m | m
staleness siblings | m | m | m | m | m | m
set counter | A tolerable settled | A tolerable settled | m | m | m | A
set-resurfaced | A observed-remove | A observed-remove | m | m | A observed-remove | A
availability | A | A | A | A | A | m
crash | A unallowed | = | = | = | = | =
"""

MULTI_VALUE = frozenset(
    [
        *("duplicate-sibling", "false-sibling", "lost-write", "unstable-read"),
        *("resurrection", "zombie", "mvr-regular", "siblings"),
    ]
)
"""Checks that would accuse a correct single-value register: n/a on read/write/cas histories."""

CONDITIONS = {
    "tolerable": "fewer than W nodes lost data, none during a ring change",
    "settled": "the store had its time to settle, undisturbed, and then every replica was read",
    "once": "values whose operation was sent more than once are excused",
    "clock-bound": "the distance between the nodes' clocks is known",
    "repairing": "anti-entropy is on, or nothing was lost and no power was cut",
    "no-loss": "no data loss at all, and no node left",
    "before-loss": "reads that returned before the first data loss or ring change",
    "finals": "there are final reads",
    "unreaped": "tombstones are kept",
    "unallowed": "the plan does not allow nodes to end by themselves",
    "observed-remove": "the system declares an observed-remove set",
}
"""The named conditions, in words."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a promise says of one check. `applies` is False where it is n/a."""

    asserted: bool
    applies: bool = True
    conditions: tuple[str, ...] = ()


@cache
def table() -> dict[str, dict[str, Terms]]:
    """Check -> promise -> terms, in the contract's order."""
    found: dict[str, dict[str, Terms]] = {}
    for line in _TABLE.strip().splitlines():
        names, *cells = (cell.split() for cell in line.split("|"))
        for at, cell in enumerate(cells):
            if cell == ["="]:
                cells[at] = cells[at - 1]
        for name in names:
            found[name] = {
                promise: Terms(kind == "A", kind != "n/a", tuple(conditions))
                for promise, (kind, *conditions) in zip(PROMISES, cells, strict=True)
            }
    return found


def known(promise: str | None) -> str | None:
    """The promise itself. Raises PromiseError, with what it could have meant, if there is no such promise."""
    if promise is None or promise in PROMISES:
        return promise
    close = difflib.get_close_matches(promise, PROMISES, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"known: {', '.join(PROMISES)}"
    raise PromiseError(f"unknown promise `{promise}`: {hint}")


def effective(promise: str | None, config: Mapping[str, Any]) -> tuple[str | None, str]:
    """The promise to judge by, and why it is not the declared one (empty if it is)."""
    n, r, w = (config.get(name) for name in "nrw")
    if promise == "mvr-strict" and n is not None and r is not None and w is not None and r + w <= n:
        return "mvr-sloppy", f"R+W = {r + w} does not exceed N = {n}: judged as mvr-sloppy, not mvr-strict"
    return promise, ""


def terms(check: str, promise: str | None, config: Mapping[str, Any]) -> Terms:
    """What `promise` says of `check`. Checks that no promise speaks of are measured."""
    effective_promise, _ = effective(promise, config)
    row = table().get(check)
    if row is None or effective_promise is None:
        return Terms(asserted=False)
    return row[effective_promise]


def asserted_by(promise: str | None, config: Mapping[str, Any]) -> list[str]:
    """The checks that `promise` asserts, built or not."""
    return [check for check in table() if terms(check, promise, config).asserted]
