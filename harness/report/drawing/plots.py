"""Small drawings of numbers: strips of quantiles on a log axis, shares as bars on a log scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.drawing import svg
from harness.report.model.words import PAPER_SIBLINGS_PERCENT


@dataclass(frozen=True, slots=True)
class LogAxis:
    """A logarithmic scale from `low` to `high`, as percents of a width."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Percent of the width."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return 100 * min(max(share, 0.0), 1.0)

    def marks(self) -> list[float]:
        """Round values inside, one or two a decade; fewer where there are many decades."""
        decades = math.log10(self.high / self.low)
        steps = (1, 2, 5) if decades < 1.6 else (1, 3) if decades < 2.2 else (1,)
        first = math.floor(math.log10(self.low))
        values = [s * 10.0**e for e in range(first, first + math.ceil(decades) + 2) for s in steps]
        return [value for value in values if self.low * 1.02 <= value <= self.high / 1.02]


def log_axis(values: Sequence[float]) -> LogAxis:
    """An axis that holds all of `values` with a little room."""
    some = [value for value in values if value > 0]
    low, high = (min(some), max(some)) if some else (1.0, 10.0)
    return LogAxis(low / 1.3, max(high * 1.3, low * 4))


def axis_labels(axis: LogAxis, unit: str) -> Markup:
    """The scale's numbers, over a column of strips."""
    marks = axis.marks()
    body = [
        svg.text(f"{axis.at(mark):.2f}%", 12, f"{mark:g}" + (f" {unit}" if mark == marks[0] else ""),
                 text_anchor="middle")
        for mark in marks
    ]  # fmt: skip
    return svg.canvas(body, 16, f"log scale, {unit}")


def strip(
    axis: LogAxis, ticks: Sequence[float], median: float | None, tall: float | None, words: str
) -> Markup:
    """One row: a tick a value, a dot at the median, a tall tick at a high quantile."""
    body = [svg.line(f"{axis.at(mark):.2f}%", 0, f"{axis.at(mark):.2f}%", 20, "gl") for mark in axis.marks()]
    small = "".join(f"M{10 * axis.at(tick):.0f} 6v8" for tick in ticks)
    if small:
        body.append(svg.stretched([svg.path(small, "qt")], 0, 20))
    if tall is not None:
        body.append(svg.line(f"{axis.at(tall):.2f}%", 3, f"{axis.at(tall):.2f}%", 17, "tall"))
    if median is not None:
        body.append(svg.tag("circle", cx=f"{axis.at(median):.2f}%", cy=10, r=3.5, cls="mid"))
    return svg.canvas(body, 20, words)


@dataclass(frozen=True, slots=True)
class SiblingRow:
    """One number of values: the paper's share and each system's, as bars and words."""

    values: str
    paper: str
    paper_bar: Markup
    bars: tuple[Markup, ...]
    shares: tuple[str, ...]


def sibling_rows(histograms: Sequence[Sequence[tuple[str, int]]]) -> tuple[SiblingRow, ...]:
    """Rows 1, 2, 3, 4 and 5+ values; bars are logarithmic from 0.00001 % to 100 %."""
    rows = []
    for i, values in enumerate(("1", "2", "3", "4", "5+")):
        paper = PAPER_SIBLINGS_PERCENT[i] if i < len(PAPER_SIBLINGS_PERCENT) else ""
        shares = [_share(histogram, values) for histogram in histograms]
        rows.append(
            SiblingRow(
                values,
                f"{paper} %" if paper else "not printed",
                _bar(float(paper or 0), "bar p"),
                tuple(_bar(share or 0.0, "bar") for share in shares),
                tuple("—" if share is None else percent(share) for share in shares),
            )
        )
    return tuple(rows)


def _share(histogram: Sequence[tuple[str, int]], values: str) -> float | None:
    total = sum(count for _, count in histogram)
    return 100 * dict(histogram).get(values, 0) / total if total else None


def percent(value: float) -> str:
    """A percentage with three significant digits, `0 %` only where it is none at all."""
    if value == 0:
        return "0 %"
    digits = 2 if value >= 1 else min(6, 2 - math.floor(math.log10(value)))
    return f"{value:.{digits}f} %"


def _bar(value: float, cls: str) -> Markup:
    width = 0.0 if value <= 0 else max(1.0, 100 * (math.log10(value) + 5) / 7)
    return svg.canvas([svg.rect(0, 2, f"{width:.1f}%", 7, cls)] if width else [], 10, percent(value))
