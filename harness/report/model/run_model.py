"""What a run's page says, once: plain values, no drawing and no markup.

Built by `run_page.build` from a run's folder; the templates and the drawings only read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from checkers.model.history import Fault, Final, History, Op


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a card: a name and its value; `mono` for what can be typed or grepped."""

    name: str
    value: str
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of an argument. `having_read` is the number of the get whose context it carried.

    `part_of` is the number of the cart operation that it carried out.
    """

    number: int
    op: int
    who: str
    invoked: str
    took_ms: str
    f: str
    value: str
    having_read: int | None
    part_of: int | None
    blind: bool
    answer: str
    answer_is_value: bool
    loud: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What happened between two operations: faults, healing, final reads."""

    text: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One violation, told in order: the promise, the operations, the argument.

    `numbers` gives each operation its ring; `loud` is the one that the violation is about. `window` is
    the time (ns) from the first operation to the last final read.
    """

    anchor: str
    check: str
    asserted: bool
    owed: str
    """Why a promised check is only measured in this run; empty where it is asserted, or not promised."""
    title: str
    key: str | None
    message: str
    promise: str
    source: str
    conditions: str
    rows: tuple[Step | Gap, ...]
    argument: tuple[str, ...]
    ops: tuple[Op, ...]
    contacts: dict[int, str]
    """The node that each operation contacted first, itself or through its inner operations."""
    numbers: dict[int, int]
    loud: int | None
    finals: tuple[Final, ...]
    faults: tuple[Fault, ...]
    window: tuple[int, int]
    focus: frozenset[str] = frozenset()
    """Items of carts that the argument is about."""
    shown_of: int = 1
    """How many violations the same check has in this run."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """Checks with the same finding and the same words, in one row of the table."""

    names: tuple[str, ...]
    finding: str
    glyph: str
    seen: str
    cost_ms: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """A part of the checks table."""

    title: str
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """Latency of one kind of operation, quiet or under a fault, in ms from the intended start."""

    f: str
    while_: str
    count: int
    unanswered: int
    p50: float | None
    p99: float | None
    worst: float | None
    ticks: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run, as its page tells it."""

    name: str
    seed: str
    verdict: str
    verdict_line: str
    headline: str
    lead: str
    facts: tuple[Fact, ...]
    replay: tuple[tuple[str, str], ...]
    proofs: tuple[Proof, ...]
    unshown: tuple[tuple[str, str], ...]
    """Violations without a proof of their own on the page: check and message."""
    groups: tuple[CheckGroup, ...]
    chances: tuple[Fact, ...]
    failures: tuple[str, ...]
    warnings: tuple[str, ...]
    latency: tuple[LatencyRow, ...]
    siblings: tuple[tuple[str, int], ...]
    """Non-empty ok gets by the number of values they returned, and how many there were."""
    environment: tuple[Fact, ...]
    plan: str
    history: History
    system: str = ""
    """The label of its system in the campaign's plan."""
    campaign: tuple[str, str] | None = None
    """The campaign's name and the way to its page, where there is one."""
