"""Self-contained HTML pages: one for a run, one for a campaign. Same model, same bytes.

All text is escaped; a page loads nothing and needs no JavaScript.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from checkers.model.history import History
from harness.errors import UsageError
from harness.report.drawing import bars, legend, plots, spacetime, versions
from harness.report.drawing.marks import marked
from harness.report.drawing.timeline import Timeline
from harness.report.model import findings
from harness.report.model.campaign_model import CampaignPage, StripRow
from harness.report.model.campaign_source import CampaignRecord, read_campaign, read_facts, when
from harness.report.model.run_model import LatencyRow, RunPage
from harness.report.model.source import of_history, read_run
from harness.report.model.words import GLYPHS, of_runs, plural, visible
from harness.report.pages import campaign_page, run_page
from harness.store import DATABASE, CampaignFolder, write_anew

MOST_PAGES = 80


def write_history(path: Path, history: History, results: dict[str, Any], page: Path) -> Path:
    """Write the page of a history that belongs to no run, as it was judged."""
    return _write(page, render_run(run_page.build(of_history(path, history, results))))


def write_run(run_directory: Path, judge_missing: bool = False) -> Path:
    """Write `report.html` into a run’s folder. Raises UsageError if its history or verdicts are missing.

    Where it was killed before it was judged, `judge_missing` judges it now.
    """
    folder = read_run(run_directory, judge_missing)
    above = run_directory.resolve().parent.parent
    campaign = (above.name, "../../report.html") if (above / DATABASE).is_file() else None
    said = when(read_facts(above)) if campaign else ""
    return _write(run_directory / "report.html", render_run(run_page.build(folder, campaign, said)))


def render_run(page: RunPage) -> str:
    """The page of one run."""
    ticks = [tick for row in page.latency for tick in row.ticks]
    axis = plots.log_axis(ticks)

    def latency_strip(row: LatencyRow) -> Markup:
        return plots.strip(
            axis, row.ticks, row.p50, row.p99, f"{row.f}, {row.while_}: median {_ms(row.p50)} ms"
        )

    return _environment().get_template("run.html").render(
        page=page,
        spacetime=lambda proof: spacetime.draw(proof, page.history),
        legend=legend.legend,
        versions=lambda proof: versions.draw(proof, page.history),
        timeline=Timeline(page.history, page.proofs),
        latency_axis=plots.axis_labels(axis, "ms"),
        latency_strip=latency_strip,
        sibling_rows=plots.sibling_rows([page.siblings]),
        script=Markup((files("harness.report.drawing") / "timeline.js").read_text(encoding="utf-8")),
    )  # fmt: skip


def write_campaign(campaign_directory: Path) -> Path:
    """Write `report.html` into a campaign's folder, and into the folder of each run that it shows.

    Raises UsageError where there is no campaign.
    """
    record = read_campaign(campaign_directory)
    folder = CampaignFolder(campaign_directory)
    pages = [name for name in _shown(record) if _has_page(folder.run_directory(name))]
    record = replace(record, pages=frozenset(pages))
    return _write(campaign_directory / "report.html", render_campaign(campaign_page.build(record)))


def _has_page(run_directory: Path) -> bool:
    """Write the page of a run. A run that crashed or was dropped has none: its row says so."""
    try:
        write_run(run_directory)
    except UsageError:
        return False
    return True


def _shown(record: CampaignRecord) -> list[str]:
    """One run a fingerprint, and every run that broke a promise or that the harness failed, up to a limit."""
    loud = [row.name for row in record.rows if row.verdict == "invalid" or row.failure][:MOST_PAGES]
    return list(dict.fromkeys(loud + findings.example_runs(record)[:MOST_PAGES]))


def render_campaign(page: CampaignPage) -> str:
    """The page of one campaign."""
    agree = plots.log_axis([tick for row in page.convergence for tick in row.ticks])
    puts = plots.log_axis([tick for row in page.availability for tick in row.ticks])
    return _environment().get_template("campaign.html").render(
        page=page,
        labels=[system.label for system in page.systems],
        run_bars=bars.run_bars,
        interval_bar=bars.interval_bar,
        agree_axis=plots.axis_labels(agree, "s"),
        put_axis=plots.axis_labels(puts, "ms"),
        agree_strip=partial(_strip, agree, "s"),
        put_strip=partial(_strip, puts, "ms"),
        sibling_rows=plots.sibling_rows(page.siblings),
    )  # fmt: skip


def _strip(axis: plots.LogAxis, unit: str, row: StripRow) -> Markup:
    words = f"{row.system}, {row.label}: {plural(len(row.ticks), 'run')}, median {_ms(row.median)} {unit}"
    return plots.strip(axis, row.ticks, row.median, row.worst, words)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.report.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(marked=marked, ms=_ms, of_runs=of_runs, px=lambda value: f"{value:.0f}px")
    environment.globals.update(glyphs=GLYPHS, anchor=findings.anchor)
    return environment


def _seen(value: object) -> object:
    """Text of a history, with what would not be seen written out; our own markup as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _write(path: Path, page: str) -> Path:
    write_anew(path, page)
    return path
