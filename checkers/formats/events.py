"""The lines of a version-1 history, as types: what msgspec decodes and checks, one struct a `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

FUNCTIONS = ("get", "put", "delete", "read", "write", "cas", "add", "remove", "members", "incr", "total")

Int = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""What fits the columns, and sums of two of them."""

Small = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""What fits the narrow columns."""

NEEDS_VALUE = frozenset({"put", "cas", "add", "remove", "incr"})
"""Functions whose invocation says what is written: null is nothing to write."""

Absent = msgspec.UnsetType
ABSENT = msgspec.UNSET
"""Stands where a field was not given, for the few whose null has a meaning."""


class Event(msgspec.Struct, tag_field="kind", frozen=True, gc=False):
    """Any line. Unknown fields are ignored."""


class Config(msgspec.Struct, frozen=True, gc=False):
    """`meta.config`, as far as judging reads it: each key's type. It is kept whole, as plain JSON."""

    n: int | None = None
    r: int | None = None
    w: int | None = None
    sloppy: bool | None = None
    mode: str | None = None
    clock_limit: int | None = None
    engine: str | None = None
    durability: Literal["fsync", "interval", "buffer", "none"] | None = None
    max_siblings: int | None = None
    anti_entropy_s: float | None = None
    reap_tombstones_s: float | None = None
    background_period_s: float | None = None
    settle_bound_s: float | None = None
    detect_ms: float | None = None
    clock_sync_ms: float | None = None
    put_success_min: float | None = None
    max_gap_s: float | None = None
    latency_p999_ms: float | None = None
    functions: list[str] | None = None
    observed_remove: bool | None = None
    allow_exits: bool | None = None


class MetaEvent(Event, tag="meta", frozen=True, gc=False):
    """The first line; its other fields are read as plain JSON."""

    version: int
    system: str | None = None
    promise: str | None = None
    nodes: list[str] | None = None
    seed: int | str | None = None
    config: Config | None = None
    clock: str | None = None


class Clock(msgspec.Struct, frozen=True, gc=False):
    """What an adapter could decode of an answer's versions."""

    vector: dict[str, int] | None = None
    dots: list[tuple[str, int] | None] | None = None


class OpEvent(Event, tag="op", frozen=True, gc=False):
    """One end of one operation."""

    type: Literal["invoke", "ok", "fail", "info"]
    op: Int
    time: Int
    process: Small
    f: Literal["get", "put", "delete", "read", "write", "cas", "add", "remove", "members", "incr", "total"]
    key: str | int | float | bool
    value: Any = ABSENT
    context: Int | list[Int] | None = None
    node: str | None = None
    due: Int | None = None
    attempts: Small | None = None
    reaches: list[str] | None = None
    items: list[Any] | None = None
    parent: Int | None = None
    error: str | None = None
    body: bool | None = None
    order: Int | None = None
    clock: Clock | None = None


class FaultEvent(Event, tag="fault", frozen=True, gc=False):
    """One moment of one fault; what the fault needs beside is read as plain JSON."""

    type: Literal["requested", "effective", "verified", "healed"]
    time: Int
    id: str | int
    fault: str
    nodes: list[str]
    max_offset_ms: float | None = None
    lost: Literal["none", "all", "unsynced", "part"] | None = None
    drained: bool | None = None
    blocked: list[tuple[str, str]] | None = None
    shape: dict[str, Any] | None = None


class PhaseEvent(Event, tag="phase", frozen=True, gc=False):
    """A phase begins."""

    time: Int
    name: str


class FinalEvent(Event, tag="final", frozen=True, gc=False):
    """What one replica holds; `values` must be given, null where it could not be read."""

    time: Int
    node: str
    key: str | int | float | bool
    values: list[Any] | None
    round: Int = 1


class StateEvent(Event, tag="state", frozen=True, gc=False):
    """White-box facts of one node, read as plain JSON."""

    time: Int
    node: str
    hints: Int | None = None
    repairs: Int | None = None
    transfers: Int | None = None
    offset_ms: float | None = None
    digests: dict[str, str] | None = None
    primaries: dict[str, list[str]] | None = None


class ExitEvent(Event, tag="exit", frozen=True, gc=False):
    """A process ended though no fault ended it; `serves`: its node serves again."""

    time: int
    node: str
    type: Literal["ended", "serves"] = "ended"
    code: int | None = None
    signal: str | int | None = None
    last: list[str] | str | None = None
    alive: int | None = None


class NoteEvent(Event, tag="note", frozen=True, gc=False):
    """Something worth seeing; never judged."""

    time: Int
    text: str


class HarnessEvent(Event, tag="harness", frozen=True, gc=False):
    """A failure of the harness itself."""

    time: Int
    where: Literal["client", "nemesis", "testbed", "checker"]
    error: str
    op: Int | None = None


Line = (
    MetaEvent
    | OpEvent
    | FaultEvent
    | PhaseEvent
    | FinalEvent
    | StateEvent
    | ExitEvent
    | NoteEvent
    | HarnessEvent
)
