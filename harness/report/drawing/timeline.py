"""The whole run in one stretch of time: answers, latency, rate, faults, and the operations of one key.

Widths are percents of the run's length, heights pixels, so that text keeps its size however wide it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from markupsafe import Markup

from checkers.model.history import OPEN, Fault, History
from harness.report.drawing import svg
from harness.report.model import measures
from harness.report.model.faults import DOWN, interval, side_words, sides
from harness.report.model.run_model import Proof
from harness.report.model.words import PAPER_LATENCY_MS, clock

_UNANSWERED, _LATENCY, _RATE, _LANES, _ROW = 18, (34, 178), (182, 224), 230, 22
_WIDE = 10_000


class Timeline:
    """Draws one run; `proofs` mark their operations on the lane of the first one's key."""

    def __init__(self, history: History, proofs: tuple[Proof, ...] = ()) -> None:
        self.history = history
        self.proof = proofs[0] if proofs else None
        self.nodes = [str(node) for node in history.meta.get("nodes") or []]
        self.end = max(round(history.end * 1.012), 1)
        self.timed = [op for op in history.top_ops if op.ok]
        times = sorted(measures.latency_ms(op) for op in self.timed)
        self.top_ms = max(PAPER_LATENCY_MS * 1.4, times[-1] * 1.3) if times else 1000.0
        self.low_ms = min(1.0, max(0.01, times[0] * 0.8)) if times else 1.0
        self.key_y = _LANES + 14 + _ROW * len(self.nodes) + 8
        self.axis_y = self.key_y + (30 if self.proof and self.proof.key else 0)

    def draw(self) -> Markup:
        """The drawing, stretched to its box."""
        body = [
            *self._faults(),
            *self._phases(),
            *self._notes(),
            *self._unanswered(),
            *self._latency(),
            *self._rate(),
            *self._lanes(),
            *self._key(),
            *self._axis(),
        ]
        words = f"Latency, rate and faults over {self.end / 1e9:.1f} seconds"
        return svg.canvas(body, self.axis_y + 22, words)

    def labels(self) -> list[tuple[float, str]]:
        """What stands left of the drawing: height in pixels and words."""
        rows = [
            (_UNANSWERED + 9.0, "no answer"),
            (sum(_LATENCY) / 2, "latency, log"),
            (_RATE[1] - 8.0, "ok a second"),
        ]
        rows += [(_LANES + 14 + _ROW * i + 12.0, node) for i, node in enumerate(self.nodes)]
        if self.proof and self.proof.key:
            rows.append((self.key_y + 16.0, self.proof.key))
        return rows

    def first(self) -> str | None:
        """Where the first anomaly stands, as a percentage."""
        return self._at(self.proof.window[0]) if self.proof and self.proof.ops else None

    def _at(self, time: int) -> str:
        return f"{100 * min(max(time, 0), self.end) / self.end:.2f}%"

    def _width(self, start: int, end: int) -> str:
        return f"{100 * max(0, min(end, self.end) - start) / self.end:.2f}%"

    def _unit(self, time: int) -> int:
        return round(_WIDE * min(time, self.end) / self.end)

    def _faults(self) -> Iterable[Markup]:
        for fault in self.history.faults:
            start, end = interval(fault, self.end)
            yield svg.rect(self._at(start), 16, self._width(start, end), self.axis_y - 16, "sh")

    def _phases(self) -> Iterable[Markup]:
        free = 0
        for time, name in self.history.phases:
            yield svg.line(self._at(time), 0, self._at(time), self.axis_y, "ph")
            if time >= free:
                free = time + round(self.end * 0.0072 * (len(name) + 1))
                yield svg.text(self._at(time), 11, name, dx=3)

    def _notes(self) -> Iterable[Markup]:
        for note in self.history.notes:
            words = svg.tag("title", str(note.get("text", "")))
            yield svg.tag("circle", words, cx=self._at(int(note.get("time") or 0)), cy=15, r=2.6, cls="op")

    def _unanswered(self) -> Iterable[Markup]:
        ticks = "".join(f"M{self._unit(op.inv)} 0v9" for op in self.history.top_ops if op.type == "info")
        if ticks:
            yield svg.stretched([svg.path(ticks, "tkk")], _UNANSWERED, 10, _WIDE)

    def _latency_y(self, ms: float) -> float:
        top, bottom = _LATENCY
        share = math.log(max(ms, self.low_ms) / self.low_ms) / math.log(self.top_ms / self.low_ms)
        return bottom - (bottom - top) * min(share, 1.0)

    def _latency(self) -> Iterable[Markup]:
        for ms, words in (
            (0.1, "0.1"),
            (1, "1 ms"),
            (10, "10"),
            (100, "100"),
            (1000, "1 s"),
            (10_000, "10 s"),
        ):
            if self.low_ms <= ms <= self.top_ms:
                y = self._latency_y(ms)
                yield svg.line("0", y, "100%", y, "gl")
                yield svg.text("100%", y - 3, words, text_anchor="end")
        y = self._latency_y(PAPER_LATENCY_MS)
        yield svg.line("0", y, "100%", y, "ref")
        yield svg.text("100%", y - 3, "300 ms, the paper’s p99.9", "i", text_anchor="end")
        for kind in (True, False):
            dots = "".join(
                f"M{self._unit(op.ret)} {svg.number(self._latency_y(measures.latency_ms(op)), 1)}h0"
                for op in self.timed
                if (op.f in ("get", "members", "total", "read")) == kind
            )
            if dots:
                clip = [svg.path(dots, "dot r" if kind else "dot w")]
                yield svg.stretched(clip, 0, _LATENCY[1] + 2, _WIDE)

    def _rate(self) -> Iterable[Markup]:
        bucket_s = next(b for b in (0.25, 0.5, 1, 2, 5, 10, 30, 60, 600, 10**9) if self.end / 1e9 / b <= 90)
        counts = measures.rate_per_s(self.history, bucket_s)
        top = max(counts, default=0)
        if not top:
            return
        step, height = _WIDE * bucket_s * 1e9 / self.end, _RATE[1] - _RATE[0] - 6
        points = "".join(f"V{height - height * n / top:.1f}h{step:.1f}" for n in counts)
        shape = svg.path(f"M0 {height}{points}V{height}Z", "area")
        yield svg.stretched([shape], _RATE[0] + 6, height, _WIDE)
        peak = "100%" if len(counts) * step > 0.93 * _WIDE else f"{100 * len(counts) * step / _WIDE:.2f}%"
        yield svg.text(peak, _RATE[0] + 14, f"{top / bucket_s:.0f}", dx=-2 if peak == "100%" else 4,
                       text_anchor="end" if peak == "100%" else None)  # fmt: skip

    def _lanes(self) -> Iterable[Markup]:
        rows = {node: _LANES + 14 + _ROW * i for i, node in enumerate(self.nodes)}
        for y in rows.values():
            yield svg.line("0", y + 8, "100%", y + 8, "gl")
        free = 0
        for fault in sorted(self.history.faults, key=lambda fault: interval(fault, self.end)):
            start, end = interval(fault, self.end)
            for node, cls in self._marks(fault):
                if node in rows:
                    yield svg.rect(self._at(start), rows[node], self._width(start, end), 16, cls)
            words = side_words(fault, self.nodes) if fault.fault in ("partition", "link") else fault.fault
            if start >= free and len(words) < 40:
                free = start + round(self.end * 0.0072 * (len(words) + 1))
                yield svg.text(self._at(start), _LANES + 9, words, "i")

    def _marks(self, fault: Fault) -> list[tuple[str, str]]:
        """What a fault draws on which lane: the smaller side hatched, a down node black, a clock outlined."""
        if fault.fault in ("partition", "link"):
            groups = sides(fault, self.nodes)
            if len(groups) > 1:
                return [(n, "up") for n in groups[0]] + [(n, "wl") for group in groups[1:] for n in group]
            return [(node, "up") for node in fault.nodes]
        return [(node, "dead" if fault.fault in DOWN else "sk") for node in fault.nodes]

    def _key(self) -> Iterable[Markup]:
        proof = self.proof
        if not proof or proof.key is None:
            return
        y = self.key_y + 12
        yield svg.line("0", y, "100%", y, "gl")
        loud = next((op for op in proof.ops if op.id == proof.loud), None)
        if loud:
            yield svg.line(self._at(loud.inv), 16, self._at(loud.inv), self.axis_y, "anom")
        for op in self.history.ops:
            if op.key == proof.key and op.id not in proof.numbers:
                yield svg.tag(
                    "circle", cx=self._at(op.inv), cy=y, r=2.2, cls="op" if op.ret != OPEN else "op o"
                )
        for op in proof.ops:
            yield svg.ring(self._at(op.inv), y, proof.numbers[op.id], op.id == proof.loud)
        for final in proof.finals[:1]:
            yield svg.tag("rect", x=self._at(final.time), y=y - 5, width=8, height=10, cls="fb")

    def _axis(self) -> Iterable[Markup]:
        yield svg.line("0", self.axis_y, "100%", self.axis_y, "ax")
        seconds = self.end / 1e9
        step = next(s for s in (0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600, 10**9) if seconds / s <= 11)
        for i in range(int(seconds / step) + 1):
            time = round(i * step * 1e9)
            yield svg.line(self._at(time), self.axis_y, self._at(time), self.axis_y + 4, "ax")
            anchor = "end" if time > 0.97 * self.end else None
            yield svg.text(
                self._at(time), self.axis_y + 17, clock(time, 1 if step < 1 else 0), text_anchor=anchor
            )
