"""What a campaign's page says, once: plain values, no drawing and no markup."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.model.run_model import Fact


@dataclass(frozen=True, slots=True)
class SystemColumn:
    """One system on the first screen: did it keep its own promise, and a bar for each run."""

    label: str
    promise: str
    verdict: str
    verdict_words: str
    glyph: str
    claim: str
    detail: str
    declared: str
    """What it promises, where it was judged by another promise; else empty."""
    settings: str
    """Its configuration, as far as the plan gives it."""
    cells: tuple[tuple[str, ...], ...]
    counts: tuple[tuple[str, str], ...]
    """Words and their class (`bad`, `unk` or nothing), in order."""
    runs: int


@dataclass(frozen=True, slots=True)
class News:
    """One line of what was found, with the way to its finding."""

    tag: str
    glyph: str
    href: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ChanceRow:
    """How much of one system could have failed, and the bound that this leaves."""

    system: str
    ok: int
    conflicts: int
    stale_reads: int
    verified: str
    broken: str


@dataclass(frozen=True, slots=True)
class CellBox:
    """One cell of the matrix: verdict, its runs, and why."""

    glyph: str
    verdict: str
    runs: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CellRow:
    """One workload and one label of faults, across the systems; `first` where the workload begins."""

    workload: str
    nemesis: str
    first: bool
    boxes: tuple[CellBox | None, ...]


@dataclass(frozen=True, slots=True)
class ObservedCell:
    """Claimed against observed, for one check of one system: `plus` counts runs that could not tell.

    `others` says why a claimed check was not judged in every run.
    """

    glyph: str
    text: str
    plus: int
    claimed: bool
    href: str | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """One check (or several that agree everywhere) across the systems."""

    checks: tuple[str, ...]
    cells: tuple[ObservedCell, ...]


@dataclass(frozen=True, slots=True)
class ObservedGroup:
    """Rows under one heading."""

    title: str
    rows: tuple[ObservedRow, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """Checks and system, and why they were not judged in every run."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One shape of anomaly under one label of faults: in how many judged runs, with exact bounds."""

    id: str
    nemesis: str
    workloads: tuple[str, ...]
    hits: int
    judged: int
    low: float
    high: float
    anomalies: int
    run: str
    run_href: str | None
    more_runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """One shape of anomaly of one system, over all its labels of faults."""

    anchor: str
    system: str
    check: str
    asserted: bool
    title: str
    example: str
    hits: int
    judged: int
    low: float
    high: float
    anomalies: int
    rate: str
    replay: str
    rank: int
    """Where it stands among findings: losses first, then impossible reads, then weaker models."""
    prints: tuple[Fingerprint, ...]

    def under(self, nemesis: str) -> Fingerprint | None:
        """The one of this label of faults, if any run under it was judged."""
        return next((one for one in self.prints if one.nemesis == nemesis), None)


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of anomaly that nobody promised against, over its systems.

    `columns` are the labels of faults and their fingerprints, one for all systems, though some system may
    have no judged run under a label.
    """

    check: str
    columns: tuple[tuple[str, str], ...]
    groups: tuple[FindingGroup, ...]


@dataclass(frozen=True, slots=True)
class StripRow:
    """One row of a strip plot: a tick a run, the median, the largest, and what stands beside."""

    system: str
    first: bool
    label: str
    ticks: tuple[float, ...]
    median: float | None
    worst: float | None
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign, as its page tells it."""

    name: str
    seed: str
    exit: int
    about: str
    when: str
    """When it was run and by which version; empty where its folder does not say."""
    headline: str
    lead: tuple[str, ...]
    systems: tuple[SystemColumn, ...]
    news: tuple[News, ...]
    chances: tuple[ChanceRow, ...]
    minima: str
    cells: tuple[CellRow, ...]
    observed: tuple[ObservedGroup, ...]
    promised: tuple[FindingGroup, ...]
    measured: tuple[FindingGroup, ...]
    shapes: tuple[Shape, ...]
    """The measured ones by check, the gravest first."""
    failures: tuple[tuple[str, str | None, str], ...]
    convergence: tuple[StripRow, ...]
    availability: tuple[StripRow, ...]
    siblings: tuple[tuple[tuple[str, int], ...], ...]
    false_siblings: tuple[str, ...]
    facts: tuple[Fact, ...]
    plan: str
    replay: tuple[tuple[str, str], ...]
