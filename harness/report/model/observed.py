"""Guarantees claimed against observed: one row a check, one column a system."""

from __future__ import annotations

from typing import Any

from harness.report.model.campaign_model import CellBox, CellRow, ObservedCell, ObservedGroup, ObservedRow
from harness.report.model.campaign_source import CampaignRecord
from harness.report.model.findings import anchor, claimed, judged, violated
from harness.report.model.guarantees import GROUPS, GUARANTEES, guarantee
from harness.report.model.words import DESCRIPTIVE, GLYPHS
from harness.store import Row


def observed(record: CampaignRecord) -> tuple[ObservedGroup, ...]:
    """Every check that any run names, under its group; checks without violations by design are left out."""
    checks = dict.fromkeys(name for row in record.rows for name in row.checks)
    order = [*(name for name in GUARANTEES if name in checks), *(c for c in checks if c not in GUARANTEES)]
    rows = [ObservedRow((check,), tuple(_cell(record, s, check) for s in record.systems)) for check in order]
    found = []
    for title in GROUPS:
        mine = [row for row in rows if guarantee(row.checks[0]).group == title and _says(row)]
        if mine:
            found.append(ObservedGroup(title, tuple(_merged(mine))))
    return tuple(found)


def _says(row: ObservedRow) -> bool:
    """A row of nothing but n/a, or of a check that only describes, says nothing here."""
    return row.checks[0] not in DESCRIPTIVE and any(cell.text != "n/a" for cell in row.cells)


def _cell(record: CampaignRecord, system: str, check: str) -> ObservedCell:
    rows = [row for row in record.of(system) if check in row.checks]
    asserted = [row for row in rows if claimed(row, check)]
    could = [row for row in asserted or rows if judged(row, check)]
    broken = [row for row in could if violated(row, check)]
    plus = sum(row.checks[check].get("verdict") == "unknown" for row in asserted or rows)
    link = f"#{anchor(system, check)}" if broken else None
    if asserted:
        if broken:
            return ObservedCell("bad", f"broken in {len(broken)} of {len(could)}", plus, True, link)
        if could:
            return ObservedCell("ok", f"kept in {len(could)}", plus, True, None)
        return ObservedCell("unk", "undecided", plus, True, None)
    if not could:
        return ObservedCell("unk" if plus else "", "undecided" if plus else "n/a", plus, False, None)
    if broken:
        return ObservedCell("mea", f"{len(broken)} of {len(could)}", plus, False, link)
    return ObservedCell("mok", f"none in {len(could)}", plus, False, None)


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
    runs: dict[tuple[str, str, str], list[Row]] = {}
    for row in record.rows:
        runs.setdefault((row.system, row.workload, row.nemesis), []).append(row)
    found: list[CellRow] = []
    for workload, nemesis in dict.fromkeys((row.workload, row.nemesis) for row in record.rows):
        boxes = []
        for system in record.systems:
            at = (system, workload, nemesis)
            boxes.append(_box(verdicts.get(at, {}), runs[at]) if at in runs else None)
        first = not found or found[-1].workload != workload
        found.append(CellRow(workload, nemesis, first, tuple(boxes)))
    return tuple(found)


def _box(cell: dict[str, Any], rows: list[Row]) -> CellBox:
    verdict = str(cell.get("verdict", "unknown"))
    return CellBox(GLYPHS[verdict], verdict, tuple(map(kind, rows)), str(cell.get("reason") or ""))


def kind(row: Row) -> str:
    """How a run's bar is drawn: `short` is a run without a counterexample, but too few chances of its own."""
    if row.verdict == "invalid":
        return "invalid"
    if row.failure or row.interrupted:
        return "harness"
    if row.verdict == "unknown" and row.before_minima == "valid":
        return "short"
    return row.verdict
