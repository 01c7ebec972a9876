"""Codecs of what differs from mode to mode: the state of a key, and the clock that a context carries."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from reference.bounds import EPOCHS, MAX_NAME, MAX_TOKENS, REQUESTS, address, is_name, shown
from reference.membership import GONE, JOINING, LEAVING, UP, Change
from reference.net.peers.fields import (
    BLOB,
    COUNTER,
    NATURAL,
    TEXT,
    Blobs,
    Codec,
    WireError,
    codec_for,
    fixed,
    is_counter,
    is_text,
    items,
    optional,
    sequence,
)
from reference.requests import Once
from reference.storage.engine import Batch
from reference.versions.dotted import DottedState, Vector
from reference.versions.last_writer import StampedState
from reference.versions.paper_clock import PaperState
from reference.versions.siblings import Context


def _decode_vector(value: Any, _: Blobs) -> Vector:
    vector: Vector = {}
    for pair in items(value):
        if type(pair) is not list or len(pair) != 2 or not is_text(pair[0]) or not is_counter(pair[1]):
            raise WireError(f"expected [actor, counter], got {shown(pair)}")
        if pair[0] in vector:
            raise WireError(f"actor {shown(pair[0])} twice")
        vector[pair[0]] = pair[1]
    return vector


def _encode_vector(vector: Vector, _: list[bytes]) -> list[Any]:
    for actor, counter in vector.items():
        if not is_text(actor) or not is_counter(counter):
            raise WireError(f"no clock has {shown(actor)} at {shown(counter)}")
    return sorted(vector.items())


_VECTOR = Codec(_encode_vector, _decode_vector)
_DOTS = sequence(fixed((TEXT, COUNTER, BLOB), lambda *fields: fields))


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
            raise WireError(f"dot {shown(actor)}:{counter} is not covered by its own vector")
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


_ENTRY = fixed((TEXT, COUNTER, NATURAL), lambda *fields: fields)
_CLOCK = _built(sequence(_ENTRY), _paper_clock, lambda clock: clock)
_VERSIONS = sequence(fixed((_CLOCK, optional(BLOB)), lambda *fields: fields))

STATUSES = (JOINING, UP, LEAVING, GONE)


def check_change(change: Change) -> None:
    """Only what a ring can be made of and a node be reached at. Raises WireError."""
    if change.status not in STATUSES:
        raise WireError(f"a member cannot be {shown(change.status)}")
    if not is_name(change.node) or not is_text(change.node):
        raise WireError(f"no member is called {shown(change.node)}: 1 to {MAX_NAME} printable characters")
    if change.center and not (is_name(change.center) and is_text(change.center)):
        raise WireError(f"no data centre is called {shown(change.center)}: {MAX_NAME} printable characters")
    if change.tokens > MAX_TOKENS:
        raise WireError(f"{change.tokens} tokens; a member has at most {MAX_TOKENS}")
    if change.epoch >= EPOCHS:
        raise WireError("a change whose number is out of bounds")
    if change.address:
        try:
            address(change.address)
        except ValueError as error:
            raise WireError(f"a member's address: {error}") from None


def _check_once(once: Once) -> None:
    if max(once.number, once.settled) >= REQUESTS:
        raise WireError("a write whose number is out of bounds")


def _checked(codec: Codec, check: Callable[[Any], None]) -> Codec:
    """A codec that refuses what the check does, on the way in and on the way out."""

    def encode(value: Any, blobs: list[bytes]) -> Any:
        check(value)
        return codec.encode(value, blobs)

    def decode(value: Any, blobs: Blobs) -> Any:
        found = codec.decode(value, blobs)
        check(found)
        return found

    return Codec(encode, decode)


_CHANGE = _checked(codec_for(Change, {}), check_change)
_ONCE = _checked(codec_for(Once, {}), _check_once)

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
    return {Any: _MODES[mode][0], Context: context_codec(mode), Change: _CHANGE, Once: _ONCE}


def context_codec(mode: str) -> Codec:
    """A context, whose clock is one of this mode."""
    return codec_for(Context, {Any: _MODES[mode][1]})


def batch_codec(mode: str) -> Codec:
    """For the storage engines' batches; in a record a state may be absent (a hint delivered, a key gone)."""
    return codec_for(Batch, {**special(mode), Any: optional(_MODES[mode][0])})
