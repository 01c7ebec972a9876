"""The arrays inside a `.npz`, read without trusting what it says of itself.

An archive may claim any size, any type of number, or a pickle. So: plain stored members with known names, no
larger than the file; one row of numbers each, of exactly the type that is wanted, as many as are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

_MOST_HEADER = 1000
"""Characters of one array's header: ours have about a hundred."""


def arrays(content: bytes, wanted: Mapping[str, DTypeLike]) -> dict[str, NDArray[Any]]:
    """The arrays of an archive, by name, each of the type that is wanted.

    Raises ValueError, saying what is wrong. Takes no more memory than the file itself has bytes.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if members.keys() != wanted.keys():
                odd = sorted(members.keys() ^ wanted.keys())[0]
                raise ValueError(f"array {odd[:40]!r} is {'missing' if odd in wanted else 'unknown'}")
            return {name: _array(archive, members[name], name, kind) for name, kind in wanted.items()}
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(" ".join(str(error).split())[:200] or "a broken archive") from None


def _array(archive: ZipFile, info: ZipInfo, name: str, kind: DTypeLike) -> NDArray[Any]:
    if info.compress_type != ZIP_STORED or info.file_size != info.compress_size:
        raise ValueError(f"array `{name}` is compressed, or says a wrong size")
    raw = archive.read(info)  # its checksum is compared here
    file = BytesIO(raw)
    try:
        version = npy.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"its version is {version}")
        shape, fortran, found = npy.read_array_header_1_0(file, max_header_size=_MOST_HEADER)
    except Exception as error:  # numpy evaluates the header: whatever that may raise, it is no header
        raise ValueError(f"array `{name}` has no header that can be read ({type(error).__name__})") from None
    dtype = np.dtype(kind)
    if found != dtype or len(shape) != 1 or fortran:
        raise ValueError(f"array `{name}` is {found}{list(shape)}: expected one row of {dtype}")
    start = file.tell()
    if shape[0] * dtype.itemsize != len(raw) - start:
        raise ValueError(f"array `{name}` says {shape[0]} numbers, and holds {len(raw) - start} bytes")
    return np.frombuffer(raw, dtype, offset=start).copy()  # compiled loops want arrays that may be written
