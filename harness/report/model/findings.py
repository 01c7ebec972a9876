"""What a campaign found, grouped by fingerprint: the shape of the anomaly and the label of the faults."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from harness.campaign.claims import outcome_of
from harness.report.model import bounds, carts
from harness.report.model.campaign_model import FindingGroup, Fingerprint, Shape
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.guarantees import GROUPS, GUARANTEES, guarantee
from harness.store import Row


def groups(record: CampaignRecord, asserted: bool) -> tuple[FindingGroup, ...]:
    """Every check of every system that some run violated while it was (not) asserted, most runs first."""
    found = []
    for system in record.systems:
        rows = record.of(system)
        for check in sorted({name for row in rows for name in row.checks}):
            hit = [row for row in rows if violated(row, check) and claimed(row, check) == asserted]
            if hit:
                found.append(_group(record, system, check, asserted, rows, hit))
    order = {label: place for place, label in enumerate(record.systems)}
    return tuple(sorted(found, key=lambda group: (-group.hits, order[group.system], group.check)))


def shapes(record: CampaignRecord, found: Sequence[FindingGroup]) -> tuple[Shape, ...]:
    """Findings of one check side by side, under columns that all of them share."""
    labels = dict.fromkeys(row.nemesis for row in record.rows)
    by_check: dict[str, list[FindingGroup]] = {}
    for group in sorted(found, key=lambda group: group.rank):
        by_check.setdefault(group.check, []).append(group)
    return tuple(
        Shape(check, tuple((label, _print_id(check, label)) for label in labels
                           if any(group.under(label) for group in some)), tuple(some))
        for check, some in by_check.items()
    )  # fmt: skip


def violated(row: Row, check: str) -> bool:
    """Whether the check found its pattern in this run."""
    return row.checks.get(check, {}).get("verdict") == "invalid"


def claimed(row: Row, check: str) -> bool:
    """Whether the run's promise answered for the check."""
    return bool(row.checks.get(check, {}).get("asserted"))


def judged(row: Row, check: str) -> bool:
    """Whether the check could tell: it had something to judge, and no condition was in the way."""
    return outcome_of(row.checks.get(check, {"verdict": "n/a"})) == "judged"


def anomalies(row: Row, check: str) -> int:
    """How many violations of the check the run has."""
    found: Any = row.checks.get(check, {}).get("violations", 0)
    return int(found) if isinstance(found, int) else len(found)


def anchor(system: str, check: str) -> str:
    """A short name that stays the same from night to night: it depends on what was found alone."""
    return f"{_initials(check)}-{_digest(system, check)}"


def rank(check: str) -> int:
    """The order in which a reader should hear of findings."""
    order = list(GUARANTEES)
    place = order.index(check) if check in order else len(order)
    group = 0 if check in _LOSSES else 1 + GROUPS.index(guarantee(check).group)
    return 1000 * group + place


_LOSSES = ("lost-write", "set")


def _initials(check: str) -> str:
    words = check.split("-")
    return "".join(word[0] for word in words) if len(words) > 1 else check[:2]


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=3).hexdigest()


def _group(
    record: CampaignRecord, system: str, check: str, asserted: bool, rows: list[Row], hit: list[Row]
) -> FindingGroup:
    could = [row for row in rows if judged(row, check) and claimed(row, check) == asserted]
    low, high = bounds.share(len(hit), len(could))
    total = sum(anomalies(row, check) for row in hit)
    labels = dict.fromkeys(row.nemesis for row in rows)
    prints = [_print(record, check, label, could, hit) for label in labels]
    first = _shortest(hit, check)
    return FindingGroup(
        anchor=anchor(system, check),
        system=system,
        check=check,
        asserted=asserted,
        title=guarantee(check).broken,
        example=_example(first, check),
        hits=len(hit),
        judged=len(could),
        low=low,
        high=high,
        anomalies=total,
        rate=_rate(total, sum(row.counts.get("ok", 0) for row in could)),
        replay=f"schism replay {record.path_words}/runs/{first.name}",
        rank=rank(check),
        prints=tuple(fingerprint for fingerprint in prints if fingerprint),
    )


def _print(
    record: CampaignRecord, check: str, label: str, could: Sequence[Row], hit: Sequence[Row]
) -> Fingerprint | None:
    mine = [row for row in hit if row.nemesis == label]
    under = [row for row in could if row.nemesis == label]
    if not under:
        return None
    low, high = bounds.share(len(mine), len(under))
    run = _shortest(mine, check).name if mine else ""
    return Fingerprint(
        id=_print_id(check, label),
        nemesis=label,
        workloads=tuple(dict.fromkeys(row.workload for row in mine)),
        hits=len(mine),
        judged=len(under),
        low=low,
        high=high,
        anomalies=sum(anomalies(row, check) for row in mine),
        run=run,
        run_href=f"runs/{run}/report.html" if run in record.pages else None,
        more_runs=tuple(row.name for row in mine if row.name != run)[:4],
    )


def _print_id(check: str, label: str) -> str:
    return f"{_initials(check)}-{_digest(check, label)}"


def example_runs(record: CampaignRecord) -> list[str]:
    """The runs that a finding shows, one a fingerprint: those get a page of their own."""
    names = [
        fingerprint.run
        for asserted in (True, False)
        for group in groups(record, asserted)
        for fingerprint in group.prints
        if fingerprint.run
    ]
    return list(dict.fromkeys(names))


def _shortest(rows: Sequence[Row], check: str) -> Row:
    """The run to show: the one with the fewest violations of it is the easiest to read."""
    return min(rows, key=lambda row: (anomalies(row, check), row.number))


def _example(row: Row, check: str) -> str:
    messages = (str(found.get("message", "")) for found in row.findings if found.get("check") == check)
    return carts.short(next(messages, ""))


def _rate(events: int, operations: int) -> str:
    """Anomalies per million acknowledged operations, with exact Poisson bounds."""
    if not operations:
        return ""
    low, high = (1e6 * bound / operations for bound in bounds.rate(events))
    about = per_million(1e6 * events / operations)
    return f"{about} per 10⁶ operations [{per_million(low)}–{per_million(high)}]"


def per_million(value: float) -> str:
    """A rate with about three significant digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
