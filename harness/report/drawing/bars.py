"""Runs as bars, and a share of runs with its bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from harness.report.drawing import svg
from harness.report.model.words import plural

MOST_BARS = 400


def run_bars(cells: Sequence[Sequence[str]], height: float = 20) -> Markup:
    """One bar a run, cells apart: low valid, full height invalid, outlined unknown, ochre stopped by us.

    With many runs, each cell is one bar, its parts as wide as their share, the worst first. Each run is
    `valid`, `invalid`, `unknown`, `harness`, or `short` of chances alone (hollow).
    """
    runs = sum(map(len, cells))
    boxes = _shares(cells) if runs > MOST_BARS else _bars(cells)
    shapes: dict[str, list[str]] = {}
    for verdict, at, width in boxes:
        low = {"valid": 0.5, "short": 0.5, "invalid": 1.0}.get(verdict, 0.72)
        tall = height * low - (0.6 if low == 0.72 else 0)
        box = f"M{at:.1f} {height - tall:.1f}h{width:.1f}v{tall:.1f}h-{width:.1f}z"
        shapes.setdefault(verdict, []).append(box)
    kinds = (("valid", "tk"), ("short", "tk ts"), ("invalid", "tb"), ("unknown", "tu"), ("harness", "tu tx"))
    body = [svg.path("".join(shapes[kind]), cls) for kind, cls in kinds if kind in shapes]
    found = Counter(verdict for cell in cells for verdict in cell)
    counts = ", ".join(f"{found[kind]} {kind}" for kind, _ in kinds if found[kind])
    return svg.canvas([svg.stretched(body, 0, height)], height, f"{plural(runs, 'run')}: {counts}")


def _bars(cells: Sequence[Sequence[str]]) -> Iterator[tuple[str, float, float]]:
    """Verdict, place and width of each run, of 1,000; cells stand apart."""
    slot = 1000 / max(1, sum(map(len, cells)) + 0.9 * (len(cells) - 1))
    at = 0.0
    for cell in cells:
        for verdict in cell:
            yield verdict, at, slot * 0.74
            at += slot
        at += slot * 0.9


def _shares(cells: Sequence[Sequence[str]]) -> Iterator[tuple[str, float, float]]:
    """The same for many runs: a share of each cell's width, never too thin to be seen."""
    slot = 1000 / max(1, len(cells))
    for place, cell in enumerate(cells):
        room, at = slot * 0.9, place * slot
        counts = Counter(cell)
        widths = {kind: max(room * counts[kind] / len(cell), 3) for kind in _WORST_FIRST if counts[kind]}
        for kind, width in widths.items():
            scaled = width * room / sum(widths.values())
            yield kind, at, scaled
            at += scaled


_WORST_FIRST = ("invalid", "harness", "unknown", "short", "valid")


def interval_bar(share: float, low: float, high: float, loud: bool) -> Markup:
    """A share of runs with its bounds, on a line from 0 to 100 %."""
    cls = " l" if loud else ""
    body = [svg.line("0", 7, "100%", 7, "gl")]
    body += [svg.line(f"{x}%", 4, f"{x}%", 10, "ax") for x in (0, 50, 100)]
    body.append(svg.line(f"{100 * low:.2f}%", 7, f"{100 * high:.2f}%", 7, f"iv{cls}"))
    body.append(svg.tag("circle", cx=f"{100 * share:.2f}%", cy=7, r=3.6, cls=f"pt{cls}"))
    return svg.canvas(body, 14, f"{100 * share:.1f} % of runs, {100 * low:.1f} to {100 * high:.1f} %")
