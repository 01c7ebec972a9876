"""One instance's configuration (sections 2.3, 4 and 6): N, R, W, the quorum, the versions, the timers.

It is the same on every node of a cluster.
"""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any

from reference.bounds import MAX_TOKENS, shown
from reference.storage.buffer import Buffering

MODES = ("dotted", "paper-clock", "last-writer")
ENGINES = ("memory", "log", "sqlite")
DURABILITIES = ("fsync", "buffer")


class ConfigError(ValueError):
    """A configuration that cannot work; the message names the field and the fix."""


_BACKLOG = 100
"""Hints and the like that a healed node may have to deliver: many more, and it takes longer to settle."""


_Range = tuple[float, float]
_TIMER: _Range = (0.001, 3600)
"""Seconds. A timer of 0 would ask again and again at one instant, for ever; one of days is none."""


def _option(default: Any, meaning: str, between: _Range | None = None, or_zero: bool = False) -> Any:
    """`between`: what a number may be; `or_zero`: or 0, which turns it off."""
    return field(default=default, metadata={"meaning": meaning, "between": between, "or_zero": or_zero})


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """One value for the whole instance. Times are seconds."""

    n: int = _option(
        3, "copies of every key: the first N distinct nodes of its preference list (4.5)", (1, 100)
    )
    r: int = _option(2, "replicas that must answer a get (4.5)")
    w: int = _option(2, "durable copies that a put needs (4.5)")
    sloppy: bool = _option(True, "the first N healthy nodes may vote (4.6); false: only the N primaries")
    mode: str = _option("dotted", f"what a version is: {', '.join(MODES)} (4.4, 6)")
    clock_limit: int = _option(
        0, "entries that a paper clock keeps (the paper: 10); 0 keeps all (4.4)", (1, 10_000), or_zero=True
    )
    engine: str = _option("log", f"where copies live: {', '.join(ENGINES)} (5)")
    durability: str = _option(
        "fsync", f"when a write is acknowledged: {', '.join(DURABILITIES)} (before it is on the disk, 6.1)"
    )
    buffer_objects: int = _option(
        1000, "writes in the buffer that make its writer write at once (6.1)", (1, 1_000_000)
    )
    buffer_flush_s: float = _option(0.100, "how often the buffer is written (6.1)", _TIMER)
    tokens: int = _option(4, "positions of each node on the ring (4.2)", (1, MAX_TOKENS))
    strategy: int = _option(1, "how keys are partitioned: 1, 2 or 3 (6.2)")
    partitions: int = _option(64, "Q, the equal partitions of strategies 2 and 3 (6.2)", (1, 65_536))
    max_object_bytes: int = _option(1_000_000, "larger values are refused (2.1)", (1, 10_000_000))
    max_siblings: int = _option(
        0,
        "a put that would leave more values side by side is refused; 0: no limit",
        (1, 10_000),
        or_zero=True,
    )
    replica_timeout_s: float = _option(
        0.030, "one replica's time before the next healthy node is asked", (0.001, 60)
    )
    request_timeout_s: float = _option(
        0.300, "a coordinator's time before it says that it failed", (0.001, 600)
    )
    probe_period_s: float = _option(
        0.250, "how often a node that did not answer is asked again (4.8.3)", (0.001, 600)
    )
    hint_backoff_min_s: float = _option(0.100, "wait before a hint is delivered (4.6)", _TIMER)
    hint_backoff_max_s: float = _option(0.800, "longest wait while its owner stays silent", _TIMER)
    anti_entropy_s: float = _option(
        1.0, "period of the exchange between replicas (4.7); 0 turns it off", _TIMER, or_zero=True
    )
    gossip_period_s: float = _option(
        1.0, "how often a node tells a random peer of changes (4.8.1)", (0.001, 600)
    )

    reap_tombstones_s: float = _option(
        0.0,
        "after how long without a change clocks forget old actors, and deleted keys go; 0: never",
        (0.001, 1_000_000),
        or_zero=True,
    )
    floor_s: float = _option(
        3600.0, "for how long what was forgotten is kept from coming back late", (0.001, 100_000_000)
    )
    background_per_s: float = _option(
        1000.0, "most hints, exchanges and pages that a node starts a second", (1, 1_000_000_000)
    )
    latency_limit_s: float = _option(
        0.100, "p99 at which background work is slowed down to 1/16 (6.5)", (0.001, 60)
    )
    latency_window_s: float = _option(0.3, "how far back that p99 looks (the paper: 60)", _TIMER)

    def __post_init__(self) -> None:
        for option in fields(self):
            _check_number(option, getattr(self, option.name))
        if not 1 <= self.r <= self.n or not 1 <= self.w <= self.n:
            raise ConfigError(f"r={shown(self.r)} and w={shown(self.w)} must lie between 1 and n={self.n}")
        if self.mode not in MODES:
            raise ConfigError(f"mode: `{shown(self.mode)}` is none of {', '.join(MODES)}")
        if self.engine not in ENGINES:
            raise ConfigError(f"engine: `{shown(self.engine)}` is none of {', '.join(ENGINES)}")
        if self.durability not in DURABILITIES:
            raise ConfigError(f"durability: `{shown(self.durability)}` is none of {', '.join(DURABILITIES)}")
        if self.durability == "buffer" and self.engine == "memory":
            raise ConfigError("durability: buffer needs a disk to write to: engine: log or sqlite")
        if self.strategy not in (1, 2, 3):
            raise ConfigError(f"strategy: {shown(self.strategy)} is none of 1, 2, 3")
        if self.strategy == 3 and self.partitions < self.n:
            raise ConfigError(
                f"partitions: under strategy 3 each node owns whole partitions, so {self.partitions} of them "
                f"have no n={self.n} distinct owners for a key: at least {self.n}"
            )
        if self.clock_limit and self.mode != "paper-clock":
            raise ConfigError("clock_limit truncates the paper's clocks: it needs mode: paper-clock")
        self._check_reaping()
        if self.hint_backoff_max_s < self.hint_backoff_min_s:
            raise ConfigError("hint_backoff_max_s cannot be less than hint_backoff_min_s")

    def _check_reaping(self) -> None:
        reap_s = self.reap_tombstones_s
        if not reap_s:
            return
        if self.mode != "dotted" or self.engine == "memory" or self.durability != "fsync":
            raise ConfigError("reap_tombstones_s needs mode: dotted, a disk and durability: fsync")
        if not self.anti_entropy_s:
            # What only some owners were told to forget differs until an exchange brings it back to all.
            raise ConfigError("reap_tombstones_s needs anti-entropy: anti_entropy_s greater than 0")
        if not 2 * self.request_timeout_s <= reap_s <= self.floor_s:
            raise ConfigError("reap_tombstones_s must lie between 2 x request_timeout_s and floor_s")

    @classmethod
    def of(cls, options: dict[str, Any]) -> NodeConfig:
        """From a plan's mapping; `pattern` first, and what else it says on top.

        Raises ConfigError on an unknown field or a value of the wrong type.
        """
        known = {option.name: option for option in fields(cls)}
        options = _patterned(options)
        for name, value in options.items():
            if name not in known:
                raise ConfigError(f"unknown field `{shown(name)}` (known: {', '.join(known)})")
            default = known[name].default
            right = (
                isinstance(value, int | float)
                if isinstance(default, float)
                else isinstance(value, type(default))
            )
            if not right or (isinstance(value, bool) and not isinstance(default, bool)):
                got = repr(shown(value)) if isinstance(value, str) else shown(value)
                raise ConfigError(f"{name}: expected {type(default).__name__}, got {got}")
        return cls(**options)

    @property
    def settle_bound_s(self) -> float:
        """How long a healed cluster may need to agree: back-off, probe, two exchange rounds, one write.

        And until the last slow request of a client no longer slows down background work, which then has a
        backlog; and, where tombstones are reaped, until nobody has a reason to.
        """
        rounds = 2 * (self.anti_entropy_s + self.request_timeout_s)
        waits = self.hint_backoff_max_s + self.probe_period_s + self.latency_window_s
        waits += _BACKLOG / self.background_per_s + 2.5 * self.reap_tombstones_s
        return waits + rounds + 4 * self.replica_timeout_s

    @property
    def buffering(self) -> Buffering | None:
        """How writes are buffered, if they are."""
        return Buffering(self.buffer_flush_s, self.buffer_objects) if self.durability == "buffer" else None


def _check_number(option: Field[Any], value: Any) -> None:
    """Raises ConfigError unless it lies in the option's range, if it has one."""
    between = option.metadata["between"]
    if between is None or (option.metadata["or_zero"] and value == 0):
        return
    low, high = between
    if not low <= value <= high:  # which NaN is not, either
        zero = "0 or " if option.metadata["or_zero"] else ""
        raise ConfigError(
            f"{option.name}: {shown(value)} must be {zero}between {_plainly(low)} and {_plainly(high)}"
        )


def _plainly(number: float) -> str:
    return f"{number:,}".replace(",", "_")


PATTERNS: dict[str, dict[str, Any]] = {
    "business-logic": {"mode": "dotted", "n": 3, "r": 2, "w": 2},
    "timestamp": {"mode": "last-writer", "n": 3, "r": 2, "w": 2},
    "read-engine": {"mode": "dotted", "n": 3, "r": 1, "w": 3},
    "common": {"n": 3, "r": 2, "w": 2},
}
"""Section 6's usage patterns: clients reconcile siblings (the shopping cart); the newest stamp wins (session
data); R=1 and W=N for data that is read much and written little (the product catalogue); and the (N, R, W)
that most instances use. Sloppy quorums keep each of them writeable with a node down."""


def _patterned(options: dict[str, Any]) -> dict[str, Any]:
    """Options over those of the pattern that they name; the read engine's W is N, whatever N is."""
    if "pattern" not in options:
        return options
    rest = dict(options)
    pattern = rest.pop("pattern")
    if not isinstance(pattern, str) or pattern not in PATTERNS:
        raise ConfigError(f"pattern: `{shown(pattern)}` is none of {', '.join(PATTERNS)}")
    chosen = PATTERNS[pattern] | rest
    if pattern == "read-engine" and "w" not in rest:
        chosen["w"] = chosen["n"]
    return chosen


def _said(option: Field[Any]) -> str:
    meaning, between = option.metadata["meaning"], option.metadata["between"]
    within = f"; {_plainly(between[0])} to {_plainly(between[1])}" if between else ""
    return f"{meaning}{within}; default {option.default}"


OPTIONS = {
    "pattern": f"a usage pattern to begin with: {', '.join(PATTERNS)} (6); what else is given goes on top",
} | {option.name: _said(option) for option in fields(NodeConfig)}
"""What a plan may say: name -> meaning and default."""
