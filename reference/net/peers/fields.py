"""How typed values become a frame's bytes: JSON for the structure, the raw bytes of blobs behind it.

A `bytes` field is its length in the JSON and its bytes in the blob part, in the order of the fields: no
base64, and nothing that could run code. A codec is derived from the type annotations of the messages, so a
new message needs no line here. Decoding believes nothing: every type, size and count is checked.
"""

from __future__ import annotations

import json
import struct
import types
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from reference.bounds import COUNTERS, shown

MAX_TEXT = 4096
"""Characters of a key or a name."""
MAX_NATURAL = 2**128
_HEAD = struct.Struct(">BI")
VERSION = 1


class WireError(ValueError):
    """Bytes that are no valid frame, record or context of ours; the message says what is wrong."""


class Blobs:
    """The raw part of a frame, read from front to back."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes. Raises WireError if there are not so many."""
        end = self._at + size
        if end > len(self._data):
            raise WireError(f"a blob of {size} bytes where {len(self._data) - self._at} are left")
        blob = bytes(self._data[self._at : end])
        self._at = end
        return blob

    def end(self) -> None:
        """Raises WireError if bytes are left over."""
        if self._at != len(self._data):
            raise WireError(f"{len(self._data) - self._at} bytes that no field names")


class Codec(NamedTuple):
    """`encode(value, blobs)` gives JSON and appends blobs; `decode(json, blobs)` checks and reverses it."""

    encode: Callable[[Any, list[bytes]], Any]
    decode: Callable[[Any, Blobs], Any]


def pack(codec: Codec, value: Any) -> bytes:
    """Version, length of the JSON, JSON, blobs."""
    blobs: list[bytes] = []
    text = _dumps(codec.encode(value, blobs)).encode()
    return b"".join((_HEAD.pack(VERSION, len(text)), text, *blobs))


def unpack(codec: Codec, data: bytes | memoryview) -> Any:
    """What `pack` was given. Raises WireError on anything else."""
    view = memoryview(data)
    if len(view) < _HEAD.size:
        raise WireError(f"{len(view)} bytes are too few for a header")
    version, size = _HEAD.unpack_from(view)
    if version != VERSION:
        raise WireError(f"version {version}; this node speaks {VERSION}")
    if size > len(view) - _HEAD.size:
        raise WireError(f"{size} bytes of JSON where {len(view) - _HEAD.size} are left")
    end = _HEAD.size + size
    try:
        structure = json.loads(str(view[_HEAD.size : end], "utf-8"))
    except (ValueError, RecursionError) as error:
        raise WireError(f"no JSON: {error}") from None
    blobs = Blobs(view[end:])
    try:
        value = codec.decode(structure, blobs)
    except RecursionError:
        raise WireError("nested too deep") from None
    blobs.end()
    return value


_dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _plain(check: Callable[[Any], bool], expected: str) -> Codec:
    def checked(value: Any, _: object) -> Any:
        if not check(value):
            raise WireError(f"expected {expected}, got {shown(value)}")
        return value

    return Codec(checked, checked)  # what could not be read again is not written either


def is_text(value: Any) -> bool:
    """A bounded string without lone surrogates."""
    if type(value) is not str or len(value) > MAX_TEXT:
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def is_natural(value: Any) -> bool:
    """An integer of at most 128 bits (a hash); true and false are none."""
    return type(value) is int and 0 <= value < MAX_NATURAL


def is_counter(value: Any) -> bool:
    """A counter in a clock: at least 1, and bounded."""
    return type(value) is int and 0 < value < COUNTERS


def items(value: Any) -> list[Any]:
    """A JSON array, or WireError."""
    if type(value) is not list:
        raise WireError(f"expected a list, got {shown(value)}")
    return value


def _encode_blob(value: bytes, blobs: list[bytes]) -> int:
    blobs.append(value)
    return len(value)


def _decode_blob(value: Any, blobs: Blobs) -> bytes:
    if not is_natural(value):
        raise WireError(f"expected a blob's length, got {shown(value)}")
    return blobs.take(value)


def _decode_float(value: Any, _: Blobs) -> float:
    try:
        if type(value) in (int, float) and isfinite(value):
            return float(value)
    except OverflowError:
        pass
    raise WireError(f"expected a number, got {shown(value)}")


TEXT = _plain(is_text, f"text of at most {MAX_TEXT} characters")
NATURAL = _plain(is_natural, "an unsigned integer of 128 bits")
COUNTER = _plain(is_counter, "a counter between 1 and 2**63")
FLAG = _plain(lambda value: type(value) is bool, "true or false")
NUMBER = Codec(lambda value, _: value, _decode_float)
BLOB = Codec(_encode_blob, _decode_blob)
_SCALARS: dict[Any, Codec] = {str: TEXT, int: NATURAL, bool: FLAG, float: NUMBER, bytes: BLOB}


def optional(codec: Codec) -> Codec:
    """null, or what the codec says."""
    return Codec(
        lambda value, blobs: None if value is None else codec.encode(value, blobs),
        lambda value, blobs: None if value is None else codec.decode(value, blobs),
    )


def sequence(codec: Codec) -> Codec:
    """A tuple of any length."""
    encode, decode = codec
    return Codec(
        lambda values, blobs: [encode(value, blobs) for value in values],
        lambda values, blobs: tuple([decode(value, blobs) for value in items(values)]),
    )


def fixed(codecs: Iterable[Codec], make: Callable[..., Any]) -> Codec:
    """A tuple of exactly these fields; `make` is called with them."""
    fields = tuple(codecs)

    def decode(values: Any, blobs: Blobs) -> Any:
        if len(items(values)) != len(fields):
            raise WireError(f"{len(values)} fields where {len(fields)} are expected")
        return make(*[codec.decode(value, blobs) for codec, value in zip(fields, values, strict=True)])

    def encode(values: Any, blobs: list[bytes]) -> list[Any]:
        return [codec.encode(value, blobs) for codec, value in zip(fields, values, strict=True)]

    return Codec(encode, decode)


def tagged(kinds: Iterable[type], special: dict[Any, Codec]) -> Codec:
    """One of several records, each behind its name. Raises WireError on a name that is none of them."""
    by_name = {kind.__name__: codec_for(kind, special) for kind in kinds}

    def encode(value: Any, blobs: list[bytes]) -> list[Any]:
        name = type(value).__name__
        return [name, *by_name[name].encode(value, blobs)]

    def decode(value: Any, blobs: Blobs) -> Any:
        name = value[0] if items(value) else None
        codec = by_name.get(name) if type(name) is str else None
        if codec is None:
            raise WireError(f"unknown kind {shown(name)}")
        return codec.decode(value[1:], blobs)

    return Codec(encode, decode)


def codec_for(kind: Any, special: dict[Any, Codec]) -> Codec:
    """From a type annotation: scalars, tuples, optional values, named tuples and unions of them.

    `special` says what the types mean that differ from mode to mode. Raises TypeError on any other type.
    """
    known = special.get(kind) or _SCALARS.get(kind)
    if known is not None:
        return known
    arguments = get_args(kind)
    if get_origin(kind) is tuple and arguments:
        if arguments[-1] is Ellipsis:
            return sequence(codec_for(arguments[0], special))
        return fixed([codec_for(one, special) for one in arguments], lambda *values: values)
    if get_origin(kind) in (Union, types.UnionType):
        several = [one for one in arguments if one is not type(None)]
        inner = codec_for(several[0], special) if len(several) == 1 else tagged(several, special)
        return optional(inner) if type(None) in arguments else inner
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = get_type_hints(kind)
        return fixed([codec_for(hints[name], special) for name in kind._fields], kind)
    raise TypeError(f"no codec for {kind!r}: messages are made of numbers, text, bytes and tuples of them")
