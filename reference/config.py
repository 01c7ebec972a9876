"""One instance's configuration (sections 2.3, 4 and 6): N, R, W, the quorum, the versions, the timers.

It is the same on every node of a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

MODES = ("dotted", "paper-clock", "last-writer")
ENGINES = ("memory", "log")


class ConfigError(ValueError):
    """A configuration that cannot work; the message names the field and the fix."""


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """N, R and W (section 4.5) and how the node behaves around them. Times are seconds."""

    n: int = 3
    r: int = 2
    w: int = 2
    sloppy: bool = True
    """The first N healthy nodes answer (section 4.6); False: only the N primaries do."""
    mode: str = "dotted"
    """What a version is: `dotted`, `paper-clock` or `last-writer`."""
    clock_limit: int = 0
    """Entries that a paper clock keeps (the paper: 10); 0 keeps all."""
    engine: str = "log"
    tokens: int = 4
    """Positions of each node on the ring (section 4.2)."""
    max_object_bytes: int = 1_000_000
    replica_timeout_s: float = 0.030
    """How long one replica may take before the next healthy node is asked."""
    request_timeout_s: float = 0.300
    """How long a coordinator tries before it says that it failed."""
    probe_period_s: float = 0.250
    """How often a node that did not answer is asked again (section 4.8.3)."""
    hint_backoff_min_s: float = 0.100
    hint_backoff_max_s: float = 0.800
    anti_entropy_s: float = 1.0
    """Period of the exchange between replicas (section 4.7); 0 turns it off."""

    def __post_init__(self) -> None:
        if not 1 <= self.r <= self.n or not 1 <= self.w <= self.n:
            raise ConfigError(f"r={self.r} and w={self.w} must lie between 1 and n={self.n}")
        if self.mode not in MODES:
            raise ConfigError(f"mode: `{self.mode}` is none of {', '.join(MODES)}")
        if self.engine not in ENGINES:
            raise ConfigError(f"engine: `{self.engine}` is none of {', '.join(ENGINES)}")
        if self.clock_limit and self.mode != "paper-clock":
            raise ConfigError("clock_limit truncates the paper's clocks: it needs mode: paper-clock")
        if self.clock_limit < 0 or self.tokens < 1 or self.anti_entropy_s < 0:
            raise ConfigError("clock_limit and anti_entropy_s cannot be negative, tokens must be at least 1")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The fields that a plan may set."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def of(cls, options: dict[str, Any]) -> NodeConfig:
        """From a plan's mapping. Raises ConfigError on an unknown field or a value of the wrong type."""
        known = {field.name: field for field in fields(cls)}
        for name, value in options.items():
            if name not in known:
                raise ConfigError(f"unknown field `{name}` (known: {', '.join(known)})")
            default = known[name].default
            right = (
                isinstance(value, int | float)
                if isinstance(default, float)
                else isinstance(value, type(default))
            )
            if not right or (isinstance(value, bool) and not isinstance(default, bool)):
                raise ConfigError(f"{name}: expected {type(default).__name__}, got {value!r}")
        return cls(**options)

    @property
    def settle_bound_s(self) -> float:
        """How long a healed cluster may need to agree: back-off, probe, two exchange rounds, one write."""
        rounds = 2 * (self.anti_entropy_s + self.request_timeout_s)
        return self.hint_backoff_max_s + self.probe_period_s + rounds + 4 * self.replica_timeout_s
