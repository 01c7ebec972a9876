"""What faults do to each directed link now, and who must hear of a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from harness.testbeds.testbed import Link, LinkShape, Sent


class LinkState:
    """One directed link: bytes from one endpoint to another, whoever opened the connection they are on."""

    __slots__ = (
        "blocked",
        "carried",
        "delay_s",
        "heard_by",
        "jitter_s",
        "link",
        "offered",
        "rate_bps",
        "rng",
        "rules",
        "split_bytes",
    )

    def __init__(self, link: Link, latency_s: tuple[float, float], rng: Random) -> None:
        self.link = link
        self.rng = rng
        self.rules: dict[str, LinkShape | None] = {}
        """Fault id -> how it shapes this link; None: it blocks it."""
        self.heard_by: dict[Callable[[], None], None] = {}
        """Called after each change."""
        self.offered = 0
        """Bytes that the store sent onto this link, whether they passed or wait; a call counts as one."""
        self.carried = 0
        """Those that were handed on. Probes are in neither."""
        self._refresh(latency_s)

    @property
    def plain(self) -> bool:
        """Whether bytes pass as they come."""
        return not (self.blocked or self.delay_s or self.jitter_s or self.rate_bps or self.split_bytes)

    def wait_s(self) -> float:
        """How long the next bytes are on their way."""
        return self.delay_s + self.jitter_s * self.rng.random()

    def changed(self, latency_s: tuple[float, float]) -> None:
        """The rules are others now."""
        self._refresh(latency_s)
        for hear in list(self.heard_by):
            hear()

    def _refresh(self, latency_s: tuple[float, float]) -> None:
        """Several faults on one link: delays add up, the slowest rate and the smallest pieces count."""
        shapes = [shape for shape in self.rules.values() if shape is not None]
        rates = [1000 * shape.rate_kbps for shape in shapes if shape.rate_kbps]
        pieces = [shape.split_bytes for shape in shapes if shape.split_bytes]
        self.blocked = None in self.rules.values()
        self.delay_s = latency_s[0] + sum(shape.delay_ms for shape in shapes) / 1000
        self.jitter_s = latency_s[1] - latency_s[0] + sum(shape.jitter_ms for shape in shapes) / 1000
        self.rate_bps = min(rates, default=0.0)
        self.split_bytes = min(pieces, default=0)


class Links:
    """All directed links, made when first asked for; each has a random stream of its own."""

    def __init__(self, latency_s: tuple[float, float], stream: Callable[[Link], Random]) -> None:
        self._latency_s = latency_s
        self._stream = stream
        self._states: dict[Link, LinkState] = {}

    def state(self, source: str, target: str) -> LinkState:
        """The link from `source` to `target`."""
        link = (source, target)
        found = self._states.get(link)
        if found is None:
            found = self._states[link] = LinkState(link, self._latency_s, self._stream(link))
        return found

    @property
    def traffic(self) -> dict[Link, Sent]:
        """What the store sent over each link so far."""
        return {link: Sent(state.offered, state.carried) for link, state in self._states.items()}

    @property
    def bent(self) -> bool:
        """Whether any fault acts on any link now."""
        return any(state.rules for state in self._states.values())

    def rule(self, fault: str, links: Sequence[Link], shape: LinkShape | None) -> None:
        """Add this fault's rule to each link (None: block it)."""
        for link in dict.fromkeys(links):
            state = self.state(*link)
            state.rules[fault] = shape
            state.changed(self._latency_s)

    def clear(self, fault: str) -> None:
        """Take back this fault's rules, and only those."""
        for state in list(self._states.values()):
            if fault in state.rules:
                del state.rules[fault]
                state.changed(self._latency_s)
