"""Guarantees claimed against observed: one row a check, one column a system."""

from __future__ import annotations

from typing import Any

from harness.campaign import claims
from harness.report.model import claimed
from harness.report.model.campaign_model import CellBox, CellRow, ObservedCell, ObservedGroup, ObservedRow
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.findings import anchor
from harness.report.model.guarantees import GROUPS, GUARANTEES, guarantee
from harness.report.model.remedies import with_remedy
from harness.report.model.words import DESCRIPTIVE, GLYPHS
from harness.store import Row


def observed(record: CampaignRecord) -> tuple[ObservedGroup, ...]:
    """Every check that any run names, under its group; checks without violations by design are left out."""
    counted: claims.Claims = {}
    for row in record.rows:
        claims.count(counted, row)
    seen = claims.told(counted)
    order = [*(name for name in GUARANTEES if name in seen), *(c for c in seen if c not in GUARANTEES)]
    rows = [ObservedRow((c,), tuple(_cell(system, c, seen[c].get(system)) for system in record.systems))
            for c in order]  # fmt: skip
    found = []
    for title in GROUPS:
        mine = [row for row in rows if guarantee(row.checks[0]).group == title and _says(row)]
        if mine:
            found.append(ObservedGroup(title, tuple(_merged(mine)), _notes(record, mine)))
    return tuple(found)


def _says(row: ObservedRow) -> bool:
    """A row of nothing but n/a, or of a check that only describes, says nothing here."""
    return row.checks[0] not in DESCRIPTIVE and any(cell.text != "n/a" for cell in row.cells)


def _cell(system: str, check: str, seen: dict[str, Any] | None) -> ObservedCell:
    if seen is None or not seen["runs"]:
        return ObservedCell("", "n/a", 0, False, None)
    judged, broken, plus = seen["judged"], seen["invalid"], seen["unknown"]
    link = f"#{anchor(system, check)}" if broken else None
    others = tuple(claimed.others(seen))
    if seen["claimed"]:
        if broken:
            return ObservedCell("bad", f"broken in {broken} of {judged}", plus, True, link, others)
        if judged:
            return ObservedCell("ok", claimed.kept(seen), plus, True, None, others)
        words = "undecided" if plus else claimed.unjudged(seen)
        return ObservedCell("unk" if plus else "", words, plus, True, None, others)
    if broken:
        return ObservedCell("mea", f"{broken} of {judged}", plus, False, link)
    if judged:
        return ObservedCell("mok", f"none in {judged}", plus, False, None)
    return ObservedCell("unk" if plus else "", "undecided" if plus else "nothing to judge", plus, False, None)


def _notes(record: CampaignRecord, rows: list[ObservedRow]) -> tuple[tuple[str, str], ...]:
    """Why claimed checks were not judged in every run; those with the same reasons are told together."""
    told: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for system, cell in zip(record.systems, row.cells, strict=True):
            if cell.others:
                told.setdefault((system, "; ".join(cell.others)), []).append(row.checks[0])
    return tuple((f"{', '.join(checks)} in {system}", words) for (system, words), checks in told.items())


def _merged(rows: list[ObservedRow]) -> list[ObservedRow]:
    """Checks that read the same everywhere, and link nowhere, share a row."""
    merged: list[ObservedRow] = []
    for row in rows:
        if merged and merged[-1].cells == row.cells and not any(cell.href for cell in row.cells):
            merged[-1] = ObservedRow(merged[-1].checks + row.checks, row.cells)
        else:
            merged.append(row)
    return merged


def cell_rows(record: CampaignRecord) -> tuple[CellRow, ...]:
    """The matrix: workload x label of faults down, systems across."""
    verdicts: dict[tuple[str, str, str], dict[str, Any]] = {
        (cell["system"], cell["workload"], cell["nemesis"]): cell
        for cell in record.summary.get("cells") or []
    }
    runs: dict[tuple[str, str, str], list[Row]] = {at: [] for at in verdicts}
    for row in record.rows:
        runs.setdefault((row.system, row.workload, row.nemesis), []).append(row)
    found: list[CellRow] = []
    for workload, nemesis in dict.fromkeys((workload, nemesis) for _, workload, nemesis in runs):
        boxes = []
        for system in record.systems:
            at = (system, workload, nemesis)
            boxes.append(_box(verdicts.get(at, {}), runs[at]) if at in runs else None)
        first = not found or found[-1].workload != workload
        found.append(CellRow(workload, nemesis, first, tuple(boxes)))
    return tuple(found)


def _box(cell: dict[str, Any], rows: list[Row]) -> CellBox:
    verdict = str(cell.get("verdict", "unknown"))
    return CellBox(
        GLYPHS[verdict], verdict, tuple(map(kind, rows)), with_remedy(str(cell.get("reason") or ""))
    )


def kind(row: Row) -> str:
    """How a run's bar is drawn: `short` is a run without a counterexample, but too few chances of its own."""
    if row.verdict == "invalid":
        return "invalid"
    if row.failure or row.interrupted:
        return "harness"
    if row.verdict == "unknown" and row.before_minima == "valid":
        return "short"
    return row.verdict
