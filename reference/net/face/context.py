"""The opaque context of the HTTP face (section 4.1): base64url of what a get saw, its key's hash, a checksum.

Clients carry it and cannot edit it by accident; a context of another key, of another mode or with one flipped
character is told apart from a good one.
"""

from __future__ import annotations

import base64
import hashlib
import zlib

from reference.config import MODES
from reference.net.peers.fields import Codec, WireError, pack, unpack
from reference.net.peers.states import context_codec
from reference.versions.siblings import Context

MAX_CONTEXT = 60_000
"""Characters of a header's value; common clients take no more."""
_MAX_CLOCK = 1_000_000
_VERSION = 1
_KEY_HASH, _CHECKSUM = 8, 4


class ContextError(ValueError):
    """A context that is not one of ours."""


class ForeignContext(ContextError):
    """A good context, of another key."""


class Contexts:
    """Contexts of one mode."""

    def __init__(self, mode: str) -> None:
        self._mode = MODES.index(mode)
        self._codec: Codec = context_codec(mode)

    def encode(self, context: Context) -> str:
        """Raises ContextError if the clock has grown too large for a header."""
        body = bytes((_VERSION, self._mode)) + _hash(context.key)
        body += zlib.compress(pack(self._codec, context._replace(key="")), 1)
        text = base64.urlsafe_b64encode(body + _checksum(body)).rstrip(b"=").decode()
        if len(text) > MAX_CONTEXT:
            raise ContextError(f"a context of {len(text)} characters; a header takes {MAX_CONTEXT}")
        return text

    def decode(self, text: str, key: str) -> Context:
        """Raises ContextError on what no get returned, ForeignContext on what one of another key did."""
        try:
            data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
        except ValueError:
            raise ContextError("it is not base64url") from None
        body, checksum = data[:-_CHECKSUM], data[-_CHECKSUM:]
        if len(body) < 2 + _KEY_HASH or _checksum(body) != checksum:
            raise ContextError("its checksum does not match: cut off or edited")
        if body[0] != _VERSION or body[1] != self._mode:
            raise ContextError("it was made by another version or mode of the node")
        if body[2 : 2 + _KEY_HASH] != _hash(key):
            raise ForeignContext("it belongs to another key")
        inflate = zlib.decompressobj()
        try:
            found: Context = unpack(self._codec, inflate.decompress(body[2 + _KEY_HASH :], _MAX_CLOCK))
        except (zlib.error, WireError) as error:
            raise ContextError(f"it cannot be read: {error}") from None
        return found._replace(key=key)


def _hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=_KEY_HASH).digest()


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM, person=b"dynamo-context").digest()
