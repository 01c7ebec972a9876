"""The card at the end of a campaign, as plain lines: cells, claimed against observed, findings, replay.

A line is (text, style); the style matters on a terminal only. Made from the campaign's summary
(`harness.campaign.summary`) and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.report.model import claimed
from harness.report.model.remedies import with_remedy
from harness.report.model.words import DESCRIPTIVE, plural

Line = tuple[str, str]

MARKS = {"valid": "✔", "invalid": "✘", "unknown": "?"}
STYLES = {"valid": "green", "invalid": "bold red", "unknown": "yellow"}
WORDS = {"valid": "kept its promise", "invalid": "BROKE its promise", "unknown": "undecided"}
SHOWN_FINDINGS = 3
SHOWN_FAILURES = 5
SHOWN_REASONS = 6


def card(summary: dict[str, Any], directory: Path) -> Iterator[Line]:
    """Every line of the card, the verdict and the seed last."""
    if not summary["systems"]:
        yield "", ""
        yield "  no run ended: there is nothing to judge", "yellow"
        return
    yield from _cells(summary)
    yield from _claims(summary)
    yield from _findings(summary, directory)
    yield from _failures(summary, directory)
    yield from _systems(summary)


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> list[str]:
    """Rows as aligned columns, two spaces apart."""
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    padded = ((cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in rows)
    return [f"{indent}{'  '.join(cells)}".rstrip() for cells in padded]


def counts(runs: dict[str, int]) -> str:
    """`7 valid, 1 unknown`: what is not zero."""
    return ", ".join(f"{count} {name}" for name, count in runs.items() if count) or "no runs"


def _cells(summary: dict[str, Any]) -> Iterator[Line]:
    systems = [system["system"] for system in summary["systems"]]
    by_row: dict[tuple[str, str], dict[str, str]] = {}
    for cell in summary["cells"]:
        shown = f"{MARKS[cell['verdict']]} {_share(cell['runs'])}"
        by_row.setdefault((cell["workload"], cell["nemesis"]), {})[cell["system"]] = shown
    rows = [["cells", "", *systems]]
    rows += [[*names, *(cells.get(system, "") for system in systems)] for names, cells in by_row.items()]
    yield "", ""
    header, *body = table(rows)
    yield header, "bold"
    yield from ((line, "") for line in body)
    begun = [cell for cell in summary["cells"] if sum(cell["runs"].values())]
    for cell in begun:
        if cell["verdict"] == "unknown":
            where = f"{cell['system']}, {cell['workload']}, {cell['nemesis']}"
            yield f"  ? {where}: {with_remedy(cell['reason'])}", "yellow"
    if left := len(summary["cells"]) - len(begun):
        yield f"  ? not begun, and so undecided: {plural(left, 'cell')} of {len(summary['cells'])}", "yellow"


def _share(runs: dict[str, int]) -> str:
    """`8/8` valid, or what is not: `1 invalid of 8`."""
    total = sum(runs.values())
    if not total:
        return "not begun"
    wrong = [f"{runs[name]} {name}" for name in ("invalid", "failed", "unknown") if runs[name]]
    return f"{', '.join(wrong)} of {total}" if wrong else f"{runs['valid']}/{total}"


def _claims(summary: dict[str, Any]) -> Iterator[Line]:
    systems = summary["systems"]
    rows = [["claimed, observed", *(system["system"] for system in systems)]]
    rows.append(["", *(system["promise"] for system in systems)])
    for check, by_system in summary["checks"].items():
        if check in DESCRIPTIVE:
            continue
        cells = [_claim(by_system.get(system["system"])) for system in systems]
        if any(cell not in ("", "·") for cell in cells):
            rows.append([check, *cells])
    yield "", ""
    header, *body = table(rows)
    yield header, "bold"
    yield from ((line, "") for line in body)
    yield from _not_everywhere(summary)


def _not_everywhere(summary: dict[str, Any]) -> Iterator[Line]:
    """Why a claimed check was not judged in every run; checks with the same reasons share a line."""
    told: dict[str, list[str]] = {}
    for check, by_system in summary["checks"].items():
        for system, seen in by_system.items():
            words = "; ".join(claimed.others(seen)) if check not in DESCRIPTIVE else ""
            if words:
                told.setdefault(f"{system}: {words}", []).append(check)
    for words, checks in list(told.items())[:SHOWN_REASONS]:
        yield f"  {', '.join(checks)} in {words}", "dim"
    if len(told) > SHOWN_REASONS:
        yield f"  {len(told) - SHOWN_REASONS} more reasons: see the report", "dim"


def _claim(seen: dict[str, Any] | None) -> str:
    """One check of one system: what was claimed is kept or broken, the rest is seen or not."""
    if seen is None or not seen.get("runs", seen["judged"] + seen["unknown"]):
        return "·"
    doubt = f" +{seen['unknown']}?" if seen["unknown"] else ""
    if seen["claimed"]:
        if seen["invalid"]:
            return f"✘ broken in {seen['invalid']} of {seen['judged']}{doubt}"
        if seen["judged"]:
            return f"✔ {claimed.kept(seen)}{doubt}"
        return f"{'?' if seen['unknown'] else '·'} {claimed.unjudged(seen)}"
    if seen["invalid"]:
        return f"· seen in {seen['invalid']} of {seen['judged']}{doubt}"
    return f"· none in {seen['judged']}{doubt}" if seen["judged"] or doubt else "·"


def _findings(summary: dict[str, Any], directory: Path) -> Iterator[Line]:
    """The first violations of promises, with their evidence and the command that replays them."""
    asserted = [finding for finding in summary["findings"] if finding["asserted"]]
    for finding in _various(asserted)[:SHOWN_FINDINGS]:
        yield "", ""
        yield f"  ✘ {finding['check']} · key {finding['key']} · {finding['run']}", "bold red"
        yield f"    {finding['message']}", ""
        for sentence in finding.get("proof", ()):
            yield f"    {sentence}", ""
        yield f"    replay: schism replay {directory / 'runs' / finding['run']}", "cyan"
    if len(asserted) > SHOWN_FINDINGS:
        yield "", ""
        yield f"  {len(asserted) - SHOWN_FINDINGS} more: see the report", ""


def _various(findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One finding of each check before a second of any, and never two of one check in one run."""
    first: list[dict[str, Any]] = []
    more: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for finding in findings:
        check, run = finding["check"], finding["run"]
        if (check, run) not in seen:
            (more if any(check == other for other, _ in seen) else first).append(finding)
            seen.add((check, run))
    return first + more


def _failures(summary: dict[str, Any], directory: Path) -> Iterator[Line]:
    for failure in summary["failures"][:SHOWN_FAILURES]:
        yield "", ""
        yield f"  ! harness failure in {failure['run']}: {failure['failure']}", "bold yellow"
        yield f"    replay: schism replay {directory / 'runs' / failure['run']}", "cyan"


def _systems(summary: dict[str, Any]) -> Iterator[Line]:
    yield "", ""
    rows = []
    for system in summary["systems"]:
        words = [MARKS[system["verdict"]], system["system"], system["promise"] or "—"]
        rows.append([*words, WORDS[system["verdict"]], counts(system["runs"])])
    for system, line in zip(summary["systems"], table(rows), strict=True):
        yield line, STYLES[system["verdict"]]
        if system.get("declared"):
            yield f"      {claimed.weaker(system['declared'], system['promise'])}", "yellow"
        if system["reason"]:
            yield f"      {system['reason']}", ""
