"""The first screen's two questions after the verdict: what was found, and how much could have failed."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.model import bounds, findings
from harness.report.model.campaign_model import ChanceRow, FindingGroup, News
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.guarantees import GUARANTEES, SURVIVE
from harness.report.model.words import count_of, listing, of_runs, plural
from harness.store import Row

MOST_NEWS = 6
_WRITES = ("put", "delete", "add", "remove", "write", "cas", "incr")


def news(
    record: CampaignRecord, promised: Sequence[FindingGroup], measured: Sequence[FindingGroup]
) -> tuple[News, ...]:
    """Broken promises first, then our own failures, then what no promise forbids."""
    told = [_found("broken", "bad", group) for group in promised]
    failed = sum(bool(row.failure) for row in record.rows)
    if failed:
        text = f"{plural(failed, 'run')} ended by a failure of the harness; none counts as the system’s."
        told.append(News("harness", "unk", "#harness", "Harness failures", text))
    told += _measured(measured)
    return tuple(told[:MOST_NEWS])


def _measured(groups: Sequence[FindingGroup]) -> list[News]:
    """One line a shape, with each system that shows it: losses first."""
    shapes: dict[str, list[FindingGroup]] = {}
    for group in sorted(groups, key=lambda group: group.rank):
        shapes.setdefault(group.check, []).append(group)
    return [
        News("measured", "m", f"#{some[0].anchor}", some[0].title, listing([_runs(group) for group in some]))
        for some in shapes.values()
    ]


def _runs(group: FindingGroup) -> str:
    return f"{group.system} in {of_runs(group.hits, group.judged)}"


def _found(tag: str, cls: str, group: FindingGroup) -> News:
    low, high = 100 * group.low, 100 * group.high
    text = f"{group.system}, {of_runs(group.hits, group.judged)} [{low:.0f}–{high:.0f} %]"
    return News(tag, cls, f"#{group.anchor}", group.title, text)


def chances(record: CampaignRecord, system: str) -> ChanceRow:
    """Sums over the runs of one system."""
    rows = record.of(system)
    sums = {name: sum(count_of(row.chances.get(name)) for row in rows) for name in _CHANCES}
    return ChanceRow(
        system=system,
        ok=sums["ok"],
        conflicts=sums["conflicts"],
        stale_reads=sums["stale_reads"],
        verified=f"{sums['verified']:,} of {sums['faults']:,}",
        broken=_broken(rows),
    )


_CHANCES = ("ok", "conflicts", "stale_reads", "faults", "verified")


def _broken(rows: Sequence[Row]) -> str:
    """Writes that did not survive though it was promised, per million acknowledged, with Poisson bounds."""
    if not rows:
        return "no run"
    names = [name for name, words in GUARANTEES.items() if words.group == SURVIVE and name != "unstable-read"]
    promised = [(row, name) for row in rows for name in names if findings.claimed(row, name)]
    told = [(row, name) for row, name in promised if findings.judged(row, name)]
    if not told:
        undecided = any(row.checks[name].get("verdict") == "unknown" for row, name in promised)
        return "undecided" if undecided else "nothing to judge" if promised else "not promised"
    judged = {row.number: row for row, _ in told}.values()
    writes = sum(
        count_of(n) for row in judged for f, n in (row.chances.get("by_f") or {}).items() if f in _WRITES
    )
    events = sum(findings.anomalies(row, name) for row, name in told if findings.violated(row, name))
    if not writes:
        return "no write"
    low, high = (1e6 * bound / writes for bound in bounds.rate(events))
    per = findings.per_million
    return f"{per(1e6 * events / writes) if events else '0'} [{per(low) if low else '0'}–{per(high)}]"


def minima(record: CampaignRecord) -> str:
    """Whether the cells had enough chances to fail, and the faults were proven, in words."""
    cells = record.summary.get("cells") or []
    missed = [cell for cell in cells if cell["verdict"] == "unknown"]
    if not cells:
        return "No cell was begun."
    faults = sum(count_of(row.chances.get("faults")) for row in record.rows)
    verified = sum(count_of(row.chances.get("verified")) for row in record.rows)
    every = "The cell" if len(cells) == 1 else f"All {len(cells)} cells"
    said = (
        f"{every} had enough operations, conflicts and possibly stale reads to fail."
        if not missed
        else f"{len(cells) - len(missed)} of {len(cells)} cells can tell; the others say why in the matrix."
    )
    proven = "Every fault was" if verified == faults else f"{verified:,} of {faults:,} faults were"
    return f"{said} {proven} proven by an independent probe." if faults else said
