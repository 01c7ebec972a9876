"""Codecs of what differs from mode to mode: the state of a key, and the clock that a context carries."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from reference.membership import GONE, JOINING, LEAVING, UP, Change
from reference.net.peers.fields import (
    BLOB,
    NATURAL,
    TEXT,
    Blobs,
    Codec,
    WireError,
    codec_for,
    fixed,
    is_natural,
    is_text,
    items,
    optional,
    sequence,
)
from reference.storage.engine import Batch
from reference.versions.dotted import DottedState, Vector
from reference.versions.last_writer import StampedState
from reference.versions.paper_clock import PaperState
from reference.versions.siblings import Context


def _decode_vector(value: Any, _: Blobs) -> Vector:
    vector: Vector = {}
    for pair in items(value):
        if type(pair) is not list or len(pair) != 2 or not is_text(pair[0]) or not is_natural(pair[1]):
            raise WireError(f"expected [actor, counter], got {str(pair)[:60]}")
        if pair[0] in vector or not pair[1]:
            raise WireError(f"actor {pair[0][:60]} twice, or at 0")
        vector[pair[0]] = pair[1]
    return vector


_VECTOR = Codec(lambda vector, _: sorted(vector.items()), _decode_vector)
_DOTS = sequence(fixed((TEXT, NATURAL, BLOB), lambda *fields: fields))


def _encode_dotted(state: DottedState, blobs: list[bytes]) -> list[Any]:
    versions = state.versions
    dots = [(*dot, versions[dot]) for dot in (sorted(versions) if len(versions) > 1 else versions)]
    return [_VECTOR.encode(state.vector, blobs), _DOTS.encode(dots, blobs)]


def _dotted(vector: Vector, dots: tuple[tuple[str, int, bytes], ...]) -> DottedState:
    versions = {(actor, counter): value for actor, counter, value in dots}
    if len(versions) != len(dots):
        raise WireError("one dot twice")
    for actor, counter in versions:
        if not 0 < counter <= vector.get(actor, 0):
            raise WireError(f"dot {actor[:60]}:{counter} is not covered by its own vector")
    return DottedState(vector, versions)


_STAMP = optional(fixed((NATURAL, TEXT, TEXT), lambda *fields: fields))


def _stamped(stamp: tuple[int, str, str] | None, value: bytes | None) -> StampedState:
    if stamp is None and value is not None:
        raise WireError("a value without a stamp")
    return StampedState(stamp, value)


def _paper_clock(*entries: tuple[str, int, int]) -> tuple[tuple[str, int, int], ...]:
    names = [name for name, _, _ in entries]
    if any(left >= right for left, right in pairwise(names)):
        raise WireError("a clock's entries are sorted, one a node")
    return entries


def _built(codec: Codec, make: Callable[..., Any], parts: Callable[[Any], Any]) -> Codec:
    """A codec whose tuple is taken from a value by `parts` and made into one by `make`."""
    return Codec(
        lambda value, blobs: codec.encode(parts(value), blobs),
        lambda value, blobs: make(*codec.decode(value, blobs)),
    )


_ENTRY = fixed((TEXT, NATURAL, NATURAL), lambda *fields: fields)
_CLOCK = _built(sequence(_ENTRY), _paper_clock, lambda clock: clock)
_VERSIONS = sequence(fixed((_CLOCK, optional(BLOB)), lambda *fields: fields))

STATUSES = (JOINING, UP, LEAVING, GONE)
MAX_TOKENS = 4096


def _change(change: Change) -> Change:
    """Only what a ring can be made of."""
    if change.status not in STATUSES:
        raise WireError(f"a member cannot be {change.status[:40]!r}")
    if not change.node or change.tokens > MAX_TOKENS or change.epoch >= 2**64:
        raise WireError("a member has a name, a bounded number of tokens and a bounded epoch")
    return change


_PLAIN_CHANGE = codec_for(Change, {})
_CHANGE = Codec(_PLAIN_CHANGE.encode, lambda value, blobs: _change(_PLAIN_CHANGE.decode(value, blobs)))

_MODES: dict[str, tuple[Codec, Codec]] = {
    "dotted": (
        Codec(_encode_dotted, fixed((_VECTOR, _DOTS), _dotted).decode),
        _VECTOR,
    ),
    "last-writer": (
        _built(
            fixed((_STAMP, optional(BLOB)), lambda *fields: fields),
            _stamped,
            lambda state: (state.stamp, state.value),
        ),
        _STAMP,
    ),
    "paper-clock": (
        _built(_VERSIONS, lambda *versions: PaperState(versions), lambda state: state.versions),
        _CLOCK,
    ),
}
"""mode -> (its states, its clocks)."""


def special(mode: str) -> dict[Any, Codec]:
    """What a key's state (`Any`), a context and a change of membership are in messages of this mode."""
    return {Any: _MODES[mode][0], Context: context_codec(mode), Change: _CHANGE}


def context_codec(mode: str) -> Codec:
    """A context, whose clock is one of this mode."""
    return codec_for(Context, {Any: _MODES[mode][1]})


def batch_codec(mode: str) -> Codec:
    """For the storage engines' batches; in a record a state may be absent (a hint delivered, a key gone)."""
    return codec_for(Batch, {**special(mode), Any: optional(_MODES[mode][0])})
