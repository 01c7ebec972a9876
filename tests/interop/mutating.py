"""What accidents and other tools do to a history file: to its bytes, lines, fields and values."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_ODD = [
    b"nil",
    b"null",
    b"true",
    b"false",
    b"-1",
    b"1.5",
    b"1e400",
    b"0/0",
    b"##NaN",
    b'""',
    b'"x"',
    b":k",
    b"[]",
    b"[1]",
    b"[1 2]",
    b"[1, 2]",
    b"[[:r 1 2]]",
    b'[["r", 1, 2]]',
    b"{}",
    b"{:a 1}",
    b'{"a": 1}',
    b"#{1}",
    b"#_",
    b"#inst",
    b'#"[a"',
    b"\\a",
    b"9" * 30,
    b"9" * 400,
    b"9" * 5000,
    b"9223372036854775808",
    b"[" * 300,
    b"[" * 300 + b"]" * 300,
    b"{:a " * 150 + b"1" + b"}" * 150,
    b'{"a":' * 150 + b"1" + b"}" * 150,
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"\\ud800"',
    "²".encode(),
    b"\xef\xbb\xbf",
    b"\r",
    b"\x1b[2J",
    b'"' + b"\\" * 99,
    b" " * 2000,
    b":ok",
    b":info",
    b'"invoke"',
    b":txn",
    b":read",
    b'"add"',
    b":cas",
    b":process",
    b":final? true",
    b":key 1",
    b'"key": [1],',
]
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[^\s,:{}\[\]()"]+|:[^\s,{}\[\]()"]+|[{}\[\]()]')


def mutated(data: bytes, rng: random.Random) -> bytes:
    """`data` with one to four things wrong with it."""
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_WAYS)(data, rng)
    return data


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randint(0, len(data))]


def _lines(
    change: Callable[[list[bytes], int, random.Random], None],
) -> Callable[[bytes, random.Random], bytes]:
    def way(data: bytes, rng: random.Random) -> bytes:
        lines = data.split(b"\n")
        change(lines, rng.randrange(len(lines)), rng)
        return b"\n".join(lines)

    return way


def _drop(lines: list[bytes], at: int, rng: random.Random) -> None:
    del lines[at : at + rng.randint(1, 3)]


def _repeat(lines: list[bytes], at: int, rng: random.Random) -> None:
    lines.insert(rng.randint(0, len(lines)), lines[at])


def _swap(lines: list[bytes], at: int, rng: random.Random) -> None:
    other = rng.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _shorten(lines: list[bytes], at: int, rng: random.Random) -> None:
    lines[at] = lines[at][: rng.randint(0, len(lines[at]))]


def _replace(data: bytes, rng: random.Random) -> bytes:
    """One token becomes another of the file, something odd, or nothing."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    token = rng.choice(tokens)
    new = rng.choice([rng.choice(_ODD), rng.choice(_ODD), rng.choice(tokens)[0], b""])
    return data[: token.start()] + new + data[token.end() :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.choice(_ODD) + data[at:]


_WAYS: list[Callable[[bytes, random.Random], bytes]] = [
    _flip, _cut, _lines(_drop), _lines(_repeat), _lines(_swap), _lines(_shorten),
    _replace, _replace, _replace, _replace, _insert,
]  # fmt: skip
