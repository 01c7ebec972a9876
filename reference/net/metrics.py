"""Counters and latencies, in Prometheus' text format."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
Sample = tuple[dict[str, str], float]


class Metrics:
    """What one process has counted since its start."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        self._latencies: dict[str, list[float]] = {}

    def count(self, name: str, **labels: str) -> None:
        """One more."""
        at = (name, tuple(labels.items()))
        self._counts[at] = self._counts.get(at, 0) + 1

    def counted(self, name: str) -> int:
        """The total over all labels."""
        return sum(value for (counter, _), value in self._counts.items() if counter == name)

    def took(self, kind: str, seconds: float) -> None:
        """One request's time."""
        cells = self._latencies.setdefault(kind, [0.0] * (len(BOUNDS_S) + 2))
        cells[bisect_left(BOUNDS_S, seconds)] += 1
        cells[-1] += seconds

    def text(self, gauges: Iterable[tuple[str, str, list[Sample]]]) -> str:
        """Everything, and these gauges: (name, help, samples)."""
        lines: list[str] = []
        for name, meaning in COUNTERS.items():
            lines += [f"# HELP dynamo_{name} {meaning}", f"# TYPE dynamo_{name} counter"]
            found = [(labels, value) for (counter, labels), value in self._counts.items() if counter == name]
            for labels, value in sorted(found) or [((), 0)]:
                lines.append(f"dynamo_{name}{_labels(dict(labels))} {value}")
        lines += ["# HELP dynamo_request_seconds time of a client's request", _HISTOGRAM]
        for kind, cells in sorted(self._latencies.items()):
            lines += _histogram(kind, cells)
        for name, meaning, samples in gauges:
            lines += [f"# HELP dynamo_{name} {meaning}", f"# TYPE dynamo_{name} gauge"]
            lines += [f"dynamo_{name}{_labels(labels)} {value:g}" for labels, value in samples]
        return "\n".join(lines) + "\n"


COUNTERS = {
    "requests_total": "clients' requests by kind and outcome",
    "bad_requests_total": "HTTP requests that were refused before they reached the node, by status",
    "peers_dropped_total": "connections of peers that were closed, by cause",
    "handlers_broken_total": "messages and requests whose handler ended with an exception, by kind",
    "messages_dropped_total": "messages between nodes that were not sent or not taken, by cause",
    "messages_sent_total": "messages sent to other nodes",
}
_HISTOGRAM = "# TYPE dynamo_request_seconds histogram"


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}" if labels else ""


def _histogram(kind: str, cells: list[float]) -> list[str]:
    lines, total = [], 0.0
    for bound, cell in zip((*(f"{bound:g}" for bound in BOUNDS_S), "+Inf"), cells[:-1], strict=True):
        total += cell
        lines.append(f'dynamo_request_seconds_bucket{{kind="{kind}",le="{bound}"}} {total:g}')
    lines.append(f'dynamo_request_seconds_sum{{kind="{kind}"}} {cells[-1]:g}')
    lines.append(f'dynamo_request_seconds_count{{kind="{kind}"}} {total:g}')
    return lines
