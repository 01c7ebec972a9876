"""Self-contained HTML pages: one for a run, one for a campaign. Same model, same bytes.

All text is escaped; a page loads nothing and needs no JavaScript.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.report import plots, run_page, spacetime, versions
from harness.report.model import LatencyRow, Proof, RunPage
from harness.report.source import read_run
from harness.report.timeline import Timeline
from harness.report.words import GLYPHS
from harness.store import writing

_MARKS = re.compile(r"#(\d+)|`([^`]+)`")


def write_run(run_directory: Path) -> Path:
    """Write `report.html` into a run’s folder. Raises UsageError if its history or verdicts are missing."""
    folder = read_run(run_directory)
    above = run_directory.resolve().parent.parent
    campaign = (above.name, "../../report.html") if (above / "campaign.db").exists() else None
    return _write(run_directory / "report.html", render_run(run_page.build(folder, campaign)))


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
        versions=lambda proof: versions.draw(proof, page.history),
        timeline=Timeline(page.history, page.proofs),
        latency_axis=plots.axis_labels(axis, "ms"),
        latency_strip=latency_strip,
        sibling_rows=plots.sibling_rows([page.siblings]),
        script=Markup((files("harness.report") / "timeline.js").read_text(encoding="utf-8")),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(rings=rings, marked=rings, ms=_ms, px=lambda value: f"{value:.0f}px")
    environment.globals["glyphs"] = GLYPHS
    return environment


def rings(text: str, proof: Proof | None = None) -> Markup:
    """A line of an argument: `#12` becomes the ring of that operation, backticks become code."""
    numbers = proof.numbers if proof else {}

    def mark(match: re.Match[str]) -> Markup:
        if match[2] is not None:
            return Markup("<code>{}</code>").format(match[2])
        number = numbers.get(int(match[1]))
        if number is None:
            return escape(match[0])
        loud = " l" if proof and int(match[1]) == proof.loud else ""
        return Markup('<span class="no{}">{}</span>').format(loud, number)

    parts, at = Markup(""), 0
    for match in _MARKS.finditer(text):
        parts += escape(text[at : match.start()]) + mark(match)
        at = match.end()
    return parts + escape(text[at:])


def _ms(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _write(path: Path, page: str) -> Path:
    with writing(path):
        path.write_text(page, encoding="utf-8", newline="\n")
    return path
