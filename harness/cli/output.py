"""How commands speak: plain lines on stdout, one line of complaint on stderr, JSON where asked.

The one door to the terminal: what comes from histories, plans and stores may hold anything. Characters which
would move the cursor, clear the screen or turn the reading order round are shown, never sent.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console

from harness.report.terminal.card import Line, table

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)
"""C0, DEL and C1; what is invisible or turns the reading order; line separators; halves of a pair."""


def visible(text: str) -> str:
    """One line of text; what a terminal would obey or hide is written out (`\\x1b`, `\\u202e`)."""
    return _UNSEEN.sub(_written, text)


def _written(match: re.Match[str]) -> str:
    number = ord(match[0])
    if match[0] in "\t\n\r":
        return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}[match[0]]
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


class PlainConsole(Console):
    """A console that shows what it is given, line by line, and obeys nothing in it."""

    def print(self, *objects: Any, **how: Any) -> None:
        """As `Console.print`; text is made visible first."""
        shown = ["\n".join(map(visible, one.split("\n"))) if isinstance(one, str) else one for one in objects]
        super().print(*shown, **how)


def console() -> Console:
    """Standard output; colours only on a terminal, and only if NO_COLOR does not forbid them."""
    return PlainConsole(highlight=False, markup=False, soft_wrap=True)


def complain(message: str) -> None:
    """One line on standard error."""
    print(f"schism: {visible(' '.join(message.split()))}", file=sys.stderr)


def print_json(value: Any) -> None:
    """One JSON value on one line of standard output, in characters that every terminal only shows."""
    text = msgspec.json.encode(value).decode()
    print(_UNSEEN.sub(lambda match: _escaped(ord(match[0])), text), flush=True)


def _escaped(number: int) -> str:
    if number < 0x10000:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns."""
    print_lines(table([[visible(cell) for cell in row] for row in rows], indent=""))


def print_lines(lines: Iterable[str]) -> None:
    """Plain lines."""
    for line in lines:
        print(visible(line))


def print_styled(lines: Iterable[Line]) -> None:
    """Lines with a style each, never wrapped, with nothing in them read as markup."""
    out = console()
    for text, style in lines:
        out.print(visible(text), style=style or None, markup=False, highlight=False, soft_wrap=True)
